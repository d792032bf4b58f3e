// DataNodes come, go, report, and the file system heals.
#include <set>

#include "dfs/protocol/convert.h"
#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

class Reports : public CoreFixture {
 protected:
  const BlockCounts& counts() { return core->blocks.blocks().counts(); }
  void Kill(uint64_t node) {
    std::erase(beating, node);
    Advance(std::chrono::milliseconds(10'500));
  }
  // Obeys the transfer orders of these nodes, as good DataNodes would. The number of copies.
  int Copy(const std::vector<uint64_t>& nodes) {
    int copies = 0;
    for (const uint64_t node : nodes) {
      for (const NodeCommand& order : Beat(node)) {
        if (order.kind == NodeCommand::Kind::kTransfer) {
          for (const DataNodeInfo& target : order.targets) {
            Received(target.id.value(), order.block);
            ++copies;
          }
        } else if (order.kind == NodeCommand::Kind::kInvalidate) {
          for (const Block& block : order.blocks) Event(node, BlockEventKind::kDeleted, block);
        }
      }
    }
    return copies;
  }
  uint64_t Outsider(const std::string& path) {
    const auto holders = Holders(path);
    for (uint64_t node = 1; node <= core->blocks.nodes().size(); ++node) {
      if (std::find(holders.begin(), holders.end(), node) == holders.end()) return node;
    }
    return 0;
  }
};

TEST_F(Reports, AskAnUnknownNodeOrAnotherInstanceToRegister) {
  auto orders = Beat(1);
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(orders[0].kind, NodeCommand::Kind::kRegister);
  AddNodes(1);
  EXPECT_TRUE(Beat(1).empty());
  orders = Beat(1, 2);
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(orders[0].kind, NodeCommand::Kind::kRegister);
}

TEST_F(Reports, RefuseANodeOfAnotherCluster) {
  const Status status = Call(kRegister, Register, [&](auto request) {
    request.initNode().setId(1);
    request.setClusterId(41);
  });
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
}

TEST_F(Reports, ADeadNodesReplicasAreCopiedFromTheOthers) {
  AddNodes(5);
  for (int i = 0; i < 10; ++i) WriteFile("/f" + std::to_string(i), {100});
  EXPECT_EQ(counts().under, 0u);
  Kill(1);
  const uint64_t lost = counts().under;
  EXPECT_GT(lost, 0u);
  EXPECT_EQ(counts().missing, 0u);
  int copies = 0;
  for (int round = 0; round < 30 && counts().under > 0; ++round) {
    copies += Copy({2, 3, 4, 5});
    Advance(std::chrono::milliseconds(500));
  }
  EXPECT_EQ(counts().under, 0u);
  EXPECT_EQ(static_cast<uint64_t>(copies), lost);
  EXPECT_EQ(core->blocks.PendingCopies(), 0u);
}

TEST_F(Reports, AReturnedNodesSurplusIsRemoved) {
  AddNodes(4);
  const Block block = WriteFile("/f", {100})[0];
  const uint64_t gone = Holders("/f")[0];
  Kill(gone);
  std::vector<uint64_t> rest = beating;
  for (int round = 0; round < 5; ++round) {
    Copy(rest);
    Advance(std::chrono::milliseconds(500));
  }
  ASSERT_EQ(Holders("/f").size(), 3u);
  EXPECT_EQ(Beat(gone)[0].kind, NodeCommand::Kind::kRegister);  // it was declared dead
  JoinNode(NodeInfo(gone, "/rack1"));
  beating.push_back(gone);
  ReportAll(gone, {block});
  EXPECT_EQ(counts().over, 1u);
  Advance(std::chrono::milliseconds(500));
  EXPECT_EQ(counts().over, 0u);
  EXPECT_EQ(Holders("/f").size(), 3u);
  EXPECT_EQ(core->blocks.PendingDeletions(), 1u);
  Copy(beating);
  EXPECT_EQ(core->blocks.PendingDeletions(), 0u);
}

TEST_F(Reports, NothingIsCopiedWhileNodesComeBackAfterARestart) {
  AddNodes(4);
  const Block block = WriteFile("/f", {100})[0];
  const auto holders = Holders("/f");
  Restart();
  beating.clear();
  JoinNode(NodeInfo(holders[0], "/rack1"));
  ReportAll(holders[0], {block});
  JoinNode(NodeInfo(Outsider("/f"), "/rack2"));
  EXPECT_FALSE(core->safe_mode.on());
  beating = {holders[0]};
  Advance(std::chrono::seconds(9));
  EXPECT_EQ(core->blocks.PendingCopies(), 0u);
}

TEST_F(Reports, ACorruptReplicaIsReplaced) {
  AddNodes(4);
  const Block block = WriteFile("/f", {100})[0];
  const uint64_t bad = Holders("/f")[1];
  ASSERT_TRUE(Call(kReportBadReplica, ReportBadReplica, [&](auto request) {
                request.setNode(bad);
                request.initBlock().setId(block.id.value());
              }).ok());
  EXPECT_EQ(core->blocks.blocks().CorruptReplicas(), 1u);
  EXPECT_EQ(Holders("/f").size(), 2u);
  ReportAll(bad, {block});  // a report does not make it good
  EXPECT_EQ(Holders("/f").size(), 2u);
  for (int round = 0; round < 6; ++round) {
    Advance(std::chrono::milliseconds(500));
    Copy(beating);
  }
  EXPECT_EQ(Holders("/f").size(), 3u);
  EXPECT_EQ(core->blocks.blocks().CorruptReplicas(), 0u);
  EXPECT_EQ(counts().under, 0u);
}

TEST_F(Reports, ACorruptReplicaOnTheOnlySpareNodeIsDeletedFirst) {
  AddNodes(3);
  const Block block = WriteFile("/f", {100})[0];
  Event(2, BlockEventKind::kCorrupt, block);
  for (int round = 0; round < 8; ++round) {
    Advance(std::chrono::milliseconds(500));
    Copy(beating);
  }
  EXPECT_EQ(Holders("/f"), (std::vector<uint64_t>{1, 2, 3}));
}

TEST_F(Reports, TheLastReplicaIsNeverDeletedEvenWhenCorrupt) {
  AddNodes(1);
  const Block block = WriteFile("/f", {100}, 1)[0];
  Event(1, BlockEventKind::kCorrupt, block);
  Advance(std::chrono::seconds(2));
  EXPECT_EQ(counts().missing, 1u);
  EXPECT_EQ(core->blocks.PendingDeletions(), 0u);
  const auto located = BlocksOf("/f");
  EXPECT_TRUE(located[0].corrupt);
  EXPECT_EQ(located[0].locations.size(), 1u);
}

TEST_F(Reports, UnknownAndStaleReplicasAreDeleted) {
  AddNodes(4);
  const Block block = WriteFile("/f", {100})[0];
  const uint64_t outsider = Outsider("/f");
  const Block unknown{BlockId(5), Generation(7), 1};
  const Block stale{block.id, Generation(block.generation.value() - 1), 100};
  Received(outsider, unknown);
  Received(outsider, stale);
  const auto orders = Beat(outsider);
  ASSERT_EQ(orders.size(), 2u);  // at once, with the reply to each event
  EXPECT_EQ(orders[0].blocks, std::vector<Block>{unknown});
  EXPECT_EQ(orders[1].blocks, std::vector<Block>{stale});
  EXPECT_EQ(Holders("/f").size(), 3u);
}

TEST_F(Reports, AStaleReplicaIsKeptWhileNoCurrentOneIsReadable) {
  AddNodes(4);
  const Block block = WriteFile("/f", {100})[0];
  const uint64_t outsider = Outsider("/f");
  const auto holders = Holders("/f");
  for (const uint64_t holder : holders) ReportAll(holder, {});
  ASSERT_EQ(counts().missing, 1u);
  const Block stale{block.id, Generation(block.generation.value() - 1), 90};
  ReportAll(outsider, {stale});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Beat(outsider).empty()) << "these may be the last bytes of the block";
    Advance(std::chrono::seconds(61));
  }
  ReportAll(holders[0], {block});
  const auto orders = Beat(outsider);
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(orders[0].blocks, std::vector<Block>{stale});
}

TEST_F(Reports, AStaleReplicaOutlivesTheLossOfTheCurrentOnesBeforeItsDeletionIsOrdered) {
  AddNodes(4);
  const Block block = WriteFile("/f", {100}, 1)[0];
  const uint64_t holder = Holders("/f")[0];
  const uint64_t outsider = Outsider("/f");
  std::erase(beating, holder);
  Advance(std::chrono::milliseconds(10'500));
  Received(outsider, {block.id, Generation(block.generation.value() - 1), 90});
  EXPECT_TRUE(Beat(outsider).empty());
}

TEST_F(Reports, ANewerGenerationIsNeitherCountedNorDeleted) {
  AddNodes(4);
  const Block block = WriteFile("/f", {100})[0];
  const uint64_t outsider = Outsider("/f");
  Received(outsider, {block.id, Generation(block.generation.value() + 1), 100});
  EXPECT_TRUE(Beat(outsider).empty());
  EXPECT_EQ(Holders("/f").size(), 3u);
}

TEST_F(Reports, AReplicaOfAnotherLengthIsCorrupt) {
  AddNodes(4);
  const Block block = WriteFile("/f", {100})[0];
  Received(Outsider("/f"), {block.id, block.generation, 99});
  EXPECT_EQ(core->blocks.blocks().CorruptReplicas(), 1u);
  EXPECT_EQ(Holders("/f").size(), 3u);
}

TEST_F(Reports, AReportTakesAwayWhatItDoesNotName) {
  AddNodes(4);
  WriteFile("/f", {100});
  const uint64_t holder = Holders("/f")[0];
  ReportAll(holder, {});
  EXPECT_EQ(Holders("/f").size(), 2u);
}

TEST_F(Reports, PagesReplaceNothingUntilTheLastAndMustFollowEachOther) {
  AddNodes(4);
  const auto blocks = WriteFile("/f", {100, 100});
  Advance(std::chrono::seconds(61));
  const DataNodeId node(Holders("/f")[0]);
  ASSERT_TRUE(core->blocks.ReportPage(node, {.report = 5, .page = 0, .last = false, .replicas = {blocks[0]}}).ok());
  EXPECT_EQ(Holders("/f").size(), 3u);
  EXPECT_TRUE(
      core->blocks.ReportPage(node, {.report = 5, .page = 0, .last = false, .replicas = {blocks[0]}}).ok());  // sent again
  EXPECT_EQ(core->blocks.ReportPage(node, {.report = 5, .page = 2, .replicas = {blocks[1]}}).code(), Code::kFailedPrecondition);
  const auto orders = Beat(node.value());
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(orders[0].kind, NodeCommand::Kind::kReportAll);
  ASSERT_TRUE(core->blocks.ReportPage(node, {.report = 6, .page = 0, .last = false, .replicas = {blocks[0]}}).ok());
  ASSERT_TRUE(core->blocks.ReportPage(node, {.report = 6, .page = 1}).ok());
  EXPECT_EQ(Holders("/f", 0).size(), 3u);
  EXPECT_LT(Holders("/f", 1).size(), 4u);
}

TEST_F(Reports, AReportIsAskedForUntilItHasCome) {
  AddNodes(1);
  ASSERT_FALSE(core->blocks.ReportPage(DataNodeId(1), {.report = 5, .page = 3}).ok());
  const auto asked = [&] {
    size_t orders = 0;
    for (const NodeCommand& order : Beat(1)) orders += order.kind == NodeCommand::Kind::kReportAll ? 1 : 0;
    return orders;
  };
  EXPECT_EQ(asked(), 1u);
  EXPECT_EQ(asked(), 0u) << "it may be on its way";
  Advance(std::chrono::seconds(61));
  EXPECT_EQ(asked(), 1u) << "the reply with the first order was lost";
  ReportAll(1, {});
  Advance(std::chrono::seconds(61));
  EXPECT_EQ(asked(), 0u);
}

TEST_F(Reports, ALostCopyIsPlannedAgain) {
  AddNodes(4);
  WriteFile("/f", {100});
  Kill(Holders("/f")[0]);
  for (const uint64_t node : beating) Beat(node);  // orders taken, and lost
  EXPECT_EQ(core->blocks.PendingCopies(), 1u);
  Advance(std::chrono::seconds(50));
  int orders = 0;
  for (const uint64_t node : beating) orders += static_cast<int>(Beat(node).size());
  EXPECT_EQ(orders, 0);
  Advance(std::chrono::seconds(11));
  EXPECT_EQ(Copy(beating), 1);
  EXPECT_EQ(counts().under, 0u);
}

TEST_F(Reports, ALostDeletionIsOrderedUntilTheNodeSaysThatItIsGone) {
  AddNodes(3);
  const Block block = WriteFile("/f", {100})[0];
  ASSERT_TRUE(*DeletePath("/f"));
  for (int round = 0; round < 6; ++round) {
    EXPECT_EQ(Beat(1).size(), 1u);
    Advance(std::chrono::seconds(61));
  }
  Event(1, BlockEventKind::kDeleted, block);
  Advance(std::chrono::seconds(61));
  EXPECT_TRUE(Beat(1).empty());
}

TEST_F(Reports, WhatANodeHasNotNamedItIsToldToDeleteThreeTimes) {
  AddNodes(3);
  const InodeId inode = *CreateFile("/f", client);
  ASSERT_TRUE(NextBlock(inode, client).ok());
  ASSERT_TRUE(*DeletePath("/f"));
  int orders = 0;
  for (int round = 0; round < 6; ++round) {
    orders += static_cast<int>(Beat(1).size());
    Advance(std::chrono::seconds(61));
  }
  EXPECT_EQ(orders, 3);
  EXPECT_EQ(core->blocks.PendingDeletions(), 2u) << "the others have not been asked";
}

TEST_F(Reports, ANameNodeThatWasStoppedDoesNotTakeSilenceForDeath) {
  AddNodes(3);
  WriteFile("/f", {100});
  clock.Advance(std::chrono::minutes(5));  // no tick, no heartbeat
  Tick();
  EXPECT_EQ(core->blocks.nodes().live(), 3u);
  beating.clear();
  Advance(std::chrono::milliseconds(9500));
  EXPECT_EQ(core->blocks.nodes().live(), 3u) << "they get the whole time to be heard again";
  Advance(std::chrono::seconds(1));
  EXPECT_EQ(core->blocks.nodes().live(), 0u);
}

TEST_F(Reports, ANodeThatWasSilentBeforeThePauseIsNotForgivenThatSilence) {
  AddNodes(3);
  beating = {1, 2};
  Advance(std::chrono::seconds(8));
  clock.Advance(std::chrono::minutes(5));
  Tick();
  EXPECT_EQ(core->blocks.nodes().live(), 3u);
  Advance(std::chrono::milliseconds(2500));
  EXPECT_EQ(core->blocks.nodes().live(), 2u);
}

TEST_F(Reports, ACopyThatFailedIsPlannedAgainAtOnceForAnotherNode) {
  AddNodes(5);
  WriteFile("/f", {100});
  Kill(Holders("/f")[0]);
  ASSERT_EQ(core->blocks.PendingCopies(), 1u);
  std::set<uint64_t> targets;
  for (int attempt = 0; attempt < 2; ++attempt) {
    uint64_t source = 0;
    Block block;
    for (const uint64_t node : std::vector<uint64_t>(beating)) {
      for (const NodeCommand& order : Beat(node)) {
        if (order.kind != NodeCommand::Kind::kTransfer) continue;
        source = node;
        block = order.block;
        EXPECT_TRUE(targets.insert(order.targets.at(0).id.value()).second) << "the copy to it has just failed";
      }
    }
    ASSERT_NE(source, 0u) << "attempt " << attempt;
    EXPECT_EQ(core->blocks.PendingCopies(), 1u);
    core->blocks.CopyFailed(DataNodeId(source % 5 + 1), block);
    EXPECT_EQ(core->blocks.PendingCopies(), 1u) << "the word of another node";
    ASSERT_TRUE(Call(kBlockEvents, BlockEvents, [&](auto request) {
                  request.setNode(source);
                  request.setInstance(1);
                  ToWire(block, request.initFailedCopies(1)[0]);
                }).ok());
    EXPECT_EQ(core->blocks.PendingCopies(), 0u);
    Advance(std::chrono::milliseconds(500));
  }
  EXPECT_EQ(core->blocks.PendingCopies(), 0u) << "all have failed a moment ago";
  Advance(std::chrono::seconds(61));
  EXPECT_EQ(core->blocks.PendingCopies(), 1u);
}

}  // namespace
}  // namespace tusk::dfs::namenode
