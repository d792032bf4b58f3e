// A DataNode that is stopped, as by SIGSTOP or a hung kernel: readers do not wait for it.
#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/random.h"
#include "tests/harness/process_cluster.h"

namespace tusk::testing {
namespace {

std::string Content(size_t bytes) {
  Random random(bytes);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(ReadHedging, ReadersGoOnWhileADataNodeIsStopped) {
  // So long that a test that passed by waiting for it would be ended by the test's own limit.
  auto cluster = ProcessCluster::Start({.nodes = 3,
                                        .settings = {{"dfs.block_size", "4m"},
                                                     {"dfs.data_timeout", "10m"},
                                                     {"dfs.client_timeout", "10m"},
                                                     {"dfs.datanode_dead_after", "10m"},
                                                     {"dfs.local_reads", "false"}}});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  auto fs = (*cluster)->Connect();
  ASSERT_TRUE(fs.ok()) << fs.status();
  const std::string bytes = Content(24 << 20);
  auto out = (*fs)->Create("/f");
  ASSERT_TRUE(out.ok()) << out.status();
  ASSERT_TRUE((*out)->Write(bytes).ok());
  ASSERT_TRUE((*out)->Close().ok());

  auto in = (*fs)->Open("/f");
  ASSERT_TRUE(in.ok()) << in.status();
  std::string read(bytes.size(), '\0');
  auto into = std::as_writable_bytes(std::span(read));
  size_t at = 0;
  const auto read_until = [&](size_t until) {
    while (at < until) {
      auto count = (*in)->Read(into.subspan(at, std::min<size_t>(100'000, until - at)));
      ASSERT_TRUE(count.ok()) << count.status();
      ASSERT_GT(*count, 0u);
      at += *count;
    }
  };
  // One node after another stops while the stream is under way, so the one it is at does, in the middle of a block.
  for (const char* node : {"node1/datanode", "node2/datanode", "node3/datanode"}) {
    read_until(at + (2 << 20) + 1'234);
    ASSERT_TRUE((*cluster)->Pause(node).ok());
    read_until(at + (5 << 20));
    std::string piece(10'000, '\0');
    for (size_t offset = 0; offset < bytes.size(); offset += 3'000'000) {
      auto count = (*in)->ReadAt(offset, std::as_writable_bytes(std::span(piece)));
      ASSERT_TRUE(count.ok()) << count.status();
      EXPECT_TRUE(piece.substr(0, *count) == bytes.substr(offset, *count)) << offset;
    }
    ASSERT_TRUE((*cluster)->Resume(node).ok());
  }
  read_until(bytes.size());
  EXPECT_TRUE(read == bytes);
}

}  // namespace
}  // namespace tusk::testing
