// Append, truncate, concat, and how a file is taken from its writer: the NameNode's half.
#include <set>

#include "dfs/protocol/convert.h"
#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

class FileRecovery : public CoreFixture {
 protected:
  FileRecovery() { AddNodes(4); }

  struct Appended {
    InodeId inode;
    LocatedBlock last;
    Generation generation;
  };
  Result<Appended> AppendTo(const std::string& path, TestClient& from, bool repeat = false) {
    capnp::MallocMessageBuilder reply;
    const Status status = Call(
        kAppend, Append,
        [&](auto request) {
          FillCaller(request.initCaller(), from, repeat);
          request.setPath(path);
        },
        &reply);
    if (!status.ok()) return status;
    const auto read = reply.getRoot<wire::AppendReply>().asReader();
    return Appended{InodeId(read.getStatus().getInode()), FromWire(read.getLast()), Generation(read.getGeneration())};
  }
  Result<bool> TruncateTo(const std::string& path, uint64_t length, TestClient& from, bool repeat = false) {
    capnp::MallocMessageBuilder reply;
    const Status status = Call(
        kTruncate, Truncate,
        [&](auto request) {
          FillCaller(request.initCaller(), from, repeat);
          request.setPath(path);
          request.setLength(length);
        },
        &reply);
    if (!status.ok()) return status;
    return reply.getRoot<wire::TruncateReply>().getDone();
  }
  Status ConcatTo(const std::string& target, const std::vector<std::string>& sources, bool repeat = false) {
    return Call(kConcat, Concat, [&](auto request) {
      FillCaller(request.initCaller(), client, repeat);
      request.setTarget(target);
      auto list = request.initSources(static_cast<unsigned>(sources.size()));
      for (unsigned i = 0; i < sources.size(); ++i) list.set(i, sources[i]);
    });
  }
  Result<bool> TakeLease(const std::string& path, TestClient& from, bool repeat = false) {
    capnp::MallocMessageBuilder reply;
    const Status status = Call(
        kRecoverLease, RecoverLease,
        [&](auto request) {
          FillCaller(request.initCaller(), from, repeat);
          request.setPath(path);
        },
        &reply);
    if (!status.ok()) return status;
    return reply.getRoot<wire::RecoverLeaseReply>().getClosed();
  }
  Status UpdateTo(InodeId inode, TestClient& from, const Block& block, const std::vector<uint64_t>& nodes) {
    return Call(kUpdatePipeline, UpdatePipeline, [&](auto request) {
      FillCaller(request.initCaller(), from);
      request.setInode(inode.value());
      ToWire(block, request.initBlock());
      auto list = request.initNodes(static_cast<unsigned>(nodes.size()));
      for (unsigned i = 0; i < nodes.size(); ++i) list.set(i, nodes[i]);
    });
  }
  // The primary's word that the block is recovered.
  Status Commit(uint64_t primary, const Block& block, const std::vector<uint64_t>& nodes) {
    return Call(kCommitRecovery, CommitRecovery, [&](auto request) {
      request.setNode(primary);
      request.setInstance(1);
      ToWire(block, request.initBlock());
      auto list = request.initNodes(static_cast<unsigned>(nodes.size()));
      for (unsigned i = 0; i < nodes.size(); ++i) list.set(i, nodes[i]);
    });
  }
  struct Ordered {
    uint64_t primary = 0;
    NodeCommand command;
  };
  // The order to recover that was given to one of the nodes.
  std::optional<Ordered> TakeOrder() {
    std::optional<Ordered> found;
    for (uint64_t node = 1; node <= 4; ++node) {
      if (silent.contains(node)) continue;
      for (NodeCommand& command : Beat(node)) {
        if (command.kind != NodeCommand::Kind::kRecover) continue;
        EXPECT_FALSE(found) << "two nodes are told to recover the same block";
        found = Ordered{node, std::move(command)};
      }
    }
    return found;
  }
  static std::vector<uint64_t> Ids(const std::vector<DataNodeInfo>& nodes) {
    std::vector<uint64_t> ids;
    for (const DataNodeInfo& node : nodes) ids.push_back(node.id.value());
    return ids;
  }

  TestClient other{8, 8, "10.0.0.8", 1, 0};
  std::set<uint64_t> silent;
};

TEST_F(FileRecovery, AppendReopensTheLastBlockUnderANewGeneration) {
  const Block block = WriteFile("/f", {100}).front();
  const auto appended = AppendTo("/f", client);
  ASSERT_TRUE(appended.ok()) << appended.status();
  EXPECT_EQ(appended->last.block, block);
  EXPECT_EQ(appended->last.locations.size(), 3u);
  EXPECT_GT(appended->generation, block.generation);
  EXPECT_TRUE(StatPath("/f")->under_construction);
  EXPECT_EQ(StatPath("/f")->length, 100u) << "what is acknowledged stays visible";

  const std::vector<uint64_t> nodes = Ids(appended->last.locations);
  Block longer{block.id, appended->generation, 0};
  ASSERT_TRUE(UpdateTo(appended->inode, client, longer, nodes).ok());
  longer.length = 250;
  for (const uint64_t node : nodes) Received(node, longer);
  ASSERT_TRUE(CompleteFile(appended->inode, client, longer).ok());
  EXPECT_EQ(StatPath("/f")->length, 250u);
  EXPECT_EQ(Holders("/f").size(), 3u);
  EXPECT_EQ(core->state->meta().blocks, 1u);
}

TEST_F(FileRecovery, ADamagedReplicaThatAnAppendLeftBehindIsDeleted) {
  const Block block = WriteFile("/f", {100}).front();
  const uint64_t bad = Holders("/f")[0];
  Event(bad, BlockEventKind::kCorrupt, block);
  const auto appended = AppendTo("/f", client);
  ASSERT_TRUE(appended.ok()) << appended.status();
  const std::vector<uint64_t> nodes = Ids(appended->last.locations);
  ASSERT_EQ(nodes.size(), 2u);
  Block longer{block.id, appended->generation, 0};
  ASSERT_TRUE(UpdateTo(appended->inode, client, longer, nodes).ok());
  longer.length = 250;
  for (const uint64_t node : nodes) Received(node, longer);
  ASSERT_TRUE(CompleteFile(appended->inode, client, longer).ok());
  std::vector<Block> deleted;
  for (const NodeCommand& order : Beat(bad)) {
    if (order.kind == NodeCommand::Kind::kInvalidate) deleted.insert(deleted.end(), order.blocks.begin(), order.blocks.end());
  }
  ASSERT_EQ(deleted.size(), 1u);
  EXPECT_EQ(deleted[0].id, block.id);
  EXPECT_EQ(deleted[0].generation, block.generation);
}

TEST_F(FileRecovery, AppendToAFullBlockOrAnEmptyFileBeginsANewBlock) {
  WriteFile("/full", {1 << 20});
  auto appended = AppendTo("/full", client);
  ASSERT_TRUE(appended.ok());
  EXPECT_EQ(appended->last.block.id, BlockId());
  const auto next = NextBlock(appended->inode, client);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->offset, uint64_t{1} << 20);
  ASSERT_TRUE(WriteEmpty("/empty").ok());
  appended = AppendTo("/empty", client);
  ASSERT_TRUE(appended.ok());
  EXPECT_EQ(appended->last.block.id, BlockId());
  EXPECT_TRUE(CompleteFile(appended->inode, client).ok());
}

TEST_F(FileRecovery, ARepeatedAppendIsAnsweredAndNotExecutedAgain) {
  WriteFile("/f", {100});
  const auto first = AppendTo("/f", client);
  const auto again = AppendTo("/f", client, /*repeat=*/true);
  ASSERT_TRUE(first.ok() && again.ok()) << again.status();
  EXPECT_EQ(first->generation, again->generation);
  EXPECT_EQ(first->last.block, again->last.block);
}

TEST_F(FileRecovery, ARepeatedAppendAfterARestartWaitsForTheNodesOfItsBlock) {
  WriteFile("/f", {100});
  const auto first = AppendTo("/f", client);
  ASSERT_TRUE(first.ok()) << first.status();
  Restart();
  EXPECT_EQ(AppendTo("/f", client, /*repeat=*/true).status().code(), Code::kUnavailable);
  AddNodes(4);
  const auto again = AppendTo("/f", client, /*repeat=*/true);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->generation, first->generation);
  EXPECT_EQ(Ids(again->last.locations), Ids(first->last.locations));
}

TEST_F(FileRecovery, ASecondWriterIsToldWhoHasTheFile) {
  TestClient alice{8, 9, "10.0.0.8", 1, 0};
  ASSERT_TRUE(CreateFile("/f", alice).ok());
  const Status refused = AppendTo("/f", client).status();
  EXPECT_EQ(refused.code(), Code::kLeaseConflict);
  EXPECT_NE(refused.message().find("tester@10.0.0.8"), std::string::npos) << refused;
  EXPECT_NE(CreateFile("/f", client, true).status().message().find("tester@10.0.0.8"), std::string::npos);
}

TEST_F(FileRecovery, AWriterThatDiesBeforeItsFirstAppendedByteLosesNothing) {
  const Block block = WriteFile("/f", {100}).front();
  const auto appended = AppendTo("/f", other);
  ASSERT_TRUE(appended.ok());
  EXPECT_FALSE(*TakeLease("/f", client));
  const auto order = TakeOrder();
  ASSERT_TRUE(order);
  EXPECT_EQ(order->command.block.generation, block.generation) << "replicas of before the append count";
  EXPECT_GT(order->command.new_generation, appended->generation);
  EXPECT_EQ(order->command.targets.size(), 3u);
  const Block lost{block.id, order->command.new_generation, 99};
  EXPECT_FALSE(Commit(order->primary, lost, {1}).ok()) << "a byte that was acknowledged is missing";
  const Block kept{block.id, order->command.new_generation, 100};
  const std::vector<uint64_t> nodes = Ids(order->command.targets);
  ASSERT_TRUE(Commit(order->primary, kept, nodes).ok());
  for (const uint64_t node : nodes) Received(node, kept);
  EXPECT_FALSE(StatPath("/f")->under_construction);
  EXPECT_EQ(StatPath("/f")->length, 100u);
  EXPECT_EQ(Holders("/f").size(), 3u);
}

TEST_F(FileRecovery, TheHardLimitTakesTheFileAndItsBlockIsRecovered) {
  const InodeId inode = *CreateFile("/f", client);
  const auto located = NextBlock(inode, client);
  Advance(std::chrono::seconds(1202));
  EXPECT_TRUE(StatPath("/f")->under_construction) << "not before DataNodes have agreed";
  const auto order = TakeOrder();
  ASSERT_TRUE(order);
  EXPECT_EQ(Ids(order->command.targets), Ids(located->locations));
  EXPECT_EQ(CompleteFile(inode, client, located->block).code(), Code::kLeaseConflict) << "the writer is out";
  ASSERT_TRUE(Commit(order->primary, {located->block.id, order->command.new_generation, 60}, {order->primary}).ok());
  EXPECT_EQ(StatPath("/f")->length, 60u);
  EXPECT_EQ(core->leases.files(), 0u);
}

TEST_F(FileRecovery, ABlockWithoutAByteIsDropped) {
  const InodeId inode = *CreateFile("/f", client);
  const auto located = NextBlock(inode, client);
  EXPECT_FALSE(*TakeLease("/f", other));
  const auto order = TakeOrder();
  ASSERT_TRUE(order);
  ASSERT_TRUE(Commit(order->primary, {located->block.id, order->command.new_generation, 0}, {}).ok());
  EXPECT_FALSE(StatPath("/f")->under_construction);
  EXPECT_EQ(core->state->meta().blocks, 0u);
}

TEST_F(FileRecovery, AFileWithoutAnOpenBlockIsClosedAtOnce) {
  ASSERT_TRUE(CreateFile("/f", client).ok());
  EXPECT_TRUE(*TakeLease("/f", other));
  EXPECT_FALSE(StatPath("/f")->under_construction);
  EXPECT_TRUE(*TakeLease("/f", other)) << "a closed file";
  EXPECT_EQ(TakeLease("/none", other).status().code(), Code::kNotFound);
}

TEST_F(FileRecovery, AnotherPrimaryIsAskedWhenOneStaysSilent) {
  const InodeId inode = *CreateFile("/f", client);
  const auto located = NextBlock(inode, client);
  EXPECT_FALSE(*TakeLease("/f", other));
  const auto first = TakeOrder();
  ASSERT_TRUE(first);
  EXPECT_FALSE(*TakeLease("/f", other)) << "it is under way";
  EXPECT_FALSE(TakeOrder());
  Advance(std::chrono::seconds(16));
  const auto second = TakeOrder();
  ASSERT_TRUE(second);
  EXPECT_NE(second->primary, first->primary);
  EXPECT_GT(second->command.new_generation, first->command.new_generation);
  EXPECT_EQ(Commit(first->primary, {located->block.id, first->command.new_generation, 10}, {1}).code(), Code::kAborted);
  EXPECT_TRUE(Commit(second->primary, {located->block.id, second->command.new_generation, 20}, {second->primary}).ok());
  EXPECT_EQ(Commit(second->primary, {located->block.id, second->command.new_generation, 20}, {second->primary}).code(),
            Code::kAborted);
  EXPECT_EQ(StatPath("/f")->length, 20u);
}

TEST_F(FileRecovery, ADeadPrimaryIsReplacedAndWithoutAnyNodeTheFileWaits) {
  const InodeId inode = *CreateFile("/f", client, false, 2);
  const auto located = NextBlock(inode, client);
  const std::vector<uint64_t> nodes = Ids(located->locations);
  EXPECT_FALSE(*TakeLease("/f", other));
  for (const uint64_t node : nodes) {
    silent.insert(node);
    std::erase(beating, node);
  }
  Advance(std::chrono::seconds(60));
  const uint64_t generations = core->state->meta().next_generation;
  Advance(std::chrono::seconds(120));
  EXPECT_EQ(core->state->meta().next_generation, generations) << "nobody can answer: nothing is begun";
  EXPECT_TRUE(StatPath("/f")->under_construction);
  JoinNode(NodeInfo(nodes[1], "/rack1"));
  beating.push_back(nodes[1]);
  silent.erase(nodes[1]);
  Advance(std::chrono::seconds(1));
  const auto order = TakeOrder();
  ASSERT_TRUE(order);
  EXPECT_EQ(order->primary, nodes[1]);
}

TEST_F(FileRecovery, NodesThatAreAwayAreGivenUpAfterFiveMinutes) {
  const InodeId inode = *CreateFile("/f", client);
  const auto located = NextBlock(inode, client);
  EXPECT_FALSE(*TakeLease("/f", other));
  const uint64_t away = located->locations[0].id.value();
  silent.insert(away);
  std::erase(beating, away);
  int patient = 0;
  std::optional<Ordered> last;
  for (int second = 0; second < 330 && (!last || !last->command.give_up_absent); ++second) {
    Advance(std::chrono::seconds(1));
    if (auto order = TakeOrder()) {
      last = std::move(order);
      patient += last->command.give_up_absent ? 0 : 1;
    }
  }
  ASSERT_TRUE(last && last->command.give_up_absent);
  EXPECT_GE(patient, 15) << "one attempt each 15 s";
  EXPECT_TRUE(Commit(last->primary, {located->block.id, last->command.new_generation, 0}, {}).ok());
  EXPECT_FALSE(StatPath("/f")->under_construction);
}

TEST_F(FileRecovery, GoesOnAfterARestartOfTheNameNode) {
  const InodeId inode = *CreateFile("/f", client);
  const auto located = NextBlock(inode, client);
  EXPECT_FALSE(*TakeLease("/f", other));
  const auto before = TakeOrder();
  Restart();
  beating.clear();
  AddNodes(4);
  Advance(std::chrono::seconds(1));
  const auto order = TakeOrder();
  ASSERT_TRUE(order);
  EXPECT_EQ(Ids(order->command.targets), Ids(located->locations)) << "the state knows who may have replicas";
  EXPECT_GT(order->command.new_generation, before->command.new_generation);
}

TEST_F(FileRecovery, BeyondTheSoftLimitAnotherWriterMakesItBeginAndRepeats) {
  const InodeId inode = *CreateFile("/f", other);
  const auto located = NextBlock(inode, other);
  EXPECT_EQ(AppendTo("/f", client).status().code(), Code::kLeaseConflict);
  Advance(std::chrono::seconds(61));
  EXPECT_EQ(AppendTo("/f", client).status().code(), Code::kUnavailable);
  EXPECT_EQ(CreateFile("/f", client, true).status().code(), Code::kUnavailable);
  const auto order = TakeOrder();
  ASSERT_TRUE(order);
  const Block block{located->block.id, order->command.new_generation, 30};
  ASSERT_TRUE(Commit(order->primary, block, {order->primary}).ok());
  Received(order->primary, block);
  const auto appended = AppendTo("/f", client);
  ASSERT_TRUE(appended.ok()) << appended.status();
  EXPECT_EQ(appended->last.block, block);
}

TEST_F(FileRecovery, TruncateAtABlockBorderIsDoneAtOnce) {
  const auto blocks = WriteFile("/f", {1 << 20, 1 << 20, 300});
  EXPECT_TRUE(*TruncateTo("/f", (2 << 20) + 300, client)) << "nothing to do";
  EXPECT_TRUE(*TruncateTo("/f", 1 << 20, client));
  EXPECT_EQ(StatPath("/f")->length, uint64_t{1} << 20);
  EXPECT_FALSE(StatPath("/f")->under_construction);
  EXPECT_EQ(BlocksOf("/f").size(), 1u);
  EXPECT_TRUE(*TruncateTo("/f", 0, client));
  EXPECT_EQ(core->state->meta().blocks, 0u);
  EXPECT_EQ(TruncateTo("/f", 1, client).status().code(), Code::kInvalidArgument);
}

TEST_F(FileRecovery, TruncateInABlockIsRecoveredToTheNewLength) {
  const auto blocks = WriteFile("/f", {1 << 20, 1000});
  const auto done = TruncateTo("/f", (1 << 20) + 400, client);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_FALSE(*done);
  EXPECT_FALSE(*TruncateTo("/f", (1 << 20) + 400, client, /*repeat=*/true));
  EXPECT_EQ(StatPath("/f")->length, uint64_t{(1 << 20) + 400});
  EXPECT_EQ(AppendTo("/f", client).status().code(), Code::kUnavailable) << "until it is done";
  const auto order = TakeOrder();
  ASSERT_TRUE(order);
  EXPECT_EQ(order->command.truncate_to, std::optional<uint64_t>(400));
  const Generation generation = order->command.new_generation;
  EXPECT_FALSE(Commit(order->primary, {blocks[1].id, generation, 500}, {order->primary}).ok());
  ASSERT_TRUE(Commit(order->primary, {blocks[1].id, generation, 400}, Ids(order->command.targets)).ok());
  EXPECT_EQ(StatPath("/f")->length, uint64_t{(1 << 20) + 400});
  EXPECT_TRUE(AppendTo("/f", client).status().code() == Code::kUnavailable) << "no replica of the new generation is reported yet";
  for (const DataNodeInfo& node : order->command.targets) Received(node.id.value(), {blocks[1].id, generation, 400});
  EXPECT_TRUE(AppendTo("/f", client).ok());
}

TEST_F(FileRecovery, ConcatMovesBlocksAndRemovesTheSources) {
  const auto a = WriteFile("/a", {1 << 20, 10});
  const auto b = WriteFile("/b", {20});
  const auto c = WriteFile("/c", {30});
  ASSERT_TRUE(ConcatTo("/a", {"/c", "/b"}).ok());
  EXPECT_TRUE(ConcatTo("/a", {"/c", "/b"}, /*repeat=*/true).ok()) << "answered, not executed again";
  EXPECT_EQ(StatPath("/a")->length, uint64_t{(1 << 20) + 60});
  const auto blocks = BlocksOf("/a");
  ASSERT_EQ(blocks.size(), 4u);
  EXPECT_EQ(blocks[2].block, c[0]);
  EXPECT_EQ(blocks[3].block, b[0]);
  EXPECT_EQ(blocks[3].offset, uint64_t{(1 << 20) + 40});
  EXPECT_EQ(blocks[3].locations.size(), 3u);
  EXPECT_EQ(StatPath("/b").status().code(), Code::kNotFound);
  EXPECT_EQ(core->state->meta().files, 1u);
  EXPECT_EQ(core->state->meta().blocks, 4u);
  ASSERT_TRUE(DeletePath("/a").ok());
  EXPECT_EQ(core->state->meta().blocks, 0u);
}

TEST_F(FileRecovery, ConcatRefusesWhatDoesNotFitTogether) {
  WriteFile("/a", {10});
  WriteFile("/b", {20});
  WriteFile("/two", {20}, 2);
  ASSERT_TRUE(CreateFile("/open", client).ok());
  ASSERT_TRUE(Mkdir("/d").ok());
  EXPECT_EQ(ConcatTo("/a", {}).code(), Code::kInvalidArgument);
  EXPECT_EQ(ConcatTo("/a", {"/a"}).code(), Code::kInvalidArgument);
  EXPECT_EQ(ConcatTo("/a", {"/b", "/b"}).code(), Code::kInvalidArgument);
  EXPECT_EQ(ConcatTo("/a", {"/d"}).code(), Code::kIsADirectory);
  EXPECT_EQ(ConcatTo("/a", {"/none"}).code(), Code::kNotFound);
  EXPECT_EQ(ConcatTo("/a", {"/b", "/open"}).code(), Code::kFailedPrecondition);
  EXPECT_EQ(ConcatTo("/open", {"/b"}).code(), Code::kFailedPrecondition);
  EXPECT_EQ(ConcatTo("/a", {"/two"}).code(), Code::kFailedPrecondition);
  EXPECT_EQ(StatPath("/b")->length, 20u) << "all or nothing";
}

TEST_F(FileRecovery, AnAppendedBlockCannotBeGivenBack) {
  const Block block = WriteFile("/f", {100}).front();
  const auto appended = AppendTo("/f", client);
  EXPECT_EQ(Call(kAbandonBlock, AbandonBlock,
                 [&](auto request) {
                   FillCaller(request.initCaller(), client);
                   request.setInode(appended->inode.value());
                   ToWire(block, request.initBlock());
                 })
                .code(),
            Code::kFailedPrecondition);
}

TEST_F(FileRecovery, AReaderIsToldWhereTheBlockBeingWrittenIs) {
  const InodeId inode = *CreateFile("/f", client);
  const auto located = NextBlock(inode, client);
  const auto blocks = BlocksOf("/f");
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_TRUE(blocks[0].under_construction);
  EXPECT_EQ(blocks[0].block.id, located->block.id);
  EXPECT_EQ(blocks[0].locations.size(), 3u);
}

TEST_F(FileRecovery, AnotherNodeForAPipelineIsNoneOfThoseItHasOrHasLost) {
  const InodeId inode = *CreateFile("/f", client);
  const auto located = NextBlock(inode, client);
  const std::vector<uint64_t> nodes = Ids(located->locations);
  const auto ask = [&](const std::vector<uint64_t>& exclude, wire::AdditionalNodeReply::Builder* out,
                       capnp::MallocMessageBuilder& reply) {
    const Status status = Call(
        kAdditionalNode, AdditionalNode,
        [&](auto request) {
          FillCaller(request.initCaller(), client);
          request.setInode(inode.value());
          ToWire(located->block, request.initBlock());
          auto existing = request.initExisting(2);
          existing.set(0, nodes[0]);
          existing.set(1, nodes[1]);
          auto list = request.initExclude(static_cast<unsigned>(exclude.size()));
          for (unsigned i = 0; i < exclude.size(); ++i) list.set(i, exclude[i]);
        },
        &reply);
    if (status.ok()) *out = reply.getRoot<wire::AdditionalNodeReply>();
    return status;
  };
  capnp::MallocMessageBuilder first, second;
  wire::AdditionalNodeReply::Builder answer(nullptr);
  ASSERT_TRUE(ask({nodes[2]}, &answer, first).ok());
  const uint64_t fourth = answer.getNode().getId();
  EXPECT_EQ(fourth, 10 - nodes[0] - nodes[1] - nodes[2]);
  EXPECT_FALSE(ask({nodes[2], fourth}, &answer, second).ok());
}

}  // namespace
}  // namespace tusk::dfs::namenode
