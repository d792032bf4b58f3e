// Readers go on when DataNodes stop or bytes rot.
#include <filesystem>
#include <fstream>

#include "tests/integration/dfs/cluster_fixture.h"

namespace tusk::testing {
namespace {

constexpr size_t kBlock = 1 << 20;

class ReadFailover : public ClusterTest {
 protected:
  // This byte of the block's data file; 0 when the node has no such file.
  char ByteAt(int node, dfs::BlockId block, uint64_t offset) {
    const std::string name = "blk_" + std::to_string(block.value());
    std::error_code vanished;  // files are deleted while this looks
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cluster_->datanode_directory(node), vanished)) {
      if (entry.path().filename() != name) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      file.seekg(static_cast<std::streamoff>(offset));
      return static_cast<char>(file.get());
    }
    return 0;
  }

  // Flips one byte of this block's data file; false when the node has no such file.
  bool Corrupt(int node, dfs::BlockId block, uint64_t offset) {
    const std::string name = "blk_" + std::to_string(block.value());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cluster_->datanode_directory(node))) {
      if (entry.path().filename() != name) continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(offset));
      const char byte = static_cast<char>(file.get() ^ 0x40);
      file.seekp(static_cast<std::streamoff>(offset));
      file.put(byte);
      return file.good();
    }
    return false;
  }
};

TEST_F(ReadFailover, AReaderGoesOnInTheMiddleOfABlock) {
  StartCluster({.datanodes = 3, .racks = 2, .settings = {{"dfs.block_size", "32m"}, {"dfs.packet_bytes", "1m"}}});
  const std::string bytes = Content(1, 33 * kBlock);
  Write("/f", bytes);
  auto in = fs().Open("/f");
  ASSERT_TRUE(in.ok());
  std::string read(bytes.size(), '\0');
  auto out = std::as_writable_bytes(std::span(read));
  size_t at = 0;
  const auto read_until = [&](size_t until) {
    while (at < until) {
      auto count = (*in)->Read(out.subspan(at, std::min<size_t>(70'000, bytes.size() - at)));
      ASSERT_TRUE(count.ok()) << count.status();
      ASSERT_GT(*count, 0u);
      at += *count;
    }
  };
  // By then the rest of the block is asked for in one piece, more than the sockets hold. Each node stops for a while, so the one
  // that the reader is at does.
  read_until(10 * kBlock);
  for (int node = 0; node < 3; ++node) {
    ASSERT_TRUE(cluster_->KillDataNode(node).ok());
    read_until(at + 3 * kBlock);
    ASSERT_TRUE(cluster_->RestartDataNode(node).ok());
    ASSERT_TRUE(cluster_->AwaitReady().ok());
  }
  read_until(bytes.size());
  EXPECT_TRUE(read == bytes);
}

TEST_F(ReadFailover, ADeadNodesBlocksAreCopiedElsewhere) {
  StartCluster({.datanodes = 4, .racks = 2, .settings = {}});
  const std::string bytes = Content(2, 2 * kBlock);
  Write("/f", bytes);
  auto file = fs().Locate("/f");
  ASSERT_TRUE(file.ok());
  const dfs::DataNodeId dead = file->blocks[0].locations[0].id;
  ASSERT_TRUE(cluster_->KillDataNode(cluster_->IndexOf(dead)).ok());
  EXPECT_TRUE(Eventually([&] {
    auto now = fs().Locate("/f");
    if (!now.ok()) return false;
    for (const auto& block : now->blocks) {
      if (block.locations.size() != 3) return false;
      for (const auto& node : block.locations) {
        if (node.id == dead) return false;
      }
    }
    return true;
  }));
  EXPECT_TRUE(Read("/f") == bytes);
}

TEST_F(ReadFailover, ACorruptReplicaIsNoticedReportedAndReplaced) {
  StartCluster({.datanodes = 4, .racks = 2, .settings = {}});
  const std::string bytes = Content(3, kBlock + 4321);
  Write("/f", bytes);
  ASSERT_TRUE(Eventually([&] { return HasReplicas("/f", 3); }));
  auto file = fs().Locate("/f");
  ASSERT_TRUE(file.ok());
  const dfs::LocatedBlock& block = file->blocks[0];
  const dfs::DataNodeId bad = block.locations[0].id;
  ASSERT_TRUE(Corrupt(cluster_->IndexOf(bad), block.block.id, 500'000));
  // The NameNode shuffles equally near replicas: read until the bad one was hit, told, and deleted or written anew.
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(Read("/f") == bytes) << "the read goes on from another replica";
    return ByteAt(cluster_->IndexOf(bad), block.block.id, 500'000) != static_cast<char>(bytes[500'000] ^ 0x40);
  }));
  EXPECT_TRUE(Eventually([&] {
    auto report = cluster_->admin().Report();
    return report.ok() && report->corrupt_replicas == 0 && HasReplicas("/f", 3);
  }));
}

TEST_F(ReadFailover, AFileWithoutAnyReplicaIsAnErrorThatNamesIt) {
  StartCluster({.datanodes = 1, .racks = 1, .settings = {{"dfs.replication", "1"}, {"dfs.data_timeout", "1s"}}});
  Write("/f", "hello");
  ASSERT_TRUE(cluster_->KillDataNode(0).ok());
  const auto bytes = dfs::ReadWholeFile(fs(), "/f", 100);
  ASSERT_FALSE(bytes.ok());
  EXPECT_NE(bytes.status().message().find("/f"), std::string::npos) << bytes.status();
}

}  // namespace
}  // namespace tusk::testing
