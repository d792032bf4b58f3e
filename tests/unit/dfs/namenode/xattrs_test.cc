// Extended attributes and ACLs, as the operations of the NameNode set and tell them.
#include "dfs/namenode/namespace/xattrs.h"

#include <gmock/gmock.h>

#include "dfs/namenode/namespace/acl.h"
#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using How = wire::SetXattrRequest::How;

class Attributed : public CoreFixture {
 protected:
  void SetUp() override {
    options.permissions = true;
    options.superuser = "hdfs";
    Start();
    As("hdfs");
    ASSERT_TRUE(Mkdir("/d").ok());
    ASSERT_TRUE(Acl("/d", wire::SetAclRequest::Change::MODIFY, {{AclScope::kAccess, AclType::kUser, "ann", 7}}).ok());
  }
  void Start() {
    Restart();
    for (const auto* user : {"ann", "eve"}) core->groups.Put(user, {"staff"});
  }
  void As(const std::string& user) { client.user = user; }

  Status Set(const std::string& path, const std::string& name, const std::string& value, How how = How::SET) {
    return Call(kSetXattr, SetXattr, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setPath(path);
      request.setName(name);
      request.setValue(DataOf(value));
      request.setHow(how);
    });
  }
  Result<std::vector<std::string>> Get(const std::string& path, const std::vector<std::string>& names = {},
                                       bool names_only = false) {
    capnp::MallocMessageBuilder reply;
    TUSK_TRY(Call(
        kGetXattrs, GetXattrs,
        [&](auto request) {
          request.setPath(path);
          request.initCaller().setUser(client.user);
          request.setNamesOnly(names_only);
          auto wanted = request.initNames(static_cast<unsigned>(names.size()));
          for (unsigned i = 0; i < names.size(); ++i) wanted.set(i, names[i]);
        },
        &reply));
    std::vector<std::string> shown;
    for (const auto xattr : reply.getRoot<wire::GetXattrsReply>().asReader().getXattrs()) {
      shown.push_back(std::string(xattr.getName().cStr()) + "=" + std::string(BytesOf(xattr.getValue())));
    }
    return shown;
  }
  Status Acl(const std::string& path, wire::SetAclRequest::Change change, const AclEntries& given) {
    return Call(kSetAcl, SetAcl, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setPath(path);
      request.setChange(change);
      auto entries = request.initEntries(static_cast<unsigned>(given.size()));
      for (unsigned i = 0; i < given.size(); ++i) {
        entries[i].setScope(static_cast<uint8_t>(given[i].scope));
        entries[i].setType(static_cast<uint8_t>(given[i].type));
        entries[i].setName(given[i].name);
        entries[i].setPermission(given[i].permission);
      }
    });
  }
  std::string AclOf(const std::string& path) {
    const auto found = FindPath(core->state->view(), path);
    std::string text;
    for (const AclEntry& entry : WholeAcl(found->inode.mode, DecodeAcl(found->inode.acl))) text += ToText(entry) + " ";
    return text;
  }
};

TEST(Xattrs, HaveTheseBytes) {
  EXPECT_EQ(EncodeXattrs({{"user.a", "1"}, {"user.b", ""}}), std::string("\x06user.a\x01"
                                                                         "1\x06user.b\x00",
                                                                         17));
}

TEST_F(Attributed, AttributesAreKeptByNameOverARestart) {
  As("ann");
  ASSERT_TRUE(Set("/d", "user.b", "2").ok());
  ASSERT_TRUE(Set("/d", "user.a", std::string("\0\xff", 2)).ok());
  ASSERT_TRUE(Set("/d", "user.b", "3").ok());
  Start();
  EXPECT_THAT(*Get("/d"), ElementsAre(std::string("user.a=\0\xff", 9), "user.b=3"));
  EXPECT_THAT(*Get("/d", {"user.b"}), ElementsAre("user.b=3"));
  EXPECT_THAT(*Get("/d", {}, true), ElementsAre("user.a=", "user.b="));
  ASSERT_TRUE(Set("/d", "user.a", "", How::REMOVE).ok());
  ASSERT_TRUE(Set("/d", "user.b", "", How::REMOVE).ok());
  EXPECT_THAT(*Get("/d"), IsEmpty());
}

TEST_F(Attributed, CreateWantsANewNameReplaceAnExistingOne) {
  EXPECT_EQ(Set("/d", "user.a", "1", How::REPLACE).code(), Code::kFailedPrecondition);
  ASSERT_TRUE(Set("/d", "user.a", "1", How::CREATE).ok());
  EXPECT_EQ(Set("/d", "user.a", "2", How::CREATE).code(), Code::kFailedPrecondition);
  ASSERT_TRUE(Set("/d", "user.a", "3", How::REPLACE).ok());
  EXPECT_THAT(*Get("/d"), ElementsAre("user.a=3"));
  EXPECT_EQ(Set("/d", "user.none", "", How::REMOVE).code(), Code::kFailedPrecondition);
  EXPECT_EQ(Get("/d", {"user.a", "user.none"}).status().code(), Code::kFailedPrecondition);
}

TEST_F(Attributed, ThoseOfTheSystemAreForTheSuperuser) {
  ASSERT_TRUE(Set("/d", "trusted.key", "secret").ok());
  ASSERT_TRUE(Set("/d", "user.a", "1").ok());
  As("ann");
  EXPECT_THAT(*Get("/d"), ElementsAre("user.a=1"));
  EXPECT_EQ(Get("/d", {"trusted.key"}).status().code(), Code::kPermissionDenied);
  EXPECT_EQ(Set("/d", "raw.x", "1").code(), Code::kPermissionDenied);
  As("eve");
  EXPECT_EQ(Set("/d", "user.a", "1").code(), Code::kPermissionDenied) << "the mask lets ann write, not eve";
}

TEST_F(Attributed, TheyHaveLimits) {
  for (size_t i = 0; i < kMostXattrs; ++i) ASSERT_TRUE(Set("/d", "user." + std::to_string(i), "").ok());
  EXPECT_THAT(Set("/d", "user.more", "").message(), HasSubstr("would exceed limit of 32"));
  EXPECT_EQ(Set("/d", "user.0", std::string(kMostXattrBytes - 6, 'x')).code(), Code::kOk);
  EXPECT_THAT(Set("/d", "user.0", std::string(kMostXattrBytes - 5, 'x')).message(), HasSubstr("The XAttr is too big"));
  EXPECT_EQ(Set("/d", "colour", "red").code(), Code::kInvalidArgument);
}

TEST_F(Attributed, TheyGoWithTheirFile) {
  ASSERT_TRUE(Mkdir("/d/e").ok());
  ASSERT_TRUE(Set("/d", "user.a", "1").ok());
  ASSERT_TRUE(Set("/d/e", "user.a", "1").ok());
  ASSERT_TRUE(DeletePath("/d", true).ok());
  size_t left = 0;
  core->state->view().Scan("X", {}, [&](std::string_view, std::string_view) { return ++left; });
  EXPECT_EQ(left, 0u);
}

TEST_F(Attributed, DefaultEntriesAreInheritedByFilesAndDirectories) {
  ASSERT_TRUE(Acl("/d", wire::SetAclRequest::Change::MODIFY, {{AclScope::kDefault, AclType::kUser, "eve", 6}}).ok());
  ASSERT_TRUE(Mkdir("/d/e/f").ok());
  EXPECT_THAT(AclOf("/d/e/f"), HasSubstr("user:eve:rw- ")) << "over as many new directories as there are";
  EXPECT_THAT(AclOf("/d/e/f"), HasSubstr("default:user:eve:rw- "));
  const auto file = CreateFile("/d/e/file", client, false);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(AclOf("/d/e/file"), HasSubstr("user:eve:rw- "));
  EXPECT_THAT(AclOf("/d/e/file"), ::testing::Not(HasSubstr("default:")));
}

TEST_F(Attributed, TheOwnerChangesAListAndNobodyElse) {
  As("ann");
  EXPECT_EQ(Acl("/d", wire::SetAclRequest::Change::REMOVE_ALL, {}).code(), Code::kPermissionDenied);
  EXPECT_EQ(Acl("/none", wire::SetAclRequest::Change::REMOVE_ALL, {}).code(), Code::kNotFound);
  As("hdfs");
  EXPECT_TRUE(Acl("/d", wire::SetAclRequest::Change::REMOVE_ALL, {}).ok());
  EXPECT_EQ(AclOf("/d"), "user::rwx group::r-x other::r-x ");
}

TEST_F(Attributed, ARenamedDirectoryKeepsBothAndNewNamesInItStillCount) {
  ASSERT_TRUE(Set("/d", "user.a", "1").ok());
  ASSERT_TRUE(RenamePath("/d", "/moved").ok());
  ASSERT_TRUE(Mkdir("/moved/x").ok());
  Start();
  EXPECT_THAT(*Get("/moved"), ElementsAre("user.a=1"));
  EXPECT_THAT(AclOf("/moved"), HasSubstr("user:ann:rwx"));
  EXPECT_EQ(StatPath("/moved")->children, 1u);
  EXPECT_TRUE(StatPath("/moved")->has_acl);
}

}  // namespace
}  // namespace tusk::dfs::namenode
