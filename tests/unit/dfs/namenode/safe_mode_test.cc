#include "dfs/namenode/blocks/safe_mode.h"

#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

TEST(SafeModeDecision, NeedsTheShareOfBlocks) {
  EXPECT_FALSE(DecideSafeMode({false, true, 0, 0, 0.999}).on);
  EXPECT_TRUE(DecideSafeMode({false, true, 1, 0, 0.999}).on);
  EXPECT_FALSE(DecideSafeMode({false, true, 1, 1, 0.999}).on);
  EXPECT_TRUE(DecideSafeMode({false, true, 1000, 998, 0.999}).on);
  EXPECT_FALSE(DecideSafeMode({false, true, 1000, 999, 0.999}).on);
  EXPECT_TRUE(DecideSafeMode({false, true, 1001, 999, 0.999}).on);  // rounds up
  EXPECT_FALSE(DecideSafeMode({false, true, 5, 0, 0}).on);
  EXPECT_FALSE(DecideSafeMode({false, false, 10, 0, 0.999}).on);  // left once, for good
  EXPECT_TRUE(DecideSafeMode({true, false, 0, 0, 0.999}).on);
}

class SafeModeOfCore : public CoreFixture {
 protected:
  bool Do(wire::SafeModeRequest::Action action) {
    capnp::MallocMessageBuilder reply;
    EXPECT_TRUE(Call(
                    kSafeMode, SetSafeMode, [&](auto request) { request.setAction(action); }, &reply)
                    .ok());
    return reply.getRoot<wire::SafeModeReply>().getOn();
  }
};

TEST_F(SafeModeOfCore, StartsOffWithoutBlocks) { EXPECT_TRUE(Mkdir("/a").ok()); }

TEST_F(SafeModeOfCore, RefusesMutationsUntilTheBlocksAreReportedThenLeavesByItself) {
  AddNodes(3);
  const auto blocks = WriteFile("/f", {10, 20});
  Restart();
  const Status refused = Mkdir("/a");
  EXPECT_EQ(refused.code(), Code::kSafeMode);
  EXPECT_NE(refused.message().find("0 of 2 blocks"), std::string::npos) << refused;
  EXPECT_EQ(CreateFile("/g", client).status().code(), Code::kSafeMode);
  EXPECT_EQ(DeletePath("/f").status().code(), Code::kSafeMode);
  EXPECT_TRUE(StatPath("/f").ok());
  JoinNode(NodeInfo(1, "/rack1"));
  ReportAll(1, {blocks[0]});
  EXPECT_EQ(Mkdir("/a").code(), Code::kSafeMode);
  JoinNode(NodeInfo(2, "/rack2"));
  ReportAll(2, {blocks[1]});
  EXPECT_TRUE(Mkdir("/a").ok());
}

TEST_F(SafeModeOfCore, SparesUnknownReplicasUntilItIsOver) {
  AddNodes(3);
  const auto blocks = WriteFile("/f", {10});
  Restart();
  JoinNode(NodeInfo(1, "/rack1"));
  const Block unknown{BlockId(999), Generation(1), 5};
  ReportAll(1, {unknown});
  EXPECT_TRUE(Beat(1).empty());
  JoinNode(NodeInfo(2, "/rack2"));
  ReportAll(2, blocks);
  const auto orders = Beat(1);
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(orders[0].kind, NodeCommand::Kind::kInvalidate);
  EXPECT_EQ(orders[0].blocks, std::vector<Block>{unknown});
}

TEST_F(SafeModeOfCore, ObeysTheOperator) {
  AddNodes(4);
  WriteFile("/f", {10});
  EXPECT_FALSE(Do(wire::SafeModeRequest::Action::GET));
  EXPECT_TRUE(Do(wire::SafeModeRequest::Action::ENTER));
  EXPECT_EQ(Mkdir("/a").code(), Code::kSafeMode);
  Advance(std::chrono::seconds(1));
  EXPECT_EQ(Mkdir("/a").code(), Code::kSafeMode);  // it does not leave by itself
  EXPECT_FALSE(Do(wire::SafeModeRequest::Action::LEAVE));
  EXPECT_TRUE(Mkdir("/a").ok());
  Restart();
  EXPECT_TRUE(Do(wire::SafeModeRequest::Action::GET));
  EXPECT_FALSE(Do(wire::SafeModeRequest::Action::LEAVE));
  EXPECT_TRUE(Mkdir("/b").ok());
}

}  // namespace
}  // namespace tusk::dfs::namenode
