// Owners, groups and permission bits, as the operations of the NameNode go by them.
#include <gmock/gmock.h>

#include "dfs/protocol/convert.h"
#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Permissions : public CoreFixture {
 protected:
  void SetUp() override {
    options.permissions = true;
    options.superuser = "hdfs";
    Start();
  }
  // The machine's users: ann is of staff, bob of crew and staff, eve of nothing, adm of the supergroup.
  void Start() {
    Restart();
    core->groups.Put("ann", {"staff"});
    core->groups.Put("bob", {"crew", "staff"});
    core->groups.Put("eve", {});
    core->groups.Put("adm", {"supergroup"});
  }
  void As(const std::string& user) { client.user = user; }

  Status Chmod(const std::string& path, uint16_t mode) {
    return Call(kSetPermission, SetPermission, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setPath(path);
      request.setMode(mode);
    });
  }
  Status Chown(const std::string& path, const std::string& owner, const std::string& group) {
    return Call(kSetOwner, SetOwner, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setPath(path);
      request.setOwner(owner);
      request.setGroup(group);
    });
  }
  Status Access(const std::string& path, uint8_t access) {
    return Call(kCheckAccess, CheckPathAccess, [&](auto request) {
      request.initCaller().setUser(client.user);
      request.setPath(path);
      request.setAccess(access);
    });
  }
  Status Create(const std::string& path, bool overwrite = false) {
    TUSK_ASSIGN(const InodeId inode, CreateFile(path, client, overwrite));
    return CompleteFile(inode, client);
  }
  // Makes a directory of this owner, group and mode.
  void Give(const std::string& path, const std::string& owner, const std::string& group, uint16_t mode) {
    const std::string before = std::exchange(client.user, "hdfs");
    ASSERT_TRUE(Mkdir(path).ok());
    ASSERT_TRUE(Chown(path, owner, group).ok());
    ASSERT_TRUE(Chmod(path, mode).ok());
    client.user = before;
  }
};

constexpr auto kDenied = Code::kPermissionDenied;

TEST_F(Permissions, NewFilesGoWhereTheirMakerMayWrite) {
  Give("/ann", "ann", "staff", 0755);
  As("ann");
  EXPECT_TRUE(Mkdir("/ann/d").ok());
  EXPECT_TRUE(Create("/ann/f").ok());
  EXPECT_EQ(StatPath("/ann/f")->owner, "ann");
  EXPECT_EQ(StatPath("/ann/f")->group, "staff") << "a new file has the group of its directory";
  EXPECT_EQ(Mkdir("/other").code(), kDenied);
  EXPECT_EQ(Mkdir("/other/deep/down").code(), kDenied);
  As("bob");
  EXPECT_EQ(Mkdir("/ann/b").code(), kDenied);
  EXPECT_EQ(Create("/ann/b").code(), kDenied);
  EXPECT_TRUE(Mkdir("/ann/d").ok()) << "it is there already";
}

TEST_F(Permissions, TheRefusalNamesEverythingAsHdfsDoes) {
  Give("/ann", "ann", "staff", 0751);
  As("eve");
  EXPECT_EQ(Mkdir("/ann/x").message(), "Permission denied: user=eve, access=WRITE, inode=\"/ann\":ann:staff:drwxr-x--x");
  EXPECT_EQ(Names("/ann").status().message(),
            "Permission denied: user=eve, access=READ_EXECUTE, inode=\"/ann\":ann:staff:drwxr-x--x");
}

TEST_F(Permissions, OwnerGroupAndOthersEachGoByTheirOwnBits) {
  Give("/d", "ann", "crew", 0074);
  As("ann");  // the owner's bits count, though the group's would be wider
  EXPECT_EQ(Access("/d", kRead).code(), kDenied);
  As("bob");
  EXPECT_TRUE(Access("/d", kRead | kWrite | kExecute).ok());
  As("eve");
  EXPECT_TRUE(Access("/d", kRead).ok());
  EXPECT_EQ(Access("/d", kWrite).code(), kDenied);
  As("adm");
  EXPECT_TRUE(Access("/d", kRead | kWrite | kExecute).ok());
}

TEST_F(Permissions, ADirectoryWithoutXHidesWhatIsBelow) {
  Give("/d", "ann", "staff", 0744);
  Give("/d/e", "ann", "staff", 0777);
  As("eve");
  EXPECT_EQ(StatPath("/d/e").status().code(), kDenied);
  EXPECT_EQ(StatPath("/d/none").status().code(), kDenied) << "whether something is there is not told either";
  EXPECT_TRUE(StatPath("/d").ok());
  EXPECT_EQ(Mkdir("/d/e/f").code(), kDenied);
  EXPECT_EQ(RenamePath("/d/e", "/x").code(), kDenied);
}

TEST_F(Permissions, OverwritingAppendingAndSettingNeedWriteOnTheFile) {
  Give("/d", "ann", "staff", 0777);
  As("ann");
  ASSERT_TRUE(Create("/d/f").ok());  // 0644
  As("bob");
  EXPECT_EQ(Create("/d/f", true).code(), kDenied);
  EXPECT_EQ(Call(kAppend, Append,
                 [&](auto request) {
                   FillCaller(request.initCaller(), client);
                   request.setPath("/d/f");
                 })
                .code(),
            kDenied);
  EXPECT_EQ(Call(kTruncate, Truncate,
                 [&](auto request) {
                   FillCaller(request.initCaller(), client);
                   request.setPath("/d/f");
                 })
                .code(),
            kDenied);
  EXPECT_EQ(Call(kSetReplication, SetReplication,
                 [&](auto request) {
                   FillCaller(request.initCaller(), client);
                   request.setPath("/d/f");
                   request.setReplication(2);
                 })
                .code(),
            kDenied);
  EXPECT_EQ(Call(kSetTimes, SetTimes,
                 [&](auto request) {
                   FillCaller(request.initCaller(), client);
                   request.setPath("/d/f");
                   request.setModifiedMs(5);
                 })
                .code(),
            kDenied);
  EXPECT_EQ(Call(kRecoverLease, RecoverLease,
                 [&](auto request) {
                   FillCaller(request.initCaller(), client);
                   request.setPath("/d/f");
                 })
                .code(),
            kDenied);
  As("ann");
  EXPECT_TRUE(Create("/d/f", true).ok());
}

TEST_F(Permissions, LocationsAndTheirTokensAreForReaders) {
  AddNodes(3);
  Give("/d", "ann", "staff", 0777);
  As("ann");
  WriteFile("/d/f", {100});
  ASSERT_TRUE(Chmod("/d/f", 0600).ok());
  const auto locate = [&](capnp::MallocMessageBuilder* reply) {
    return Call(
        kLocations, Locations,
        [&](auto request) {
          request.initCaller().setUser(client.user);
          request.setPath("/d/f");
          request.setLength(100);
        },
        reply);
  };
  const auto listed_blocks = [&] {
    capnp::MallocMessageBuilder reply;
    EXPECT_TRUE(Call(
                    kList, List,
                    [&](auto request) {
                      request.initCaller().setUser(client.user);
                      request.setPath("/d");
                      request.setWithLocations(true);
                    },
                    &reply)
                    .ok());
    return reply.getRoot<wire::ListReply>().asReader().getEntries()[0].getBlocks().size();
  };
  capnp::MallocMessageBuilder mine, theirs;
  EXPECT_TRUE(locate(&mine).ok());
  EXPECT_EQ(listed_blocks(), 1u);
  As("eve");
  EXPECT_EQ(locate(&theirs).code(), kDenied);
  EXPECT_EQ(listed_blocks(), 0u);
}

TEST_F(Permissions, AStickyDirectoryGivesUpNamesOnlyToTheirOwners) {
  Give("/tmp", "hdfs", "supergroup", 01777);
  As("ann");
  ASSERT_TRUE(Create("/tmp/a").ok());
  ASSERT_TRUE(Mkdir("/tmp/d").ok());
  As("bob");
  EXPECT_THAT(DeletePath("/tmp/a").status().message(), HasSubstr("sticky"));
  EXPECT_EQ(RenamePath("/tmp/a", "/tmp/b").code(), kDenied);
  ASSERT_TRUE(Create("/tmp/mine").ok());
  EXPECT_EQ(RenamePath("/tmp/mine", "/tmp/a", true).code(), kDenied) << "it would replace a file of another";
  As("ann");
  EXPECT_TRUE(*DeletePath("/tmp/a"));
  As("adm");
  EXPECT_TRUE(*DeletePath("/tmp/d"));
}

TEST_F(Permissions, DeletingATreeNeedsEveryRightOfWhatIsNotEmpty) {
  Give("/d", "ann", "staff", 0777);
  Give("/d/t", "eve", "staff", 0777);
  Give("/d/t/closed", "ann", "staff", 0755);
  As("eve");
  EXPECT_TRUE(*DeletePath("/d/t/closed")) << "an empty directory needs no right of its own";
  Give("/d/t/closed", "ann", "staff", 0755);
  Give("/d/t/closed/inner", "ann", "staff", 0755);
  EXPECT_THAT(DeletePath("/d/t").status().message(), HasSubstr("inode=\"/d/t/closed\""));
  EXPECT_TRUE(StatPath("/d/t/closed/inner").ok());
  As("ann");
  EXPECT_TRUE(*DeletePath("/d/t"));
}

TEST_F(Permissions, OnlyTheOwnerChangesBitsAndOnlyTheSuperuserOwners) {
  Give("/d", "bob", "staff", 0777);
  As("ann");
  EXPECT_EQ(Chmod("/d", 0700).code(), kDenied);
  EXPECT_EQ(Chown("/d", "ann", "").code(), kDenied);
  As("bob");
  EXPECT_TRUE(Chmod("/d", 01700).ok());
  EXPECT_EQ(StatPath("/d")->mode, 01700);
  EXPECT_TRUE(Chown("/d", "", "crew").ok());
  EXPECT_THAT(Chown("/d", "", "wheel").message(), HasSubstr("does not belong to wheel"));
  EXPECT_TRUE(Chown("/d", "bob", "").ok()) << "that is who owns it";
  EXPECT_EQ(Chown("/d", "ann", "").code(), kDenied);
  As("adm");
  EXPECT_TRUE(Chown("/d", "ann", "wheel").ok());
  EXPECT_EQ(StatPath("/d")->owner, "ann");
  EXPECT_EQ(StatPath("/d")->group, "wheel");
  EXPECT_EQ(Chown("/d", "", "").code(), Code::kInvalidArgument);
  EXPECT_EQ(Chown("/d", "a:b", "").code(), Code::kInvalidArgument);
  EXPECT_EQ(Chmod("/none", 0700).code(), Code::kNotFound);
}

TEST_F(Permissions, AdministrationIsForTheSuperuser) {
  AddNodes(1);
  const auto enter = [&] {
    return Call(kSafeMode, SetSafeMode, [&](auto request) {
      request.initCaller().setUser(client.user);
      request.setAction(wire::SafeModeRequest::Action::ENTER);
    });
  };
  const auto order = [&] {
    return Call(kNodeAdmin, NodeAdmin, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setNode("node1");
    });
  };
  As("ann");
  EXPECT_THAT(enter().message(), HasSubstr("Superuser privilege is required to enter or leave safe mode"));
  EXPECT_EQ(order().code(), kDenied);
  EXPECT_FALSE(core->safe_mode.on());
  As("hdfs");
  EXPECT_NE(order().code(), kDenied);
  EXPECT_TRUE(enter().ok());
}

TEST_F(Permissions, ASummaryNeedsEveryDirectoryBelow) {
  Give("/d", "ann", "staff", 0755);
  Give("/d/open", "ann", "staff", 0755);
  Give("/d/closed", "ann", "staff", 0750);
  const auto summary = [&] {
    return Call(kContentSummary, ContentSummary, [&](auto request) {
      request.initCaller().setUser(client.user);
      request.setPath("/d");
    });
  };
  As("bob");  // of staff
  EXPECT_TRUE(summary().ok());
  As("eve");
  EXPECT_EQ(summary().message(), "Permission denied: user=eve, access=READ_EXECUTE, inode=\"/d/closed\":ann:staff:drwxr-x---");
}

TEST_F(Permissions, AnOperationThatWaitsKeepsTheGroupsItBeganWith) {
  Give("/crew", "hdfs", "crew", 0750);
  As("hdfs");
  for (int i = 0; i < 250; ++i) ASSERT_TRUE(Create("/crew/f" + std::to_string(i)).ok());  // more than are listed in one step
  capnp::MallocMessageBuilder request, reply;
  auto list = request.initRoot<wire::ListRequest>();
  list.initCaller().setUser("bob");
  list.setPath("/crew");
  list.setWithLocations(true);  // asks for rights at each file
  CallRun run;
  Spawn(List(*core, call, list.asReader(), reply.initRoot<wire::ListReply>()), &run);
  context.restart();
  ASSERT_GT(context.poll_one(), 0u);
  ASSERT_FALSE(run.done) << "it was to be under way";
  core->groups.Put("bob", {"others"});
  Poll();
  EXPECT_TRUE(run.done && run.status.ok()) << run.status;
  As("bob");
  EXPECT_EQ(Names("/crew").status().code(), kDenied) << "and the next one goes by the new ones";
}

TEST_F(Permissions, WhoseGroupsAreNotKnownYetAsksAgain) {
  std::string asked;
  core->groups.OnMissing([&](const std::string& user) { asked = user; });
  As("new");
  EXPECT_EQ(StatPath("/").status().code(), Code::kUnavailable);
  EXPECT_EQ(asked, "new");
  core->groups.Put("new", {"staff"});
  EXPECT_TRUE(StatPath("/").ok());
}

TEST_F(Permissions, AReplayOfTheLogJudgesAsItWasJudged) {
  Give("/crew", "hdfs", "crew", 0770);
  As("bob");
  ASSERT_TRUE(Create("/crew/f").ok());
  As("eve");
  ASSERT_EQ(Mkdir("/crew/e").code(), kDenied);
  Restart();  // from the log alone; the machine's groups are not asked
  client.user = "hdfs";
  EXPECT_THAT(*Names("/crew"), ElementsAre("f"));
  EXPECT_EQ(StatPath("/crew/f")->owner, "bob");
}

TEST_F(Permissions, WithoutThemNothingIsChecked) {
  options.permissions = false;
  Start();
  As("eve");
  EXPECT_TRUE(Mkdir("/x").ok());
  EXPECT_TRUE(Chown("/x", "ann", "staff").ok());
  EXPECT_TRUE(Create("/x/f").ok());
}

}  // namespace
}  // namespace tusk::dfs::namenode
