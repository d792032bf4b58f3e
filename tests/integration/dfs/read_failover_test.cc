// Readers go on when DataNodes stop or bytes rot.
#include <filesystem>
#include <fstream>

#include "tests/integration/dfs/cluster_fixture.h"

namespace tusk::testing {
namespace {

constexpr size_t kBlock = 1 << 20;

class ReadFailover : public ClusterTest {
 protected:
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
  StartCluster();
  const std::string bytes = Content(1, 3 * kBlock);
  Write("/f", bytes);
  auto in = fs().Open("/f");
  ASSERT_TRUE(in.ok());
  std::string read(bytes.size(), '\0');
  auto out = std::as_writable_bytes(std::span(read));
  auto first = (*in)->Read(out.first(100'000));
  ASSERT_TRUE(first.ok()) << first.status();
  auto file = fs().Locate("/f");
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(cluster_->KillDataNode(cluster_->IndexOf(file->blocks[0].locations[0].id)).ok());
  size_t at = *first;
  while (at < bytes.size()) {
    auto count = (*in)->Read(out.subspan(at, std::min<size_t>(70'000, bytes.size() - at)));
    ASSERT_TRUE(count.ok()) << count.status();
    ASSERT_GT(*count, 0u);
    at += *count;
  }
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
  EXPECT_TRUE(Read("/f") == bytes) << "the read goes on from another replica";

  // Once the bad one is gone and another copied, every replica must be good: read each alone.
  ASSERT_TRUE(Eventually([&] {
    auto report = cluster_->admin().Report();
    return report.ok() && report->corrupt_replicas == 0 && HasReplicas("/f", 3);
  }));
  for (int survivor = 0; survivor < 4; ++survivor) {
    auto now = fs().Locate("/f");
    ASSERT_TRUE(now.ok());
    for (const auto& located : now->blocks) {
      EXPECT_FALSE(located.corrupt);
      EXPECT_EQ(located.locations.size(), 3u);
    }
  }
  auto fresh = cluster_->NewFileSystem();
  ASSERT_TRUE(fresh.ok());
  auto again = dfs::ReadWholeFile(**fresh, "/f", UINT64_MAX);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(*again == bytes);
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
