#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

class Leases : public CoreFixture {
 protected:
  Leases() { AddNodes(4); }
  TestClient other{8, 8, {}, 1, 0};
  void Renew(TestClient& who) {
    ASSERT_TRUE(Call(kRenewLease, RenewLease, [&](auto request) { FillCaller(request.initCaller(), who); }).ok());
  }
};

TEST_F(Leases, LastWhileTheirWriterIsHeardOf) {
  ASSERT_TRUE(CreateFile("/f", client).ok());
  for (int minute = 0; minute < 60; ++minute) {
    Renew(client);
    Advance(std::chrono::seconds(50));
  }
  EXPECT_TRUE(StatPath("/f")->under_construction);
  EXPECT_EQ(CreateFile("/f", other, true).status().code(), Code::kLeaseConflict);
}

TEST_F(Leases, AreTakenOverBeyondTheSoftLimit) {
  const InodeId inode = *CreateFile("/f", client);
  Advance(std::chrono::seconds(59));
  EXPECT_EQ(CreateFile("/f", other, true).status().code(), Code::kLeaseConflict);
  Advance(std::chrono::seconds(2));
  EXPECT_EQ(CreateFile("/f", other, false).status().code(), Code::kAlreadyExists);  // closed now, and kept
  EXPECT_FALSE(StatPath("/f")->under_construction);
  EXPECT_TRUE(CreateFile("/f", other, true).ok());
  EXPECT_EQ(CompleteFile(inode, client).code(), Code::kNotFound);
}

TEST_F(Leases, ExpiryOfAFileBetweenTwoBlocksClosesIt) {
  const InodeId inode = *CreateFile("/f", client);
  Block first = NextBlock(inode, client)->block;
  first.length = 100;
  for (uint64_t node = 1; node <= 3; ++node) Received(node, first);
  const auto second = NextBlock(inode, client, first);
  ASSERT_TRUE(second.ok());
  ASSERT_TRUE(Call(kAbandonBlock, AbandonBlock, [&](auto request) {
                FillCaller(request.initCaller(), client);
                request.setInode(inode.value());
                request.initBlock().setId(second->block.id.value());
              }).ok());
  Advance(std::chrono::seconds(1202));
  EXPECT_FALSE(StatPath("/f")->under_construction);
  EXPECT_EQ(StatPath("/f")->length, 100u);
  EXPECT_EQ(core->state->meta().blocks, 1u);
  EXPECT_EQ(core->leases.files(), 0u);
}

TEST_F(Leases, OutliveAPauseOfTheNameNode) {
  ASSERT_TRUE(CreateFile("/f", client).ok());
  ASSERT_TRUE(CreateFile("/g", client).ok());
  Advance(std::chrono::seconds(30));
  clock.Advance(std::chrono::hours(1));  // the process is stopped
  EXPECT_EQ(CreateFile("/f", other, true).status().code(), Code::kLeaseConflict) << "the first that runs again is a request";
  Tick();
  EXPECT_TRUE(StatPath("/g")->under_construction);
  Advance(std::chrono::seconds(29));
  EXPECT_EQ(CreateFile("/f", other, true).status().code(), Code::kLeaseConflict);
  Advance(std::chrono::seconds(2));
  EXPECT_EQ(CreateFile("/f", other, true).status().code(), Code::kOk) << "61 s without a word";
}

TEST_F(Leases, RefuseAWriterWithANameBeyondReason) {
  const auto create = [&](size_t user, size_t host) {
    return Call(kCreate, Create, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.getCaller().setUser(std::string(user, 'u'));
      request.getCaller().setHost(std::string(host, 'h'));
      request.setPath("/f");
      request.setOverwrite(true);
    });
  };
  EXPECT_TRUE(create(1024, 1024).ok());
  const Status refused = create(1025, 1);
  EXPECT_EQ(refused.code(), Code::kInvalidArgument);
  EXPECT_EQ(refused.message(),
            "the request names a user of 1025 bytes; at most 1024 are taken: set dfs.user and dfs.client_host of the client");
  EXPECT_EQ(create(1, 1025).code(), Code::kInvalidArgument);
}

TEST_F(Leases, CountAnewFromARestart) {
  ASSERT_TRUE(CreateFile("/f", client).ok());
  Advance(std::chrono::seconds(1000));
  Restart();
  EXPECT_EQ(core->leases.files(), 1u);
  Advance(std::chrono::seconds(1000));
  EXPECT_TRUE(StatPath("/f")->under_construction);
  Advance(std::chrono::seconds(202));
  EXPECT_FALSE(StatPath("/f")->under_construction);
}

}  // namespace
}  // namespace tusk::dfs::namenode
