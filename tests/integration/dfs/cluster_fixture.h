// A running cluster for each test, and content that can be checked: byte i of a file depends on its seed and on i alone.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/base/random.h"
#include "tests/harness/eventually.h"
#include "tests/harness/mini_cluster.h"

namespace tusk::testing {

inline std::string Content(uint64_t seed, size_t bytes) {
  Random random(seed);
  std::string text(bytes, '\0');
  for (size_t i = 0; i < bytes; i += 8) {
    const uint64_t word = random();
    std::memcpy(text.data() + i, &word, std::min<size_t>(8, bytes - i));
  }
  return text;
}

class ClusterTest : public ::testing::Test {
 protected:
  void StartCluster(MiniCluster::Options options = {}) {
    auto cluster = StartInProcessCluster(std::move(options));
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = std::move(*cluster);
  }

  dfs::FileSystem& fs() { return cluster_->filesystem(); }

  void Write(const std::string& path, const std::string& bytes, size_t piece = SIZE_MAX) {
    auto out = fs().Create(path, {});
    ASSERT_TRUE(out.ok()) << out.status();
    for (size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at)) {
      const Status status = (*out)->Write(std::string_view(bytes).substr(at, piece));
      ASSERT_TRUE(status.ok()) << status;
    }
    const Status closed = (*out)->Close();
    ASSERT_TRUE(closed.ok()) << closed;
  }

  std::string Read(const std::string& path) {
    auto bytes = dfs::ReadWholeFile(fs(), path, UINT64_MAX);
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    return bytes.ok() ? *bytes : "";
  }

  // Every block of the file has this many live replicas, none of them known to be corrupt.
  bool HasReplicas(const std::string& path, size_t replicas) {
    auto file = fs().Locate(path);
    if (!file.ok()) return false;
    for (const dfs::LocatedBlock& block : file->blocks) {
      if (block.corrupt || block.locations.size() != replicas) return false;
    }
    return true;
  }

  std::unique_ptr<MiniCluster> cluster_;
};

}  // namespace tusk::testing
