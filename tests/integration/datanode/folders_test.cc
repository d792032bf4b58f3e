// A DataNode with two data folders, of which one fails, on the machine's own file system.
#include <fstream>

#include "tests/integration/datanode/datanode_fixture.h"

namespace tusk::dfs {
namespace {

constexpr size_t kBytes = 100'000;  // too big to be packed

class DataNodeFolders : public DataNodeFixture {
 protected:
  config::Config TwoFolders() {
    auto config = ConfigOf(0, namenode_->port());
    EXPECT_TRUE(config.Set("dfs.datanode_dir", Folder(0) + "," + Folder(1)).ok());
    EXPECT_TRUE(config.Set("dfs.datanode_probe_interval", "20ms").ok());
    return config;
  }
  void Start(const config::Config& config) {
    nodes_.clear();
    auto started = DataNode::Start(config);
    ASSERT_TRUE(started.ok()) << started.status();
    nodes_.push_back(std::move(started).value());
    ASSERT_TRUE(Eventually([&] { return node(0).ready().ok(); })) << node(0).ready();
  }
  std::string Folder(int index) const { return root_ + "/disk" + std::to_string(index); }
  std::string FileOf(int folder, uint64_t id) const {
    return Folder(folder) + "/finalized/subdir0/subdir0/blk_" + std::to_string(id);
  }
  void Write(uint64_t id) {
    DataClient client(info(0));
    ASSERT_EQ(client.BeginWrite(MakeBlock(id, 100), {}).code, Code::kOk);
    client.WriteRest(RandomBytes(id, kBytes), 0, 30'000);
  }
  void Flip(uint64_t id) {
    std::fstream file(FileOf(InFolder(0, id) ? 0 : 1, id), std::ios::in | std::ios::out | std::ios::binary);
    ASSERT_TRUE(file);
    file.seekg(77'777);
    const char byte = static_cast<char>(file.get());
    file.seekp(77'777);
    file.put(static_cast<char>(byte ^ 1));
  }
  bool InFolder(int folder, uint64_t id) const { return std::filesystem::exists(FileOf(folder, id)); }
};

TEST_F(DataNodeFolders, ARemovedFolderCostsItsReplicasButNotTheNode) {
  namenode_ = std::make_unique<FakeNameNode>();
  Start(TwoFolders());
  const DataNodeId id = info(0).id;
  for (uint64_t block = 1; block <= 8; ++block) Write(block);
  std::vector<uint64_t> lost, left;
  for (uint64_t block = 1; block <= 8; ++block) (InFolder(0, block) ? lost : left).push_back(block);
  ASSERT_EQ(lost.size(), 4u);

  // Whoever writes in that folder is told, so that his pipeline goes on without this node.
  std::vector<std::unique_ptr<DataClient>> writers;
  for (uint64_t block = 20; block < 22; ++block) {
    writers.push_back(std::make_unique<DataClient>(info(0)));
    ASSERT_EQ(writers.back()->BeginWrite(MakeBlock(block, 100), {}).code, Code::kOk);
  }
  std::filesystem::remove_all(Folder(0));
  for (const uint64_t block : lost) {
    EXPECT_TRUE(Eventually([&] { return !namenode_->Has(id, MakeBlock(block, 100, kBytes)); })) << block;
  }
  int refused = 0;
  for (auto& writer : writers) {
    ASSERT_TRUE(writer->SendPacket(0, RandomBytes(1, kBytes), kLastPacket).ok());
    const auto ack = writer->ReadAck();
    ASSERT_TRUE(ack.ok()) << ack.status();
    if (ack->code != Code::kOk) ++refused;
  }
  EXPECT_EQ(refused, 1);

  EXPECT_TRUE(node(0).ready().ok());
  for (const uint64_t block : left) {
    EXPECT_TRUE(namenode_->Has(id, MakeBlock(block, 100, kBytes)));
    ExpectReplica(0, MakeBlock(block, 100), RandomBytes(block, kBytes));
  }
  for (uint64_t block = 30; block < 34; ++block) {
    Write(block);
    EXPECT_TRUE(InFolder(1, block));
  }
  const auto figures = node(0).store().Figures();
  EXPECT_FALSE(figures[0].failure.ok());
  EXPECT_TRUE(figures[1].failure.ok());
  EXPECT_FALSE(std::filesystem::exists(Folder(0) + "/rbw")) << "nothing is put where the disk was";

  Start(TwoFolders());  // with a new disk in its place
  EXPECT_EQ(info(0).id, id);
  for (const uint64_t block : left) EXPECT_TRUE(namenode_->Has(id, MakeBlock(block, 100, kBytes)));
  for (uint64_t block = 40; block < 44; ++block) Write(block);
  EXPECT_TRUE(InFolder(0, 40) || InFolder(0, 41));
}

TEST_F(DataNodeFolders, AFolderOfAnotherNodeIsRefused) {
  namenode_ = std::make_unique<FakeNameNode>();
  StartNode(0);
  nodes_.clear();
  auto config = ConfigOf(1, namenode_->port());
  StartNode(1);
  nodes_.clear();
  ASSERT_TRUE(config.Set("dfs.datanode_dir", root_ + "/dn1," + root_ + "/dn0").ok());
  const auto started = DataNode::Start(config);
  EXPECT_EQ(started.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(started.status().message().find("dfs.datanode_dir"), std::string::npos) << started.status();
}

TEST_F(DataNodeFolders, AReplicaThatAReaderComplainedOfIsVerifiedAtOnce) {
  namenode_ = std::make_unique<FakeNameNode>();
  auto config = TwoFolders();
  ASSERT_TRUE(config.Set("dfs.scrub_rate", "0").ok());
  Start(config);
  for (uint64_t block = 1; block <= 2; ++block) Write(block);
  Flip(2);
  namenode_->Give(info(0).id, [](wire::Command::Builder command) {
    auto blocks = command.initCheck(2);
    for (uint32_t i = 0; i < 2; ++i) ToWire(MakeBlock(i + 1, 100), blocks[i]);
  });
  EXPECT_TRUE(Eventually([&] { return namenode_->HasCorrupt(info(0).id, BlockId(2)); }));
  EXPECT_FALSE(namenode_->HasCorrupt(info(0).id, BlockId(1))) << "a reader may be wrong";
}

TEST_F(DataNodeFolders, ScrubbingFindsWhatNobodyReads) {
  namenode_ = std::make_unique<FakeNameNode>();
  auto config = TwoFolders();
  ASSERT_TRUE(config.Set("dfs.scrub_period", "100ms").ok());
  ASSERT_TRUE(config.Set("dfs.scrub_rate", "100m").ok());
  Start(config);
  for (uint64_t block = 1; block <= 4; ++block) Write(block);
  Flip(3);
  EXPECT_TRUE(Eventually([&] { return namenode_->HasCorrupt(info(0).id, BlockId(3)); }));
  EXPECT_FALSE(namenode_->HasCorrupt(info(0).id, BlockId(1)));
  EXPECT_NE(node(0).metrics().Text().find("tusk_datanode_scrub_findings_total 1"), std::string::npos);
}

}  // namespace
}  // namespace tusk::dfs
