// Quotas: what counts, who is refused, and that what is counted step by step is what a count of the tree gives.
#include "dfs/namenode/namespace/quota.h"

#include <gmock/gmock.h>

#include "common/base/random.h"
#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kBlock = 1024;

class Quotas : public CoreFixture {
 protected:
  void SetUp() override {
    options.block_size = kBlock;
    Restart();
    AddNodes(3);
    ASSERT_TRUE(Mkdir("/q").ok());
  }
  Status Limit(const std::string& path, int64_t names, int64_t space) {
    return Call(kSetQuota, SetQuota, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setPath(path);
      request.setNames(names);
      request.setSpace(space);
    });
  }
  Status SetReplicas(const std::string& path, uint16_t replication) {
    return Call(kSetReplication, SetReplication, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setPath(path);
      request.setReplication(replication);
    });
  }
  Status ConcatTo(const std::string& target, const std::string& source) {
    return Call(kConcat, Concat, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setTarget(target);
      request.initSources(1).set(0, source);
    });
  }
  QuotaRecord Quota(const std::string& path) {
    const auto found = FindPath(core->state->view(), path);
    return FindQuota(core->state->view(), found->id).value_or(QuotaRecord{});
  }
  std::string Used(const std::string& path) {
    const QuotaRecord quota = Quota(path);
    return std::to_string(quota.names) + " names, " + std::to_string(quota.space) + " bytes";
  }
  // What a count of the tree gives must be what the record says.
  void ExpectCounted(const std::string& path) {
    const auto found = FindPath(core->state->view(), path);
    ASSERT_TRUE(found.ok());
    const auto quota = FindQuota(core->state->view(), found->id);
    if (!quota) return;
    const Usage counted = CountTree(core->state->view(), found->id, found->inode);
    EXPECT_EQ(quota->names, counted.names) << path;
    EXPECT_EQ(quota->space, counted.space) << path;
  }
};

TEST_F(Quotas, NamesBeyondTheLimitAreRefusedAsAWhole) {
  ASSERT_TRUE(Mkdir("/q/a").ok());
  ASSERT_TRUE(Limit("/q", 3, kKeepQuota).ok());
  EXPECT_EQ(Used("/q"), "2 names, 0 bytes") << "the directory itself is one";
  ASSERT_TRUE(WriteEmpty("/q/f").ok());
  const Status refused = Mkdir("/q/a/b/c");
  EXPECT_EQ(refused.code(), Code::kQuotaExceeded);
  EXPECT_THAT(refused.message(),
              HasSubstr("The NameSpace quota (directories and files) of directory /q is exceeded: quota=3 file count=5"));
  EXPECT_EQ(StatPath("/q/a/b").status().code(), Code::kNotFound) << "nothing of it was made";
  EXPECT_EQ(CreateFile("/q/g", client, false).status().code(), Code::kQuotaExceeded);
  ASSERT_TRUE(DeletePath("/q/f").ok());
  EXPECT_TRUE(Mkdir("/q/g").ok());
  EXPECT_EQ(Used("/q"), "3 names, 0 bytes");
}

TEST_F(Quotas, ABlockThatIsWrittenCountsInFullUntilItsLengthIsKnown) {
  ASSERT_TRUE(Limit("/q", kKeepQuota, 5 * kBlock).ok());
  const auto file = CreateFile("/q/f", client);
  ASSERT_TRUE(file.ok());
  auto block = NextBlock(*file, client);
  ASSERT_TRUE(block.ok()) << block.status();
  EXPECT_EQ(Used("/q"), "2 names, 3072 bytes");
  block->block.length = 100;
  for (const auto& node : block->locations) Received(node.id.value(), block->block);
  ASSERT_TRUE(CompleteFile(*file, client, block->block).ok());
  EXPECT_EQ(Used("/q"), "2 names, 300 bytes");
  WriteFile("/q/g", {kBlock});
  const auto more = CreateFile("/q/h", client);
  const Status refused = NextBlock(*more, client).status();
  EXPECT_EQ(refused.code(), Code::kQuotaExceeded);
  EXPECT_THAT(refused.message(), HasSubstr("The DiskSpace quota of /q is exceeded: quota = 5120 B = "));
  EXPECT_THAT(refused.message(), HasSubstr("but diskspace consumed = 6444 B = "));
  EXPECT_EQ(Used("/q"), "4 names, 3372 bytes");
}

TEST_F(Quotas, ABlockThatIsAppendedToOrCutCountsInFullAgain) {
  WriteFile("/q/f", {1000});
  WriteFile("/q/g", {1000});
  ASSERT_TRUE(Limit("/q", kNoQuota, 6100).ok());
  EXPECT_EQ(Used("/q"), "3 names, 6000 bytes");
  const auto append = [&](const std::string& path) {
    return Call(kAppend, Append, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setPath(path);
    });
  };
  ASSERT_TRUE(append("/q/f").ok());
  EXPECT_EQ(Used("/q"), "3 names, 6072 bytes");
  EXPECT_EQ(append("/q/g").code(), Code::kQuotaExceeded);
  ASSERT_TRUE(Limit("/q", kNoQuota, kNoQuota).ok());
  ASSERT_TRUE(Limit("/q", kNoQuota, 7000).ok());
  EXPECT_EQ(Used("/q"), "3 names, 6072 bytes") << "a count sees the open block in full too";
  ASSERT_TRUE(Call(kTruncate, Truncate, [&](auto request) {
                FillCaller(request.initCaller(), client);
                request.setPath("/q/g");
                request.setLength(400);
              }).ok());
  EXPECT_EQ(Used("/q"), "3 names, 6144 bytes");
  ExpectCounted("/q");
}

TEST_F(Quotas, MoreReplicasUseMoreSpace) {
  WriteFile("/q/f", {1000});
  ASSERT_TRUE(Limit("/q", kNoQuota, 4000).ok());
  EXPECT_EQ(Used("/q"), "2 names, 3000 bytes");
  EXPECT_EQ(SetReplicas("/q/f", 5).code(), Code::kQuotaExceeded);
  EXPECT_EQ(StatPath("/q/f")->replication, 3);
  ASSERT_TRUE(SetReplicas("/q/f", 4).ok());
  EXPECT_EQ(Used("/q"), "2 names, 4000 bytes");
  ASSERT_TRUE(SetReplicas("/q/f", 1).ok());
  EXPECT_EQ(Used("/q"), "2 names, 1000 bytes");
}

TEST_F(Quotas, WhatMovesWithinAQuotaCostsNothing) {
  ASSERT_TRUE(Mkdir("/q/a").ok());
  ASSERT_TRUE(Mkdir("/q/b").ok());
  WriteFile("/q/a/f", {500});
  ASSERT_TRUE(Limit("/q", 4, 1500).ok());
  ASSERT_TRUE(RenamePath("/q/a/f", "/q/b/g").ok());
  ASSERT_TRUE(RenamePath("/q/a", "/q/b/a").ok());
  EXPECT_EQ(Used("/q"), "4 names, 1500 bytes");
}

TEST_F(Quotas, WhatMovesInOrOutIsCountedWithAllBelow) {
  ASSERT_TRUE(Mkdir("/out/d").ok());
  WriteFile("/out/d/f", {500, 700});
  ASSERT_TRUE(Limit("/q", 3, 3600).ok());
  EXPECT_EQ(RenamePath("/out", "/q/in").code(), Code::kQuotaExceeded);
  ASSERT_TRUE(RenamePath("/out/d", "/q/in").ok());
  EXPECT_EQ(Used("/q"), "3 names, 3600 bytes");
  ASSERT_TRUE(RenamePath("/q/in/f", "/out/f").ok());
  EXPECT_EQ(Used("/q"), "2 names, 0 bytes");
}

TEST_F(Quotas, OneBelowAnotherIsHeldToBoth) {
  ASSERT_TRUE(Mkdir("/q/inner").ok());
  ASSERT_TRUE(Limit("/q", 4, kNoQuota).ok());
  ASSERT_TRUE(Limit("/q/inner", 2, kNoQuota).ok());
  ASSERT_TRUE(Mkdir("/q/inner/a").ok());
  EXPECT_THAT(Mkdir("/q/inner/b").message(), HasSubstr("directory /q/inner is exceeded"));
  ASSERT_TRUE(Mkdir("/q/c").ok());
  EXPECT_THAT(Mkdir("/q/d").message(), HasSubstr("directory /q is exceeded"));
  ASSERT_TRUE(DeletePath("/q/inner", true).ok());
  EXPECT_EQ(Used("/q"), "2 names, 0 bytes");
  EXPECT_EQ(core->state->meta().quotas, 1u) << "the quota went with its directory";
}

TEST_F(Quotas, ALargeTreeThatWasDeletedIsChargedUntilItIsReclaimed) {
  ASSERT_TRUE(Limit("/q", 2000, kNoQuota).ok());
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(Mkdir("/q/d/" + std::to_string(i)).ok());
  ASSERT_TRUE(DeletePath("/q/d", true).ok());
  EXPECT_GT(Quota("/q").names, 1);
  Restart();
  int64_t before = Quota("/q").names;
  while (Reclaim()) {
    EXPECT_LT(Quota("/q").names, before);
    before = Quota("/q").names;
  }
  EXPECT_EQ(Used("/q"), "1 names, 0 bytes");
}

TEST_F(Quotas, GarbageOfAQuotaThatWasTakenAwayIsNotChargedToTheNextOne) {
  ASSERT_TRUE(Limit("/q", 2000, kNoQuota).ok());
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(Mkdir("/q/d/" + std::to_string(i)).ok());
  ASSERT_TRUE(DeletePath("/q/d", true).ok());
  ASSERT_TRUE(Limit("/q", kNoQuota, kNoQuota).ok());
  ASSERT_TRUE(Limit("/q", 5, kNoQuota).ok());
  EXPECT_EQ(Used("/q"), "1 names, 0 bytes");
  while (Reclaim()) EXPECT_EQ(Used("/q"), "1 names, 0 bytes");
  EXPECT_EQ(Used("/q"), "1 names, 0 bytes");
}

TEST_F(Quotas, AWriterInADeletedTreeIsChargedAsTheTreeIs) {
  ASSERT_TRUE(Limit("/q", 3000, kKeepQuota).ok());
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(Mkdir("/q/d/" + std::to_string(i)).ok());
  const auto ended = CreateFile("/q/d/z/ended", client), open = CreateFile("/q/d/z/open", client);
  ASSERT_TRUE(ended.ok() && open.ok());
  auto block = NextBlock(*ended, client);
  ASSERT_TRUE(block.ok());
  ASSERT_TRUE(DeletePath("/q/d", true).ok());
  ASSERT_TRUE(NextBlock(*open, client).ok());
  block->block.length = 10;
  for (const auto& node : block->locations) Received(node.id.value(), block->block);
  ASSERT_TRUE(CompleteFile(*ended, client, block->block).ok());
  EXPECT_EQ(Quota("/q").space, 3 * kBlock + 30);
  while (Reclaim()) {
  }
  EXPECT_EQ(Used("/q"), "1 names, 0 bytes");
}

TEST_F(Quotas, LimitsAreSetAndTakenAwayOneByOne) {
  ASSERT_TRUE(Limit("/q", 10, 100).ok());
  ASSERT_TRUE(Limit("/q", kKeepQuota, 200).ok());
  EXPECT_EQ(Quota("/q").names_limit, 10);
  EXPECT_EQ(Quota("/q").space_limit, 200);
  ASSERT_TRUE(Limit("/q", kNoQuota, kKeepQuota).ok());
  EXPECT_EQ(Quota("/q").names_limit, kNoQuota);
  ASSERT_TRUE(Limit("/q", kKeepQuota, kNoQuota).ok());
  EXPECT_FALSE(FindPath(core->state->view(), "/q")->inode.has_quota);
  EXPECT_EQ(core->state->meta().quotas, 0u);
  WriteFile("/q/f", {10});
  EXPECT_EQ(Limit("/q/f", 1, 1).code(), Code::kNotADirectory);
  EXPECT_EQ(Limit("/none", 1, 1).code(), Code::kNotFound);
  EXPECT_EQ(Limit("/q", 0, 1).code(), Code::kInvalidArgument);
  EXPECT_EQ(Limit("/q", 1, -2).code(), Code::kInvalidArgument);
}

TEST_F(Quotas, OnlyTheSuperuserSetsThem) {
  options.permissions = true;
  options.superuser = "hdfs";
  Restart(true);
  core->groups.Put("ann", {"staff"});
  client.user = "ann";
  EXPECT_EQ(Limit("/q", 1, 1).code(), Code::kPermissionDenied);
  client.user = "hdfs";
  EXPECT_TRUE(Limit("/q", 1, 1).ok());
}

TEST_F(Quotas, StepByStepIsWhatACountGives) {
  const uint64_t seed = 20261124;
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const std::vector<std::string> directories{"/q", "/q/a", "/q/a/b", "/q/c", "/o", "/o/p"};
  for (const auto& directory : directories) ASSERT_TRUE(Mkdir(directory).ok());
  const auto any = [&] { return directories[random.Below(directories.size())]; };
  const auto file = [&] { return any() + "/f" + std::to_string(random.Below(4)); };
  for (int step = 0; step < 2000; ++step) {
    const auto limit = [&]() -> int64_t {
      return random.Below(3) == 0 ? kNoQuota : static_cast<int64_t>(random.Below(20000)) + 10;
    };
    switch (random.Below(10)) {
      case 0: static_cast<void>(Limit(any(), limit(), limit())); break;
      case 1: static_cast<void>(RenamePath(file(), file(), true)); break;
      case 2: static_cast<void>(DeletePath(file())); break;
      case 3: static_cast<void>(SetReplicas(file(), static_cast<uint16_t>(1 + random.Below(4)))); break;
      case 4: static_cast<void>(ConcatTo(file(), file())); break;
      case 5: {  // stays under construction
        const auto open = CreateFile(file(), client, true);
        if (open.ok()) static_cast<void>(NextBlock(*open, client));
        break;
      }
      case 6: static_cast<void>(RenamePath("/q/c", "/o/p/c")); break;
      case 7: static_cast<void>(RenamePath("/o/p/c", "/q/c")); break;
      default: {
        const auto made = CreateFile(file(), client, true, 2);
        if (!made.ok()) break;
        auto block = NextBlock(*made, client);
        if (!block.ok()) break;
        block->block.length = 1 + random.Below(kBlock);
        for (const auto& node : block->locations) Received(node.id.value(), block->block);
        static_cast<void>(CompleteFile(*made, client, block->block));
      }
    }
    for (const std::string path : {"/q", "/q/a", "/q/a/b", "/o", "/o/p"}) ExpectCounted(path);
    if (HasFailure()) FAIL() << "at step " << step;
  }
}

}  // namespace
}  // namespace tusk::dfs::namenode
