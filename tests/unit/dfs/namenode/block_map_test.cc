// The block map survives restarts, and nodes that come back say only what is not known.
#include <map>

#include "common/base/random.h"
#include "dfs/namenode/blocks/inventory.h"
#include "dfs/namenode/blocks/unfinished_replicas.h"
#include "dfs/protocol/convert.h"
#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

class BlockMap : public CoreFixture {
 protected:
  // Registers with the digest of these replicas. What the NameNode asks for.
  ReportRequest Join(uint64_t node, const std::vector<Block>& replicas, uint64_t instance = 1, uint64_t message = 0) {
    InventoryDigest digest;
    for (const Block& replica : replicas) digest.Add(replica);
    capnp::MallocMessageBuilder reply;
    const Status status = Call(
        kRegister, Register,
        [&](auto request) {
          ToWire(NodeInfo(node, "/rack" + std::to_string((node - 1) % 2 + 1)), request.initNode());
          request.setInstance(instance);
          request.setMessage(message);
          auto list = request.initDigest(kInventoryBuckets);
          for (unsigned i = 0; i < kInventoryBuckets; ++i) list.set(i, digest.buckets()[i]);
        },
        &reply);
    EXPECT_TRUE(status.ok()) << status;
    ReportRequest wanted;
    wanted.all = reply.getRoot<wire::RegisterReply>().getReportAll();
    for (const uint16_t bucket : reply.getRoot<wire::RegisterReply>().asReader().getReportBuckets())
      wanted.buckets.push_back(bucket);
    core->blocks.Heartbeat(DataNodeId(node), {100 << 20, 0, 100 << 20, 0, 0});
    return wanted;
  }
  void ReportBuckets(uint64_t node, const std::vector<uint16_t>& buckets, const std::vector<Block>& replicas) {
    ReportedPage page{.report = 7, .buckets = buckets};
    for (const Block& replica : replicas) {
      if (std::find(buckets.begin(), buckets.end(), InventoryDigest::BucketOf(replica.id)) != buckets.end()) {
        page.replicas.push_back(replica);
      }
    }
    EXPECT_TRUE(core->blocks.ReportPage(DataNodeId(node), page).ok());
    core->UpdateSafeMode();
  }
  bool Asks(const ReportRequest& wanted) { return wanted.all || !wanted.buckets.empty(); }
  std::vector<uint64_t> DeletionsAt(uint64_t node) {
    std::vector<uint64_t> ids;
    for (const NodeCommand& order : Beat(node)) {
      for (const Block& block : order.blocks) ids.push_back(block.id.value());
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }
  const BlockCounts& counts() { return core->blocks.blocks().counts(); }
};

TEST_F(BlockMap, ARestartAsksNobodyForAReport) {
  AddNodes(3);
  const auto blocks = WriteFile("/f", {100, 200});
  Restart(true);
  EXPECT_TRUE(core->safe_mode.on());
  EXPECT_EQ(counts().blocks, 2u);
  EXPECT_FALSE(Asks(Join(2, blocks)));
  EXPECT_FALSE(core->safe_mode.on()) << "every block has three replicas, and only two nodes are missing";
  EXPECT_EQ(Holders("/f", 1), std::vector<uint64_t>{2}) << "nobody is sent to nodes that are not back";
  EXPECT_FALSE(Asks(Join(1, blocks)));
  EXPECT_FALSE(Asks(Join(3, blocks)));
  EXPECT_EQ(Holders("/f", 0).size(), 3u);
  EXPECT_EQ(counts().under + counts().missing + counts().over, 0u);
}

TEST_F(BlockMap, SafeModeGoesOnWhileTheNodesThatAreMissingCouldHaveAllReplicasOfABlock) {
  AddNodes(4);
  const auto blocks = WriteFile("/f", {100}, 2);
  const auto holders = Holders("/f");
  Restart(true);
  for (uint64_t node = 1; node <= 4; ++node) {
    if (std::find(holders.begin(), holders.end(), node) == holders.end()) Join(node, {});
  }
  EXPECT_TRUE(core->safe_mode.on());
  Join(holders[0], blocks);
  EXPECT_FALSE(core->safe_mode.on());
}

// More blocks than a tick recounts, each with one replica.
class SafeModeAfterAColdStart : public BlockMap {
 protected:
  static constexpr uint64_t kBlocks = 5'500;
  void WriteBlocks() {
    options.safe_mode_threshold = 0.05;
    Restart();
    AddNodes(1);
    for (uint64_t i = 0; i < kBlocks / 100; ++i) WriteFile("/f" + std::to_string(i), std::vector<uint64_t>(100, 1), 1);
    ASSERT_EQ(counts().safe, kBlocks);
    beating.clear();
  }
};

TEST_F(SafeModeAfterAColdStart, GoesOnWhenTheLastHolderDiedJustBeforeTheRestart) {
  WriteBlocks();
  Advance(std::chrono::milliseconds(10'500));
  ASSERT_GT(counts().safe, kBlocks / 20) << "some blocks are not recounted yet";
  ASSERT_LT(counts().safe, kBlocks);
  Restart(true);
  EXPECT_TRUE(core->safe_mode.on()) << "no node is here";
  Tick();
  Tick();
  EXPECT_EQ(counts().safe, 0u);
  EXPECT_TRUE(core->safe_mode.on());
}

TEST_F(SafeModeAfterAColdStart, GoesOnWhenANodeThatWasAwaitedIsGivenUp) {
  WriteBlocks();
  Restart(true);
  EXPECT_TRUE(core->safe_mode.on());
  for (int i = 0; i < 25; ++i) {
    Advance(std::chrono::milliseconds(500));
    ASSERT_TRUE(core->safe_mode.on()) << "after " << (i + 1) * 500 << " ms";
  }
}

TEST_F(SafeModeAfterAColdStart, EndsAtOnceWhenTheHolderIsBackWithTheSameReplicas) {
  WriteBlocks();
  std::vector<Block> held;
  for (uint64_t i = 0; i < kBlocks / 100; ++i) {
    for (const LocatedBlock& located : BlocksOf("/f" + std::to_string(i))) held.push_back(located.block);
  }
  Restart(true);
  EXPECT_FALSE(Asks(Join(1, held)));
  EXPECT_FALSE(core->safe_mode.on());
}

TEST_F(BlockMap, NodesThatDoNotComeBackAreDead) {
  AddNodes(4);
  const auto blocks = WriteFile("/f", {100});
  const auto holders = Holders("/f");
  Restart(true);
  beating.clear();
  for (uint64_t node = 1; node <= 4; ++node) {
    if (node == holders[2]) continue;
    const bool holds = node == holders[0] || node == holders[1];
    EXPECT_FALSE(Asks(Join(node, holds ? blocks : std::vector<Block>())));
    beating.push_back(node);
  }
  EXPECT_EQ(counts().under, 0u);
  Advance(std::chrono::seconds(12));
  EXPECT_EQ(counts().under, 1u);
  EXPECT_EQ(core->blocks.PendingCopies(), 1u);
}

TEST_F(BlockMap, OnlyTheBucketsThatDifferAreAskedForAndReplaced) {
  AddNodes(3);
  auto blocks = WriteFile("/f", {100, 200, 300, 400});
  Restart(true);
  const Block lost = blocks[1];
  std::vector<Block> left = blocks;
  std::erase(left, lost);
  const ReportRequest wanted = Join(1, left);
  EXPECT_FALSE(wanted.all);
  EXPECT_EQ(wanted.buckets, std::vector<uint16_t>{InventoryDigest::BucketOf(lost.id)});
  ReportBuckets(1, wanted.buckets, left);
  Join(2, blocks);
  Join(3, blocks);
  EXPECT_EQ(Holders("/f", 1), (std::vector<uint64_t>{2, 3}));
  EXPECT_EQ(Holders("/f", 0), (std::vector<uint64_t>{1, 2, 3}));
  EXPECT_EQ(counts().under, 1u);
  EXPECT_FALSE(Asks(Join(1, left, 2))) << "what it holds is known now";
}

TEST_F(BlockMap, ANodeThatWasDeadComesBackWithoutAReport) {
  AddNodes(4);
  const auto blocks = WriteFile("/f", {100});
  const uint64_t gone = Holders("/f")[0];
  std::erase(beating, gone);
  Advance(std::chrono::milliseconds(10'500));
  EXPECT_EQ(counts().under, 1u);
  EXPECT_EQ(Holders("/f").size(), 2u);
  EXPECT_FALSE(Asks(Join(gone, blocks)));
  beating.push_back(gone);
  EXPECT_EQ(Holders("/f").size(), 3u);
  Tick();
  EXPECT_EQ(counts().under, 0u);
}

TEST_F(BlockMap, WhatNobodyWantsIsStillDeletedAfterARestart) {
  AddNodes(3);
  const auto blocks = WriteFile("/f", {100, 200});
  ASSERT_TRUE(*DeletePath("/f"));
  Restart(true);
  EXPECT_FALSE(Asks(Join(1, blocks)));
  EXPECT_EQ(DeletionsAt(1), (std::vector<uint64_t>{blocks[0].id.value(), blocks[1].id.value()}));
  for (const Block& block : blocks) Event(1, BlockEventKind::kDeleted, block);
  Restart(true);
  EXPECT_FALSE(Asks(Join(1, {})));
  EXPECT_TRUE(DeletionsAt(1).empty());
}

TEST_F(BlockMap, ReplicasOfAnOpenBlockAreRememberedAcrossARestart) {
  AddNodes(3);
  const InodeId inode = *CreateFile("/f", client);
  Block block = NextBlock(inode, client)->block;
  block.length = 77;
  for (uint64_t node = 1; node <= 3; ++node) Received(node, block);
  Restart(true);
  for (uint64_t node = 1; node <= 3; ++node) EXPECT_FALSE(Asks(Join(node, {block})));
  EXPECT_TRUE(CompleteFile(inode, client, block).ok());
  EXPECT_EQ(Holders("/f").size(), 3u);
}

TEST_F(BlockMap, ABadReplicaIsRememberedAcrossARestart) {
  AddNodes(3);
  const auto blocks = WriteFile("/f", {100});
  core->blocks.MarkCorrupt(DataNodeId(2), blocks[0]);
  EXPECT_EQ(core->blocks.blocks().CorruptReplicas(), 1u);
  Restart(true);
  EXPECT_EQ(core->blocks.blocks().CorruptReplicas(), 1u);
  for (uint64_t node = 1; node <= 3; ++node) EXPECT_FALSE(Asks(Join(node, blocks)));
  EXPECT_EQ(Holders("/f"), (std::vector<uint64_t>{1, 3}));
}

TEST_F(BlockMap, DamageThatANodeFindsLeavesItsDigestAndIsReplaced) {
  AddNodes(4);
  const auto blocks = WriteFile("/f", {100});
  const uint64_t bad = Holders("/f")[0];
  Event(bad, BlockEventKind::kCorrupt, blocks[0]);
  EXPECT_FALSE(Asks(Join(bad, {}, 2))) << "the node leaves damaged replicas out";
  EXPECT_EQ(core->blocks.blocks().CorruptReplicas(), 1u);
  EXPECT_EQ(Holders("/f").size(), 2u);
}

TEST_F(BlockMap, DamageFoundWhileABlockIsWrittenIsReplacedOnceItIsFinished) {
  AddNodes(3);
  const InodeId inode = *CreateFile("/f", client);
  Block block = NextBlock(inode, client)->block;
  block.length = 77;
  for (uint64_t node = 1; node <= 3; ++node) Received(node, block);
  Event(2, BlockEventKind::kCorrupt, block);
  Restart(true);
  for (uint64_t node = 1; node <= 3; ++node) Join(node, node == 2 ? std::vector<Block>{} : std::vector<Block>{block});
  EXPECT_TRUE(CompleteFile(inode, client, block).ok());
  EXPECT_EQ(core->blocks.blocks().CorruptReplicas(), 1u);
  EXPECT_EQ(Holders("/f"), (std::vector<uint64_t>{1, 3}));
}

TEST_F(BlockMap, AMessageThatWasOvertakenIsPassedOver) {
  AddNodes(3);
  const auto blocks = WriteFile("/f", {100});
  EXPECT_TRUE(core->blocks.Takes(DataNodeId(1), 5));
  EXPECT_FALSE(core->blocks.Takes(DataNodeId(1), 4));
  EXPECT_FALSE(core->blocks.Takes(DataNodeId(1), 5));
  EXPECT_FALSE(Asks(Join(1, {}, 1, 3))) << "a late registration: nobody waits for its answer";
  EXPECT_FALSE(Asks(Join(1, blocks, 2, 1))) << "a new process counts from 1 again";
  EXPECT_TRUE(core->blocks.Takes(DataNodeId(1), 2));
}

TEST_F(BlockMap, NothingIsDeletedWhileANodeOwesAReportOfTheBlock) {
  AddNodes(4);
  const auto blocks = WriteFile("/f", {100});
  const auto holders = Holders("/f");
  const uint64_t outsider = 1 + 2 + 3 + 4 - holders[0] - holders[1] - holders[2];
  const ReportRequest wanted = Join(holders[0], {}, 2);  // it has lost everything, but this is known of some bucket only
  ASSERT_EQ(wanted.buckets.size(), 1u);
  Received(outsider, blocks[0]);
  EXPECT_EQ(counts().over, 1u);
  Tick();
  EXPECT_EQ(core->blocks.PendingDeletions(), 0u);
  ReportBuckets(holders[0], wanted.buckets, {});
  EXPECT_EQ(counts().over, 0u);
  EXPECT_EQ(Holders("/f").size(), 3u);
}

TEST_F(BlockMap, UselessUnfinishedReplicasAreDeleted) {
  AddNodes(3);
  const auto blocks = WriteFile("/f", {100});
  const InodeId inode = *CreateFile("/g", client);
  const Block open = NextBlock(inode, client)->block;
  const Block unknown{BlockId(5), Generation(1), 10};
  const ReportedPage page{.report = 9, .replicas = {blocks[0]}, .unfinished = {unknown, open, blocks[0]}};
  ASSERT_TRUE(core->blocks.ReportPage(DataNodeId(1), page, false).ok());
  EXPECT_EQ(core->blocks.PendingDeletions(), 0u) << "safe mode";
  ASSERT_TRUE(
      core->blocks.ReportPage(DataNodeId(1), {.report = 10, .replicas = {blocks[0]}, .unfinished = {unknown, open}}).ok());
  EXPECT_EQ(DeletionsAt(1), std::vector<uint64_t>{unknown.id.value()});
}

TEST(UnfinishedReplicas, AreUselessOnlyWhenNobodyMayNeedThem) {
  const Generation now(5);
  EXPECT_TRUE(IsUseless(UnfinishedReplica{}));  // block unknown
  UnfinishedReplica replica{
      .generation = now, .known = true, .open = true, .block_generation = now, .readable = 0, .expected = 3};
  EXPECT_FALSE(IsUseless(replica));
  replica.generation = Generation(4);
  EXPECT_TRUE(IsUseless(replica)) << "the pipeline was recovered without it";
  replica.open = false;
  EXPECT_FALSE(IsUseless(replica)) << "all that is left of the block, perhaps";
  replica.generation = now;
  replica.readable = 2;
  EXPECT_FALSE(IsUseless(replica));
  replica.readable = 3;
  EXPECT_TRUE(IsUseless(replica));
  replica.being_copied = true;
  EXPECT_FALSE(IsUseless(replica));
  replica.being_copied = false;
  replica.generation = Generation(6);
  EXPECT_FALSE(IsUseless(replica)) << "of a recovery that has not ended";
}

TEST(DefinitelySafe, CountsBlocksThatCannotHaveLostTooMuch) {
  BlockCounts counts;
  counts.blocks = 111;
  counts.safe = 110;
  counts.by_degree = {1, 10, 0, 100};
  EXPECT_EQ(DefinitelySafe(counts, 0, 1), 110u);
  EXPECT_EQ(DefinitelySafe(counts, 1, 1), 100u);
  EXPECT_EQ(DefinitelySafe(counts, 2, 1), 100u);
  EXPECT_EQ(DefinitelySafe(counts, 3, 1), 0u);
  EXPECT_EQ(DefinitelySafe(counts, 1, 2), 100u);
  EXPECT_EQ(DefinitelySafe(counts, 2, 2), 0u);
}

// The counters are kept step by step; they must be what a count of everything gives, whatever has happened.
TEST_F(BlockMap, CountersAgreeWithACountOfEverything) {
  const uint64_t seed = 20'261;
  Random random(seed);
  AddNodes(5);
  std::map<uint64_t, std::map<BlockId, Block>> held;  // by node
  std::map<std::string, std::vector<Block>> files;
  const auto sync = [&] {  // nodes obey
    for (uint64_t node = 1; node <= 5; ++node) {
      if (std::find(beating.begin(), beating.end(), node) == beating.end()) continue;
      for (const NodeCommand& order : Beat(node)) {
        for (const DataNodeInfo& target : order.targets) {
          const uint64_t to = target.id.value();
          if (std::find(beating.begin(), beating.end(), to) == beating.end()) continue;
          held[to][order.block.id] = order.block;
          Received(to, order.block);
        }
        for (const Block& block : order.blocks) {
          if (held[node].erase(block.id) > 0) Event(node, BlockEventKind::kDeleted, block);
        }
      }
    }
  };
  const auto replicas_of = [&](uint64_t node) {
    std::vector<Block> replicas;
    for (const auto& [id, block] : held[node]) replicas.push_back(block);
    return replicas;
  };
  const auto join = [&](uint64_t node) {
    const ReportRequest wanted = Join(node, replicas_of(node));
    if (Asks(wanted)) ReportBuckets(node, wanted.buckets, replicas_of(node));
  };
  int next = 0;
  for (int step = 0; step < 300; ++step) {
    const uint64_t dice = random.Below(20);
    const uint64_t node = 1 + random.Below(5);
    const auto up = std::find(beating.begin(), beating.end(), node);
    if (dice < 9 && !core->safe_mode.on() && core->blocks.nodes().live() >= 3) {
      const std::string path = "/f" + std::to_string(next++);
      files[path] = WriteFile(path, {1 + random.Below(1000)});
      for (const Block& block : files[path]) {
        for (const uint64_t holder : Holders(path)) held[holder][block.id] = block;
      }
    } else if (dice < 12 && !files.empty() && !core->safe_mode.on()) {
      const auto file = std::next(files.begin(), static_cast<std::ptrdiff_t>(random.Below(files.size())));
      ASSERT_TRUE(DeletePath(file->first).ok());
      files.erase(file);
    } else if (dice < 14 && up != beating.end() && beating.size() > 3) {
      beating.erase(up);
      Advance(std::chrono::seconds(11));
    } else if (dice < 16 && up == beating.end()) {
      if (random.OneIn(3) && !held[node].empty()) held[node].erase(held[node].begin());
      join(node);
      beating.push_back(node);
    } else if (dice < 17) {
      Restart(true);
      for (const uint64_t live : std::vector<uint64_t>(beating)) join(live);
    } else {
      Advance(std::chrono::seconds(1));
      sync();
    }
    BlockCounts expected;
    Tick();
    for (const auto& [path, blocks] : files) {
      for (const Block& block : blocks) {
        size_t live = 0;
        for (const uint64_t holder : beating) {
          const auto deleting = core->blocks.nodes()[*core->blocks.nodes().Find(DataNodeId(holder))].deletions.contains(block.id);
          live += held[holder].contains(block.id) && !deleting ? 1 : 0;
        }
        ++expected.blocks;
        expected.missing += live == 0 ? 1 : 0;
        expected.under += live > 0 && live < 3 ? 1 : 0;
        expected.over += live > 3 ? 1 : 0;
      }
    }
    // Nodes that are awaited after a restart count until they are given up.
    if (core->blocks.SafeBlocks() != counts().safe) continue;
    ASSERT_EQ(counts().blocks, expected.blocks) << "seed " << seed << " step " << step;
    ASSERT_EQ(counts().missing, expected.missing) << "seed " << seed << " step " << step;
    ASSERT_EQ(counts().under, expected.under) << "seed " << seed << " step " << step;
    ASSERT_EQ(counts().over, expected.over) << "seed " << seed << " step " << step;
  }
}

class InventoryTest : public ::testing::Test {
 protected:
  InventoryTest() {
    storage::KeyValueStore::Options memory;
    memory.in_memory = true;
    StateStore::Options options;
    options.background = false;
    store_ = std::make_unique<StateStore>(std::move(*storage::KeyValueStore::Open("/state", memory)), options);
  }
  static Block Replica(uint64_t id) { return {BlockId(id), Generation(id + 1), id * 10}; }
  std::unique_ptr<StateStore> store_;
};

TEST_F(InventoryTest, KeepsTheDigestOfItsReplicas) {
  Inventory inventory(*store_, 3);
  Inventory other(*store_, 4);
  InventoryDigest expected;
  for (uint64_t id = 1; id <= 1000; ++id) {
    inventory.Put(Replica(id));
    inventory.Put(Replica(id));
    if (id % 3 != 0) expected.Add(Replica(id));
  }
  for (uint64_t id = 3; id <= 1000; id += 3) inventory.Erase(BlockId(id));
  inventory.Erase(BlockId(3));
  EXPECT_EQ(inventory.digest(), expected);
  EXPECT_EQ(inventory.size(), 667u);
  EXPECT_EQ(inventory.Find(BlockId(5)), Replica(5));
  EXPECT_FALSE(inventory.contains(BlockId(6)));
  EXPECT_TRUE(other.empty());
  const Block longer{BlockId(5), Generation(9), 1};
  inventory.Put(longer);
  expected.Remove(Replica(5));
  expected.Add(longer);
  EXPECT_EQ(inventory.digest(), expected);
  EXPECT_EQ(inventory.size(), 667u);
}

TEST_F(InventoryTest, IsWalkedInStepsOfAnySize) {
  Inventory inventory(*store_, 3);
  std::set<BlockId> all;
  for (uint64_t id = 1; id <= 500; ++id) {
    inventory.Put(Replica(id));
    all.insert(BlockId(id));
  }
  for (const size_t step : {1, 7, 499, 500, 1000}) {
    Inventory::Position position;
    std::set<BlockId> seen;
    while (position.bucket < kInventoryBuckets) {
      for (const BlockId id : inventory.Next(&position, step)) EXPECT_TRUE(seen.insert(id).second);
    }
    EXPECT_EQ(seen, all) << step;
  }
}

TEST(BlockRecords, KeepTheirBytes) {
  const auto hex = [](std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
      constexpr char kDigits[] = "0123456789abcdef";
      text += kDigits[static_cast<uint8_t>(byte) >> 4];
      text += kDigits[static_cast<uint8_t>(byte) & 15];
    }
    return text;
  };
  EXPECT_EQ(hex(BlockEntryKey(BlockId(0x01020304))), "4e0000000001020304");
  EXPECT_EQ(hex(ReplicaKey(0x0102, BlockId(7))),
            "520102" + hex(std::string(1, static_cast<char>(InventoryDigest::BucketOf(BlockId(7))))) + "0000000000000007");
  EXPECT_EQ(hex(DeletionKey(1, BlockId(7))), "6e0001640000000000000007");
  EXPECT_EQ(hex(BucketKey(1, 255)), "6e000173ff");
  StoredBlock block;
  block.inode = InodeId(300);
  block.generation = Generation(1001);
  block.length = 128;
  block.expected = 3;
  block.state = BlockState::kOk;
  block.safe = true;
  block.degree = 3;
  block.replicas = {0, 1, 300};
  EXPECT_EQ(hex(Encode(block)),
            "6bac02e90780010303"
            "0001ac02");
  EXPECT_EQ(DecodeStoredBlock(Encode(block)), block);
  block.corrupt = {2};
  EXPECT_EQ(DecodeStoredBlock(Encode(block)), block);
  StoredBlock open;
  open.inode = InodeId(2);
  open.generation = Generation(5);
  open.expected = 2;
  open.open.targets = {DataNodeId(9), DataNodeId(300)};
  open.open.finished = {{1, Generation(5), 10}};
  EXPECT_EQ(hex(Encode(open)),
            "00020500020209ac0201"
            "01050a");
  EXPECT_EQ(DecodeStoredBlock(Encode(open)), open);
  open.open.damaged = {{2, Generation(4), 9}};
  EXPECT_EQ(hex(Encode(open)),
            "00020500020209ac0201"
            "01050a"
            "01020409");
  EXPECT_EQ(DecodeStoredBlock(Encode(open)), open);
  NodeRecord node{{DataNodeId(7), "h", 1, 2, "/r", "n", "/s"}, Duty::kLeaving, true};
  EXPECT_EQ(hex(Encode(node)), "0701680102022f72016e022f730101");
  EXPECT_EQ(DecodeNodeRecord(Encode(node)), node);
  const BucketRecord bucket{0x0102030405060708, 200};
  EXPECT_EQ(hex(Encode(bucket)), "0102030405060708c801");
  EXPECT_EQ(DecodeBucketRecord(Encode(bucket)), bucket);
  BlockCounts counts;
  counts.blocks = 1;
  counts.highest = BlockId(300);
  counts.by_degree[3] = 1;
  EXPECT_EQ(DecodeBlockCounts(Encode(counts)), counts);
  for (const std::string& bytes : {Encode(block), Encode(open), Encode(node), Encode(bucket), Encode(counts)}) {
    const std::string_view short_of(bytes.data(), bytes.size() - 1);
    EXPECT_FALSE(DecodeStoredBlock(short_of) && DecodeNodeRecord(short_of) && DecodeBucketRecord(short_of));
  }
}

}  // namespace
}  // namespace tusk::dfs::namenode
