// What the NameNode orders when nodes die, fall silent, become slow, are taken out of service, or are filled unevenly.
#include <gmock/gmock.h>

#include "dfs/protocol/convert.h"
#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class HealingTest : public CoreFixture {
 protected:
  using Action = wire::NodeAdminRequest::Action;
  Status Order(const std::string& node, Action action, int64_t until_ms = 0) {
    return Call(kNodeAdmin, NodeAdmin, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setNode(node);
      request.setAction(action);
      request.setUntilMs(until_ms);
    });
  }

  struct Seen {
    wire::ClusterReportReply::Node::Admin admin{};
    uint64_t blocking = 0;
    uint64_t blocking_bytes = 0;
    std::string blocked_by;
    bool slow = false;
  };
  Seen Report(uint64_t node) {
    capnp::MallocMessageBuilder reply;
    EXPECT_TRUE(Call(
                    kClusterReport, ClusterReport, [](auto) {}, &reply)
                    .ok());
    for (const auto seen : reply.getRoot<wire::ClusterReportReply>().asReader().getNodes()) {
      if (seen.getNode().getId() != node) continue;
      return {seen.getAdmin(), seen.getBlocking(), seen.getBlockingBytes(), seen.getBlockedBy().cStr(), seen.getSlow()};
    }
    ADD_FAILURE() << "node " << node << " is not in the report";
    return {};
  }

  // Carries out what the NameNode has ordered, as DataNodes would, and answers how many orders there were.
  size_t Obey(const std::vector<uint64_t>& nodes) {
    size_t orders = 0;
    for (const uint64_t node : nodes) {
      for (const NodeCommand& order : Beat(node)) {
        if (order.kind == NodeCommand::Kind::kTransfer) {
          ++orders;
          for (const DataNodeInfo& target : order.targets) Received(target.id.value(), order.block);
        } else if (order.kind == NodeCommand::Kind::kInvalidate) {
          orders += order.blocks.size();
          for (const Block& block : order.blocks) Event(node, BlockEventKind::kDeleted, block);
        }
      }
    }
    return orders;
  }
  void Settle(const std::vector<uint64_t>& nodes) {
    for (int i = 0; i < 30; ++i) {
      Advance(std::chrono::milliseconds(500));
      Obey(nodes);
    }
  }
  void Figures(uint64_t node, uint64_t used, uint64_t remaining) {
    core->blocks.Heartbeat(DataNodeId(node), {used + remaining, used, remaining, 1, 0});
  }
  std::vector<uint64_t> Located(const std::string& path) {
    std::vector<uint64_t> nodes;
    const LocatedBlock located = BlocksOf(path).at(0);
    for (const DataNodeInfo& node : located.locations) nodes.push_back(node.id.value());
    return nodes;
  }
};

TEST_F(HealingTest, ASilentNodeGetsNoBlockAndIsReadLastWithinThreeHeartbeats) {
  AddNodes(4);
  WriteFile("/before", {100}, 4);
  beating = {1, 2, 3};
  Advance(std::chrono::milliseconds(3500));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Located("/before").back(), 4u);
    const std::string path = "/after" + std::to_string(i);
    WriteFile(path, {100}, 4);
    EXPECT_EQ(Holders(path), (std::vector<uint64_t>{1, 2, 3}));
  }
}

TEST_F(HealingTest, WhenAllNodesAreSilentTheyAreWrittenToNevertheless) {
  AddNodes(3);
  beating = {};
  clock.Advance(std::chrono::seconds(4));
  WriteFile("/f", {100}, 3);
  EXPECT_EQ(Holders("/f").size(), 3u);
}

TEST_F(HealingTest, ARefusedBlockTellsHowManyNodesWereRefusedAndWhy) {
  AddNodes(5);
  beating = {1, 2, 3, 4};
  Advance(std::chrono::seconds(12));
  ASSERT_TRUE(Order("node1", Action::DECOMMISSION).ok());
  Figures(2, 100, 10);
  Figures(3, 100, 10);
  const auto inode = CreateFile("/f", client);
  const auto block = NextBlock(*inode, client, {}, {DataNodeId(4)});
  EXPECT_EQ(block.status().code(), Code::kNoSpace);
  EXPECT_THAT(
      block.status().message(),
      HasSubstr("cannot place a block of 1048576 bytes: of 5 DataNodes 1 is dead, 1 is in decommission or maintenance, 1 was "
                "excluded by the writer and 2 have no room; 0 of the 1 needed can take it"));
}

TEST_F(HealingTest, ADeadNodesBlocksAreAllOrderedAtOnce) {
  AddNodes(4);
  std::vector<std::string> paths;
  for (int i = 0; i < 200; ++i) {
    paths.push_back("/f" + std::to_string(i));
    WriteFile(paths.back(), {1000});
  }
  beating = {1, 2, 3};
  Advance(std::chrono::seconds(12));
  Obey({1, 2, 3});
  for (const std::string& path : paths) {
    const auto holders = Holders(path);
    EXPECT_EQ(holders.size(), 3u) << path;
    EXPECT_THAT(holders, Not(Contains(4u)));
  }
}

TEST_F(HealingTest, DecommissionCopiesWhatTheNodeHoldsAndIsThenComplete) {
  AddNodes(5);
  WriteFile("/a", {1000, 2000}, 3);
  WriteFile("/b", {5000}, 3);
  const uint64_t leaving = Holders("/a").front();
  ASSERT_TRUE(Order("node" + std::to_string(leaving), Action::DECOMMISSION).ok());
  Tick();
  Seen seen = Report(leaving);
  EXPECT_EQ(seen.admin, wire::ClusterReportReply::Node::Admin::DECOMMISSIONING);
  EXPECT_GE(seen.blocking, 1u);
  EXPECT_GE(seen.blocking_bytes, 1000u);
  EXPECT_EQ(seen.blocked_by, "");
  Settle({1, 2, 3, 4, 5});
  seen = Report(leaving);
  EXPECT_EQ(seen.admin, wire::ClusterReportReply::Node::Admin::DECOMMISSIONED);
  EXPECT_EQ(seen.blocking, 0u);
  EXPECT_EQ(Located("/a").size(), 4u) << "the leaving node keeps its replica";
  EXPECT_EQ(Located("/a").back(), leaving) << "and is read last";
  for (int i = 0; i < 20; ++i) {
    const std::string path = "/later" + std::to_string(i);
    WriteFile(path, {100}, 4);
    EXPECT_THAT(Holders(path), Not(Contains(leaving)));
  }
}

TEST_F(HealingTest, ADecommissionOutlivesTheNameNode) {
  AddNodes(4);
  ASSERT_TRUE(Order("node2", Action::DECOMMISSION).ok());
  for (const bool keep_state : {true, false}) {
    beating = {};
    Restart(keep_state);
    AddNodes(4);
    Tick();
    EXPECT_NE(Report(2).admin, wire::ClusterReportReply::Node::Admin::IN_SERVICE);
    EXPECT_EQ(Report(1).admin, wire::ClusterReportReply::Node::Admin::IN_SERVICE);
  }
  ASSERT_TRUE(Order("10.0.0.2:9866", Action::RECOMMISSION).ok());
  EXPECT_EQ(Report(2).admin, wire::ClusterReportReply::Node::Admin::IN_SERVICE);
  beating = {};
  Restart();
  AddNodes(4);
  EXPECT_EQ(Report(2).admin, wire::ClusterReportReply::Node::Admin::IN_SERVICE);
}

TEST_F(HealingTest, ADecommissionThatCannotEndSaysWhy) {
  AddNodes(3);
  ASSERT_TRUE(Mkdir("/x").ok());
  WriteFile("/x/y", {1000}, 3);
  ASSERT_TRUE(Order("node3", Action::DECOMMISSION).ok());
  Settle({1, 2, 3});
  const Seen seen = Report(3);
  EXPECT_EQ(seen.admin, wire::ClusterReportReply::Node::Admin::DECOMMISSIONING);
  EXPECT_EQ(seen.blocking, 1u);
  EXPECT_EQ(seen.blocked_by, "1 block of /x/y needs 3 nodes; 2 are in service");
}

TEST_F(HealingTest, ABlockBeingWrittenOnANodeKeepsItsDecommissionOpen) {
  AddNodes(2);
  const auto inode = CreateFile("/f", client, false, 1);
  const auto block = NextBlock(*inode, client);
  const uint64_t node = block->locations.at(0).id.value();
  ASSERT_TRUE(Order("node" + std::to_string(node), Action::DECOMMISSION).ok());
  Settle({1, 2});
  EXPECT_EQ(Report(node).blocked_by, "1 block is being written on it: close the files");
  Block done = block->block;
  done.length = 10;
  Received(node, done);
  ASSERT_TRUE(CompleteFile(*inode, client, done).ok());
  Settle({1, 2});
  EXPECT_EQ(Report(node).admin, wire::ClusterReportReply::Node::Admin::DECOMMISSIONED);
}

TEST_F(HealingTest, RecommissionRemovesTheSurplus) {
  AddNodes(4);
  WriteFile("/a", {1000}, 3);
  const std::string node = "node" + std::to_string(Holders("/a").front());
  ASSERT_TRUE(Order(node, Action::DECOMMISSION).ok());
  Settle({1, 2, 3, 4});
  EXPECT_EQ(Holders("/a").size(), 4u);
  ASSERT_TRUE(Order(node, Action::RECOMMISSION).ok());
  Settle({1, 2, 3, 4});
  EXPECT_EQ(Holders("/a").size(), 3u);
}

TEST_F(HealingTest, ANodeInMaintenanceMayBeDownWithoutItsReplicasBeingCopied) {
  AddNodes(4);
  WriteFile("/a", {1000}, 3);
  const uint64_t down = Holders("/a").front();
  ASSERT_TRUE(Order("node" + std::to_string(down), Action::MAINTENANCE, clock.WallMillis() + 60'000).ok());
  Settle({1, 2, 3, 4});
  EXPECT_EQ(Report(down).admin, wire::ClusterReportReply::Node::Admin::IN_MAINTENANCE);
  std::erase(beating, down);
  Settle(beating);  // 15 s: it is dead
  EXPECT_EQ(Holders("/a").size(), 2u) << "nothing is copied, and the node that is down is not offered to readers";
  EXPECT_THAT(Holders("/a"), Not(Contains(down)));
  Advance(std::chrono::seconds(60));  // its time is over
  Settle(beating);
  EXPECT_EQ(Holders("/a").size(), 3u);
}

TEST_F(HealingTest, MaintenanceOfTheOnlyHolderWaitsForOneCopy) {
  AddNodes(3);
  WriteFile("/a", {1000}, 1);
  const uint64_t node = Holders("/a").front();
  ASSERT_TRUE(Order("node" + std::to_string(node), Action::MAINTENANCE).ok());
  Tick();
  EXPECT_EQ(Report(node).admin, wire::ClusterReportReply::Node::Admin::ENTERING_MAINTENANCE);
  EXPECT_EQ(Report(node).blocking, 1u);
  Settle({1, 2, 3});
  EXPECT_EQ(Report(node).admin, wire::ClusterReportReply::Node::Admin::IN_MAINTENANCE);
  EXPECT_EQ(Holders("/a").size(), 2u);
}

TEST_F(HealingTest, AnOrderForAnUnknownNodeNamesTheNodesThereAre) {
  AddNodes(2);
  const Status refused = Order("node7", Action::DECOMMISSION);
  EXPECT_EQ(refused.code(), Code::kNotFound);
  EXPECT_EQ(refused.message(), "cannot find DataNode node7: the nodes are node1, node2");
  EXPECT_EQ(Order("node1", Action::MAINTENANCE, 5).code(), Code::kInvalidArgument) << "a time that has passed";
}

TEST_F(HealingTest, ASlowNodeIsReadLastAndNotWrittenToWhileOthersSuffice) {
  AddNodes(4);
  WriteFile("/before", {100}, 4);
  const auto window = [&](uint32_t micros) {
    for (const uint64_t seen : {1, 2, 3, 4}) {
      for (int i = 0; i < 3; ++i) core->blocks.PeerView(DataNodeId(seen), 50, seen == 4 ? micros : 1'000);
    }
    Advance(std::chrono::seconds(3));
  };
  window(1'000);
  window(300'000);
  EXPECT_FALSE(Report(4).slow);
  window(300'000);
  EXPECT_TRUE(Report(4).slow);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Located("/before").back(), 4u);
    const std::string path = "/after" + std::to_string(i);
    WriteFile(path, {100}, 2);
    EXPECT_THAT(Holders(path), Not(Contains(4u)));
  }
  WriteFile("/wide", {100}, 4);
  EXPECT_EQ(Holders("/wide").size(), 4u) << "durability goes before speed";
  window(1'000);
  EXPECT_FALSE(Report(4).slow);
}

TEST_F(HealingTest, ReplicasMoveFromAFullNodeToAnEmptyOne) {
  options.block_size = 8 << 20;
  Restart();
  AddNodes(2, 1);
  std::vector<std::string> paths;
  for (int i = 0; i < 8; ++i) {
    paths.push_back("/f" + std::to_string(i));
    WriteFile(paths.back(), {5 << 20}, 2);
  }
  JoinNode(NodeInfo(3, "/rack1"));
  ReportAll(3, {});
  beating = {1, 2, 3};
  Figures(1, 60 << 20, 40 << 20);
  Figures(2, 20 << 20, 80 << 20);
  Figures(3, 0, 100 << 20);
  Advance(std::chrono::milliseconds(500));
  size_t copies = 0;
  for (const NodeCommand& order : Beat(1)) {
    if (order.kind != NodeCommand::Kind::kTransfer) continue;
    ++copies;
    ASSERT_EQ(order.targets.size(), 1u);
    EXPECT_EQ(order.targets[0].id, DataNodeId(3)) << "node 2 has these blocks";
    EXPECT_TRUE(order.move);
    EXPECT_EQ(order.bytes_per_second, options.blocks.balance_bandwidth);
    Received(3, order.block);
  }
  EXPECT_GE(copies, 2u);
  Advance(std::chrono::milliseconds(500));
  size_t removed = 0;
  for (const uint64_t node : {1, 2, 3}) {
    for (const NodeCommand& order : Beat(node)) {
      if (order.kind != NodeCommand::Kind::kInvalidate) continue;
      EXPECT_EQ(node, 1u) << "the replica is deleted where it came from";
      removed += order.blocks.size();
    }
  }
  EXPECT_EQ(removed, copies);
  EXPECT_EQ(core->blocks.balancer().moved(), copies);
  for (const std::string& path : paths) EXPECT_EQ(Holders(path).size(), 2u);
}

TEST_F(HealingTest, TheBalancerCanBePausedAndTold) {
  options.block_size = 8 << 20;
  Restart();
  AddNodes(2, 1);
  const auto control = [&](wire::BalancerRequest::Action action, double threshold, capnp::MallocMessageBuilder* reply) {
    return Call(
        kBalancer, ControlBalancer,
        [&](auto request) {
          request.setAction(action);
          request.setThreshold(threshold);
        },
        reply);
  };
  capnp::MallocMessageBuilder paused;
  ASSERT_TRUE(control(wire::BalancerRequest::Action::PAUSE, 5, &paused).ok());
  EXPECT_FALSE(paused.getRoot<wire::BalancerReply>().getRunning());
  EXPECT_EQ(paused.getRoot<wire::BalancerReply>().getThreshold(), 5);
  WriteFile("/f", {5 << 20}, 1);
  const uint64_t holder = Holders("/f").front();
  Figures(holder, 90 << 20, 10 << 20);
  Advance(std::chrono::seconds(2));
  for (const NodeCommand& order : Beat(holder)) EXPECT_NE(order.kind, NodeCommand::Kind::kTransfer);
  Figures(holder, 90 << 20, 10 << 20);
  capnp::MallocMessageBuilder status;
  ASSERT_TRUE(control(wire::BalancerRequest::Action::START, 0, &status).ok());
  EXPECT_TRUE(status.getRoot<wire::BalancerReply>().getRunning());
  EXPECT_GT(status.getRoot<wire::BalancerReply>().getRemainingBytes(), 0u);
  Advance(std::chrono::milliseconds(500));
  EXPECT_EQ(core->blocks.balancer().moves.size(), 1u);
  EXPECT_EQ(control(wire::BalancerRequest::Action::START, 101, nullptr).code(), Code::kInvalidArgument);
}

// A DataNode that asks whether there are orders for it.
struct Asking {
  explicit Asking(uint64_t seen) { message.initRoot<wire::AwaitOrdersRequest>().setSeen(seen); }
  wire::AwaitOrdersRequest::Builder request() { return message.getRoot<wire::AwaitOrdersRequest>(); }
  uint64_t given() { return reply.getRoot<wire::AwaitOrdersReply>().getGiven(); }
  capnp::MallocMessageBuilder message, reply;
  CallRun run;
};

TEST_F(HealingTest, ANodeThatWaitsForOrdersHearsOfThemAtOnce) {
  AddNodes(4);
  WriteFile("/f", {100});
  const std::vector<uint64_t> holders = Holders("/f");
  ASSERT_EQ(holders.size(), 3u);
  beating = {1, 2, 3, 4};
  std::erase(beating, holders[0]);
  const auto await = [&](uint64_t node, Asking* asking) {
    asking->request().setNode(node);
    Spawn(AwaitOrders(*core, call, asking->request().asReader(), asking->reply.initRoot<wire::AwaitOrdersReply>()), &asking->run);
    Poll();
  };
  Asking none(0);
  await(holders[1], &none);
  EXPECT_FALSE(none.run.done);
  Advance(std::chrono::seconds(6));
  ASSERT_TRUE(none.run.done);  // it asks again
  EXPECT_TRUE(none.run.status.ok()) << none.run.status;
  EXPECT_EQ(none.given(), 0u);

  // The first holder dies: one of the others is ordered to copy its replica, and that one hears of it in the same tick.
  std::vector<std::unique_ptr<Asking>> asking;
  const auto heard = [&] {
    size_t count = 0;
    for (const auto& one : asking) count += one->run.done && one->given() > 0 ? 1 : 0;
    return count;
  };
  for (int i = 0; i < 60 && heard() == 0; ++i) {
    for (const uint64_t node : {holders[1], holders[2]}) {
      asking.push_back(std::make_unique<Asking>(0));
      await(node, asking.back().get());
    }
    Advance(std::chrono::milliseconds(500));
  }
  ASSERT_GT(heard(), 0u);
  const auto copies = [&](uint64_t node) {
    const auto orders = Beat(node);
    return std::ranges::count_if(orders, [](const NodeCommand& order) { return order.kind == NodeCommand::Kind::kTransfer; });
  };
  EXPECT_EQ(copies(holders[1]) + copies(holders[2]), 1);
  core->Stop();
  Poll();  // what still waits ends before what it answers to
}

TEST_F(HealingTest, ANodeIsToldOfOrdersOnlyOnce) {
  AddNodes(1);
  core->blocks.Order(DataNodeId(1), NodeCommand{.kind = NodeCommand::Kind::kCheck});
  Asking first(0);
  first.request().setNode(1);
  Spawn(AwaitOrders(*core, call, first.request().asReader(), first.reply.initRoot<wire::AwaitOrdersReply>()), &first.run);
  Poll();
  ASSERT_TRUE(first.run.done);
  EXPECT_EQ(first.given(), 1u);
  Asking again(first.given());
  again.request().setNode(1);
  Spawn(AwaitOrders(*core, call, again.request().asReader(), again.reply.initRoot<wire::AwaitOrdersReply>()), &again.run);
  Poll();
  EXPECT_FALSE(again.run.done);
  core->Stop();  // it must not be asked again at once
  Poll();
  ASSERT_TRUE(again.run.done);
  EXPECT_EQ(again.run.status.code(), Code::kUnavailable);
}

}  // namespace
}  // namespace tusk::dfs::namenode
