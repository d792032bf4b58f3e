// Writing files: create, blocks, pipeline recovery, close.
#include "dfs/protocol/convert.h"
#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

class Files : public CoreFixture {
 protected:
  Files() { AddNodes(4); }

  Result<Generation> Bump(InodeId inode, const Block& block) {
    capnp::MallocMessageBuilder reply;
    const Status status = Call(
        kBumpGeneration, BumpGeneration,
        [&](auto request) {
          FillCaller(request.initCaller(), client);
          request.setInode(inode.value());
          ToWire(block, request.initBlock());
        },
        &reply);
    if (!status.ok()) return status;
    return Generation(reply.getRoot<wire::BumpGenerationReply>().getGeneration());
  }
  Status Update(InodeId inode, const Block& block) {
    return Call(kUpdatePipeline, UpdatePipeline, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setInode(inode.value());
      ToWire(block, request.initBlock());
      request.initNodes(1).set(0, 1);
    });
  }
  Status Abandon(InodeId inode, const Block& block) {
    return Call(kAbandonBlock, AbandonBlock, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setInode(inode.value());
      ToWire(block, request.initBlock());
    });
  }
  Status SetReplicas(const std::string& path, uint16_t replication) {
    return Call(kSetReplication, SetReplication, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setPath(path);
      request.setReplication(replication);
    });
  }
  TestClient other{8, 8, {}, 1, 0};
};

TEST_F(Files, CreateRefusesWhatIsThere) {
  ASSERT_TRUE(Mkdir("/d").ok());
  EXPECT_EQ(CreateFile("/d", client).status().code(), Code::kIsADirectory);
  EXPECT_EQ(CreateFile("/", client).status().code(), Code::kIsADirectory);
  EXPECT_EQ(CreateFile("/no/f", client, false, 3, false).status().code(), Code::kNotFound);
  ASSERT_TRUE(WriteEmpty("/f").ok());
  EXPECT_EQ(CreateFile("/f", client).status().code(), Code::kAlreadyExists);
  EXPECT_EQ(CreateFile("/f/g", client).status().code(), Code::kNotADirectory);
  EXPECT_EQ(CreateFile("/x", client, false, 513).status().code(), Code::kInvalidArgument);
  ASSERT_TRUE(CreateFile("/w", client).ok());
  EXPECT_EQ(CreateFile("/w", other).status().code(), Code::kLeaseConflict);
  EXPECT_EQ(CreateFile("/w", other, true).status().code(), Code::kLeaseConflict);
  EXPECT_TRUE(CreateFile("/w", client, true).ok());  // its own
}

TEST_F(Files, CreateChecksTheBlockSize) {
  for (const uint64_t size : {uint64_t{512}, uint64_t{1500}, uint64_t{1} << 41}) {
    const Status status = Call(kCreate, Create, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setPath("/f");
      request.setBlockSize(size);
    });
    EXPECT_EQ(status.code(), Code::kInvalidArgument) << size;
  }
  EXPECT_EQ(core->state->meta().files, 0u);
}

TEST_F(Files, OverwriteDropsTheOldBlocks) {
  const Block old = WriteFile("/f", {100})[0];
  WriteFile("/f", {30, 30});
  EXPECT_EQ(StatPath("/f")->length, 60u);
  EXPECT_EQ(core->state->meta().blocks, 2u);
  EXPECT_EQ(core->blocks.blocks().Find(old.id), nullptr);
}

TEST_F(Files, ShowTheirLengthBlockByBlock) {
  const InodeId inode = *CreateFile("/f", client);
  auto first = NextBlock(inode, client);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->locations.size(), 3u);
  EXPECT_EQ(StatPath("/f")->length, 0u);
  EXPECT_TRUE(StatPath("/f")->under_construction);
  Block done = first->block;
  done.length = 100;
  auto second = NextBlock(inode, client, done);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->offset, 100u);
  EXPECT_NE(second->block.id, done.id);
  EXPECT_EQ(StatPath("/f")->length, 100u);
  const auto blocks = BlocksOf("/f");
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_FALSE(blocks[0].under_construction);
  EXPECT_TRUE(blocks[1].under_construction);
}

TEST_F(Files, AddBlockChecksThePreviousOne) {
  const InodeId inode = *CreateFile("/f", client);
  const Block first = NextBlock(inode, client)->block;
  EXPECT_EQ(NextBlock(inode, client).status().code(), Code::kFailedPrecondition);  // without the previous
  Block wrong = first;
  wrong.generation = Generation(first.generation.value() + 1);
  EXPECT_EQ(NextBlock(inode, client, wrong).status().code(), Code::kFailedPrecondition);
  Block large = first;
  large.length = (1 << 20) + 1;
  EXPECT_EQ(NextBlock(inode, client, large).status().code(), Code::kFailedPrecondition);
  EXPECT_EQ(NextBlock(inode, other, first).status().code(), Code::kLeaseConflict);
  EXPECT_EQ(NextBlock(InodeId(999), client, first).status().code(), Code::kNotFound);
  EXPECT_EQ(core->state->meta().blocks, 1u);
}

class FirstBlock : public Files {
 protected:
  using Created = CreatedFile;
  Created CreateWithBlock(const std::string& path, bool repeat = false, bool overwrite = false) {
    return CreateFileWithBlock(path, client, overwrite, 3, repeat);
  }
};

TEST_F(FirstBlock, ComesWithTheFileAndIsWrittenAsAnyOther) {
  const Created created = CreateWithBlock("/f");
  ASSERT_TRUE(created.status.ok()) << created.status;
  EXPECT_EQ(created.first.locations.size(), 3u);
  EXPECT_FALSE(created.first.token.empty());
  EXPECT_EQ(core->state->meta().blocks, 1u);
  EXPECT_EQ(NextBlock(created.inode, client).status().code(), Code::kFailedPrecondition);  // without the previous
  Block first = created.first.block;
  first.length = 10;
  for (const DataNodeInfo& node : created.first.locations) Received(node.id.value(), first);
  const auto second = NextBlock(created.inode, client, first);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->offset, 10u);
  ASSERT_TRUE(Abandon(created.inode, second->block).ok());
  EXPECT_TRUE(CompleteFile(created.inode, client, first).ok());
  EXPECT_EQ(StatPath("/f")->length, 10u);
  EXPECT_EQ(BlocksOf("/f").size(), 1u);
}

TEST_F(FirstBlock, IsTheSameWhenTheRequestIsRepeated) {
  const Created created = CreateWithBlock("/f");
  ASSERT_TRUE(created.status.ok()) << created.status;
  const auto expect_the_same = [&] {
    const Created again = CreateWithBlock("/f", true);
    ASSERT_TRUE(again.status.ok()) << again.status;
    EXPECT_EQ(again.inode, created.inode);
    EXPECT_EQ(again.first.block, created.first.block);
    ASSERT_EQ(again.first.locations.size(), created.first.locations.size());
    for (size_t i = 0; i < again.first.locations.size(); ++i) {
      EXPECT_EQ(again.first.locations[i].id, created.first.locations[i].id);
    }
    EXPECT_EQ(core->state->meta().blocks, 1u);
  };
  expect_the_same();
  for (const bool keep_state : {true, false}) {
    SCOPED_TRACE(keep_state);
    Restart(keep_state);
    // Without the state its DataNodes are not known yet: to be asked again, and not for another block.
    if (!keep_state) {
      EXPECT_EQ(CreateWithBlock("/f", true).status.code(), Code::kUnavailable);
    }
    AddNodes(4);
    expect_the_same();
  }
}

TEST_F(FirstBlock, IsGivenBackUnused) {
  const Created created = CreateWithBlock("/f");
  EXPECT_EQ(CompleteFile(created.inode, client).code(), Code::kFailedPrecondition);
  ASSERT_TRUE(Abandon(created.inode, created.first.block).ok());
  EXPECT_TRUE(CompleteFile(created.inode, client).ok());
  EXPECT_EQ(StatPath("/f")->length, 0u);
  EXPECT_EQ(core->state->meta().blocks, 0u);
}

TEST_F(FirstBlock, IsNotThereWithoutDataNodesButTheFileIs) {
  Restart();  // nobody has registered
  core->safe_mode.Leave();
  const Created created = CreateWithBlock("/f");
  ASSERT_TRUE(created.status.ok()) << created.status;
  EXPECT_EQ(created.first.block.id, BlockId());
  EXPECT_EQ(core->state->meta().blocks, 0u);
  AddNodes(4);
  EXPECT_TRUE(NextBlock(created.inode, client).ok());
}

TEST_F(FirstBlock, GoesWithAFileThatIsOverwritten) {
  const Created first = CreateWithBlock("/f");
  ASSERT_TRUE(first.status.ok());
  const Created second = CreateWithBlock("/f", false, true);
  ASSERT_TRUE(second.status.ok()) << second.status;
  EXPECT_NE(second.first.block.id, first.first.block.id);
  EXPECT_EQ(BlocksOf("/f").size(), 1u);
}

TEST_F(Files, AbandonGivesTheBlockBack) {
  const InodeId inode = *CreateFile("/f", client);
  Block first = NextBlock(inode, client)->block;
  first.length = 10;
  for (uint64_t node = 1; node <= 3; ++node) Received(node, first);
  const Block second = NextBlock(inode, client, first)->block;
  EXPECT_EQ(Abandon(inode, first).code(), Code::kFailedPrecondition);
  EXPECT_TRUE(Abandon(inode, second).ok());
  EXPECT_EQ(core->state->meta().blocks, 1u);
  const auto third = NextBlock(inode, client, first);  // it is finished already
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_TRUE(Abandon(inode, third->block).ok());
  EXPECT_TRUE(CompleteFile(inode, client, first).ok());
  EXPECT_EQ(StatPath("/f")->length, 10u);
}

TEST_F(Files, PlacementSkipsExcludedNodesAndSaysWhenThereIsNone) {
  const InodeId inode = *CreateFile("/f", client);
  const auto block = NextBlock(inode, client, {}, {DataNodeId(1), DataNodeId(2)});
  ASSERT_TRUE(block.ok());
  EXPECT_EQ(block->locations.size(), 2u);
  for (const auto& node : block->locations) EXPECT_GT(node.id.value(), 2u);
  ASSERT_TRUE(Abandon(inode, block->block).ok());
  const std::vector<DataNodeId> all{DataNodeId(1), DataNodeId(2), DataNodeId(3), DataNodeId(4)};
  EXPECT_EQ(NextBlock(inode, client, {}, all).status().code(), Code::kUnavailable);  // more may still register
  Advance(std::chrono::seconds(11));
  EXPECT_EQ(NextBlock(inode, client, {}, all).status().code(), Code::kNoSpace);
}

TEST_F(Files, TheWritersHostGetsTheFirstReplica) {
  client.host = "10.0.0.3";
  const InodeId inode = *CreateFile("/f", client);
  EXPECT_EQ(NextBlock(inode, client)->locations[0].id, DataNodeId(3));
}

TEST_F(Files, CloseWaitsForAReplica) {
  const InodeId inode = *CreateFile("/f", client);
  Block block = NextBlock(inode, client)->block;
  block.length = 77;
  capnp::MallocMessageBuilder request_message, reply;
  auto request = request_message.initRoot<wire::CompleteRequest>();
  FillCaller(request.initCaller(), client);
  request.setInode(inode.value());
  ToWire(block, request.initLast());
  CallRun run;
  Spawn(Complete(*core, call, request.asReader(), reply.initRoot<wire::CompleteReply>()), &run);
  Poll();
  EXPECT_FALSE(run.done);
  Block torn = block;
  torn.length = 70;
  Received(2, torn);  // not as its writer says
  EXPECT_FALSE(run.done);
  Received(1, block);
  EXPECT_TRUE(run.done);
  EXPECT_TRUE(run.status.ok()) << run.status;
  EXPECT_EQ(reply.getRoot<wire::CompleteReply>().getStatus().getLength(), 77u);
  EXPECT_FALSE(StatPath("/f")->under_construction);
  EXPECT_EQ(Holders("/f"), std::vector<uint64_t>{1});
  EXPECT_EQ(core->blocks.blocks().CorruptReplicas(), 1u);
}

TEST_F(Files, CloseGivesUpAtTheCallersDeadline) {
  const InodeId inode = *CreateFile("/f", client);
  Block block = NextBlock(inode, client)->block;
  block.length = 77;
  call.deadline = clock.Now() + std::chrono::seconds(10);
  capnp::MallocMessageBuilder request_message, reply;
  auto request = request_message.initRoot<wire::CompleteRequest>();
  FillCaller(request.initCaller(), client);
  request.setInode(inode.value());
  ToWire(block, request.initLast());
  CallRun run;
  Spawn(Complete(*core, call, request.asReader(), reply.initRoot<wire::CompleteReply>()), &run);
  Poll();
  Advance(std::chrono::seconds(8));
  EXPECT_FALSE(run.done);
  Advance(std::chrono::seconds(2));
  EXPECT_TRUE(run.done);
  EXPECT_EQ(run.status.code(), Code::kUnavailable);
  EXPECT_EQ(core->waiters.size(), 0u);
}

TEST_F(Files, CloseOfAnEmptyFileNeedsNoBlock) {
  const InodeId inode = *CreateFile("/f", client);
  EXPECT_EQ(CompleteFile(inode, other).code(), Code::kLeaseConflict);
  EXPECT_TRUE(CompleteFile(inode, client).ok());
  EXPECT_EQ(CompleteFile(inode, client).code(), Code::kLeaseConflict);  // closed
  const InodeId open = *CreateFile("/g", client);
  ASSERT_TRUE(NextBlock(open, client).ok());
  EXPECT_EQ(CompleteFile(open, client).code(), Code::kFailedPrecondition);
}

TEST_F(Files, RecoveryOfAPipelineMakesOldReplicasGarbage) {
  const InodeId inode = *CreateFile("/f", client);
  Block block = NextBlock(inode, client)->block;
  block.length = 50;
  Received(2, block);  // finalized just before the pipeline broke
  const auto first = Bump(inode, block);
  const auto second = Bump(inode, block);  // the first recovery failed
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_GT(*second, *first);
  EXPECT_EQ(Update(inode, {block.id, *first, 0}).code(), Code::kAborted);
  const Block renewed{block.id, *second, 50};
  EXPECT_TRUE(Update(inode, renewed).ok());
  EXPECT_EQ(CompleteFile(inode, client, block).code(), Code::kFailedPrecondition);  // the old generation
  const auto orders = Beat(2);
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(orders[0].blocks, std::vector<Block>{block});
  Received(1, renewed);
  EXPECT_TRUE(CompleteFile(inode, client, renewed).ok());
  EXPECT_EQ(Holders("/f"), std::vector<uint64_t>{1});
}

TEST_F(Files, DeletedWhileWrittenAnswerNotFound) {
  const InodeId inode = *CreateFile("/d/f", client);
  const Block block = NextBlock(inode, client)->block;
  EXPECT_TRUE(*DeletePath("/d"));
  EXPECT_EQ(NextBlock(inode, client, block).status().code(), Code::kNotFound);
  EXPECT_EQ(core->leases.files(), 0u);
}

TEST_F(Files, ReplicationIsCheckedAndReachesTheBlocks) {
  const Block block = WriteFile("/f", {10})[0];
  EXPECT_EQ(SetReplicas("/f", 0).code(), Code::kInvalidArgument);
  EXPECT_EQ(SetReplicas("/f", 513).code(), Code::kInvalidArgument);
  EXPECT_EQ(SetReplicas("/none", 2).code(), Code::kNotFound);
  EXPECT_EQ(SetReplicas("/", 2).code(), Code::kIsADirectory);
  EXPECT_TRUE(SetReplicas("/f", 1).ok());
  EXPECT_EQ(core->blocks.blocks().Find(block.id)->expected, 1);
  EXPECT_EQ(core->blocks.blocks().counts().over, 1u);
  Advance(std::chrono::seconds(1));
  EXPECT_EQ(Holders("/f").size(), 1u);
  EXPECT_EQ(core->blocks.PendingDeletions(), 2u);
}

TEST_F(Files, LocateOnlyBlocksOfTheRangeNearestFirst) {
  WriteFile("/f", {100, 100, 100});
  const uint64_t holder = Holders("/f", 1).back();
  capnp::MallocMessageBuilder reply;
  ASSERT_TRUE(Call(
                  kLocations, Locations,
                  [&](auto request) {
                    request.setPath("/f");
                    request.setOffset(100);
                    request.setLength(100);
                    request.initCaller().setHost("10.0.0." + std::to_string(holder));
                  },
                  &reply)
                  .ok());
  const auto blocks = reply.getRoot<wire::LocationsReply>().asReader().getBlocks();
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].getOffset(), 100u);
  EXPECT_EQ(blocks[0].getLocations()[0].getId(), holder);
}

}  // namespace
}  // namespace tusk::dfs::namenode
