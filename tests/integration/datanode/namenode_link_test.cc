#include <fstream>

#include "tests/integration/datanode/datanode_fixture.h"

namespace tusk::dfs {
namespace {

class NameNodeLink : public DataNodeFixture {
 protected:
  void Write(int index, const Block& block, std::span<const std::byte> data) {
    DataClient client(info(index));
    ASSERT_EQ(client.BeginWrite(block, {}).code, Code::kOk);
    client.WriteRest(data, 0, 10'000);
  }
  void Flip(const std::string& path, std::streamoff at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    ASSERT_TRUE(file) << path;
    file.seekg(at);
    const char byte = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(byte ^ 1));
  }
};

TEST_F(NameNodeLink, StartsBeforeTheNameNodeServesNobodyAndReportsWhenItComes) {
  StartCluster(1);
  const auto data = RandomBytes(1, 30'000);
  Write(0, MakeBlock(7, 100), data);
  const uint16_t port = namenode_->port();
  node(0).Stop();
  nodes_.clear();
  namenode_.reset();
  auto started = DataNode::Start(ConfigOf(0, port));
  ASSERT_TRUE(started.ok()) << started.status();
  nodes_.push_back(std::move(started).value());
  EXPECT_FALSE(node(0).ready().ok());
  EXPECT_EQ(DataClient(info(0)).BeginWrite(MakeBlock(8, 100), {}).code, Code::kPermissionDenied) << "it has no keys";
  std::thread reader([&] {
    const auto begin = std::chrono::steady_clock::now();
    const auto read = DataClient(info(0)).Read(MakeBlock(7, 100), 0, data.size());
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_TRUE(read.ok() || took > std::chrono::seconds(1)) << "it did not wait: " << read.status();
  });
  namenode_ = std::make_unique<FakeNameNode>(port);
  EXPECT_TRUE(Eventually([&] { return namenode_->Has(info(0).id, MakeBlock(7, 100, data.size())); }));
  EXPECT_TRUE(Eventually([&] { return node(0).ready().ok(); }));
  EXPECT_EQ(node(0).cluster_id(), 42u);
  reader.join();
}

TEST_F(NameNodeLink, RegistersAgainAtANameNodeThatForgotIt) {
  StartCluster(1);
  const auto data = RandomBytes(1, 30'000);
  Write(0, MakeBlock(7, 100), data);
  const uint16_t port = namenode_->port();
  namenode_.reset();
  Write(0, MakeBlock(8, 100), data);  // told to nobody yet
  namenode_ = std::make_unique<FakeNameNode>(port, 42, 2);
  for (const uint64_t id : {7, 8}) {
    EXPECT_TRUE(Eventually([&] { return namenode_->Has(info(0).id, MakeBlock(id, 100, data.size())); })) << id;
  }
  EXPECT_EQ(node(0).store().identity().epoch(), 2u);
}

TEST_F(NameNodeLink, ObeysNoOrderOfAStaleEpoch) {
  StartCluster(1);
  Write(0, MakeBlock(7, 100), RandomBytes(1, 100));
  const DataNodeId id = info(0).id;
  namenode_->SetEpoch(9);
  ASSERT_TRUE(Eventually([&] { return node(0).store().identity().epoch() == 9; }));
  namenode_->SetEpoch(8);
  namenode_->Give(id, [](wire::Command::Builder command) { ToWire(MakeBlock(7, 100), command.initInvalidate(1)[0]); });
  ASSERT_TRUE(Eventually([&] { return !node(0).ready().ok(); }));
  EXPECT_EQ(node(0).store().finalized_count(), 1u);
  namenode_->SetEpoch(9);
  EXPECT_TRUE(Eventually([&] { return node(0).ready().ok(); })) << node(0).ready();
}

TEST_F(NameNodeLink, CopiesAndDeletesWhenTold) {
  StartCluster(3);
  const auto data = RandomBytes(1, 2'500'000);
  const Block block = MakeBlock(7, 100, data.size());
  Write(0, block, data);
  const std::vector<DataNodeInfo> targets = {info(1), info(2)};
  namenode_->Give(info(0).id, [&](wire::Command::Builder command) {
    auto transfer = command.initTransfer();
    ToWire(block, transfer.initBlock());
    transfer.setToken(AsData(DataClient::Token(block.id, kCopyAccess)));
    auto list = transfer.initTargets(2);
    for (uint32_t i = 0; i < 2; ++i) ToWire(targets[i], list[i]);
  });
  for (int i = 1; i < 3; ++i) {
    EXPECT_TRUE(Eventually([&] { return namenode_->Has(info(i).id, block); })) << "node " << i;
    ExpectReplica(i, block, data);
  }
  namenode_->Give(info(0).id, [&](wire::Command::Builder command) { ToWire(block, command.initInvalidate(1)[0]); });
  EXPECT_TRUE(Eventually([&] { return !namenode_->Has(info(0).id, block); }));
  EXPECT_FALSE(std::filesystem::exists(BlockFile(0, 7)));
}

TEST_F(NameNodeLink, ADeadTargetOrOneThatHasTheBlockDoesNotKeepACopyFromTheOthers) {
  StartCluster(4);
  const auto data = RandomBytes(1, 200'000);
  const Block block = MakeBlock(7, 100, data.size());
  Write(0, block, data);
  Write(1, block, data);
  const std::vector<DataNodeInfo> targets = {info(1), info(2), info(3)};
  node(2).Stop();
  namenode_->Give(info(0).id, [&](wire::Command::Builder command) {
    auto transfer = command.initTransfer();
    ToWire(block, transfer.initBlock());
    transfer.setToken(AsData(DataClient::Token(block.id, kCopyAccess)));
    auto list = transfer.initTargets(3);
    for (uint32_t i = 0; i < 3; ++i) ToWire(targets[i], list[i]);
  });
  EXPECT_TRUE(Eventually([&] { return namenode_->Has(info(3).id, block); }));
  ExpectReplica(3, block, data);
  ExpectReplica(1, block, data);
}

TEST_F(NameNodeLink, TellsOfACopyThatItCouldNotMake) {
  StartCluster(2);
  const auto data = RandomBytes(1, 100'000);
  const Block block = MakeBlock(7, 100, data.size());
  Write(0, block, data);
  const DataNodeInfo target = info(1);
  node(1).Stop();
  namenode_->Give(info(0).id, [&](wire::Command::Builder command) {
    auto transfer = command.initTransfer();
    ToWire(block, transfer.initBlock());
    transfer.setToken(AsData(DataClient::Token(block.id, kCopyAccess)));
    ToWire(target, transfer.initTargets(1)[0]);
  });
  EXPECT_TRUE(Eventually([&] { return namenode_->ToldOfFailedCopy(info(0).id, block); }));
  EXPECT_TRUE(namenode_->Has(info(0).id, block));
}

TEST_F(NameNodeLink, ReportsADamagedSourceInsteadOfSpreadingIt) {
  StartCluster(2);
  const auto data = RandomBytes(1, 100'000);
  const Block block = MakeBlock(7, 100, data.size());
  Write(0, block, data);
  Flip(BlockFile(0, 7), 50'000);
  const DataNodeInfo target = info(1);
  namenode_->Give(info(0).id, [&](wire::Command::Builder command) {
    auto transfer = command.initTransfer();
    ToWire(block, transfer.initBlock());
    transfer.setToken(AsData(DataClient::Token(block.id, kCopyAccess)));
    ToWire(target, transfer.initTargets(1)[0]);
  });
  EXPECT_TRUE(Eventually([&] { return namenode_->HasCorrupt(info(0).id, block.id); }));
  EXPECT_TRUE(Eventually([&] { return !node(1).store().StateOf(block.id).has_value(); })) << "the broken copy is removed";
  EXPECT_EQ(node(1).store().finalized_count(), 0u);
}

TEST_F(NameNodeLink, ReportsATruncatedReplicaThatAReaderMeets) {
  StartCluster(1);
  const auto data = RandomBytes(1, 100'000);
  Write(0, MakeBlock(7, 100), data);
  std::filesystem::resize_file(BlockFile(0, 7), 99'000);
  DataClient client(info(0));
  EXPECT_EQ(client.Read(MakeBlock(7, 100), 0, 10).status().code(), Code::kCorruption);
  EXPECT_TRUE(Eventually([&] { return namenode_->HasCorrupt(info(0).id, BlockId(7)); }));
}

TEST_F(NameNodeLink, KeepsItsReplicasAndItsNameAcrossARestart) {
  StartCluster(1);
  const auto data = RandomBytes(1, 100'000);
  Write(0, MakeBlock(7, 100), data);
  const DataNodeId id = info(0).id;
  nodes_[0].reset();
  StartNode(0);
  EXPECT_EQ(info(0).id, id);
  EXPECT_TRUE(Eventually([&] { return namenode_->registrations(id) == 2 && node(0).ready().ok(); }));
  ExpectReplica(0, MakeBlock(7, 100), data);
}

TEST_F(NameNodeLink, ReportsOnlyWhatTheNameNodeDoesNotKnow) {
  StartCluster(1);
  const auto data = RandomBytes(1, 1000);
  for (const uint64_t id : {7, 8, 9}) Write(0, MakeBlock(id, 100), data);
  const DataNodeId id = info(0).id;
  const Block forgotten = MakeBlock(8, 100, data.size());
  for (const uint64_t block : {7, 8, 9}) {
    ASSERT_TRUE(Eventually([&] { return namenode_->Has(id, MakeBlock(block, 100, data.size())); }));
  }
  namenode_->CompareDigests();
  const int reports = namenode_->reports(id);
  nodes_[0].reset();
  StartNode(0);
  ASSERT_TRUE(Eventually([&] { return node(0).ready().ok(); }));
  EXPECT_EQ(namenode_->reports(id), reports) << "the digests are equal";
  nodes_[0].reset();
  namenode_->Forget(id, forgotten);
  StartNode(0);
  ASSERT_TRUE(Eventually([&] { return node(0).ready().ok(); }));
  EXPECT_TRUE(namenode_->Has(id, forgotten));
  EXPECT_EQ(namenode_->reports(id), reports + 1);
  EXPECT_EQ(namenode_->reported_buckets(id), std::vector<uint16_t>{InventoryDigest::BucketOf(forgotten.id)});
}

TEST_F(NameNodeLink, TellsOfDamageThatADigestLeavesOut) {
  StartCluster(1);
  Write(0, MakeBlock(7, 100), RandomBytes(1, 100'000));
  const DataNodeId id = info(0).id;
  ASSERT_TRUE(Eventually([&] { return namenode_->Has(id, MakeBlock(7, 100, 100'000)); }));
  nodes_[0].reset();
  std::filesystem::resize_file(BlockFile(0, 7), 99'000);
  namenode_->CompareDigests();
  StartNode(0);
  EXPECT_TRUE(Eventually([&] { return namenode_->HasCorrupt(id, BlockId(7)); }));
}

TEST_F(NameNodeLink, RefusesAFolderInUseAndAForeignCluster) {
  StartCluster(1);
  const auto second = DataNode::Start(ConfigOf(0, namenode_->port()));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::kFailedPrecondition) << second.status();
  nodes_[0].reset();
  namenode_ = std::make_unique<FakeNameNode>(0, 43);
  StartNode(0);
  EXPECT_TRUE(Eventually([&] { return node(0).ready().code() == Code::kFailedPrecondition; })) << node(0).ready();
}

TEST_F(NameNodeLink, StopsPromptlyWithAHangingWriterAndWithoutANameNode) {
  StartCluster(2);
  DataClient client(info(0));
  ASSERT_EQ(client.BeginWrite(MakeBlock(7, 100), {info(1)}).code, Code::kOk);
  namenode_.reset();
  const auto begin = std::chrono::steady_clock::now();
  nodes_.clear();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

}  // namespace
}  // namespace tusk::dfs
