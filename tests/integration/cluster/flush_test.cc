// What hflush promises: bytes that were flushed outlive the processes that took them, though not the power of their machines.
#include <gtest/gtest.h>

#include "tests/harness/process_cluster.h"

namespace tusk::testing {
namespace {

std::string ReadAll(dfs::FileSystem& fs, const std::string& path) {
  auto in = fs.Open(path);
  if (!in.ok()) return in.status().message();
  std::string text((*in)->length(), '\0');
  const auto count = (*in)->ReadAt(0, std::as_writable_bytes(std::span(text)));
  return count.ok() && *count == text.size() ? text : "cannot be read";
}

TEST(Flush, OutlivesTheDataNodesThatAreKilled) {
  auto cluster = ProcessCluster::Start({.nodes = 2});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  auto fs = (*cluster)->Connect();
  ASSERT_TRUE(fs.ok()) << fs.status();
  const auto write = [](dfs::OutputStream& out, const std::string& text) { return out.Write(std::as_bytes(std::span(text))); };
  auto few = (*fs)->Create("/few");
  auto more = (*fs)->Create("/more");
  ASSERT_TRUE(few.ok() && more.ok()) << few.status() << more.status();
  ASSERT_TRUE(write(**few, "a few bytes").ok() && (*few)->Flush().ok());
  // Bytes behind synced ones, in the same chunk.
  ASSERT_TRUE(write(**more, "synced, ").ok() && (*more)->Sync().ok());
  ASSERT_TRUE(write(**more, "then flushed").ok() && (*more)->Flush().ok());
  for (const std::string node : {"node1/datanode", "node2/datanode"}) {
    const Status killed = (*cluster)->Kill(node);
    ASSERT_TRUE(killed.ok()) << killed;
  }
  const Status restarted = (*cluster)->RestartAll();
  ASSERT_TRUE(restarted.ok()) << restarted;
  EXPECT_EQ(ReadAll(**fs, "/few"), "a few bytes");
  EXPECT_EQ(ReadAll(**fs, "/more"), "synced, then flushed");
}

}  // namespace
}  // namespace tusk::testing
