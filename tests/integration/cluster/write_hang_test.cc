// A DataNode that is stopped, as by SIGSTOP or a hung kernel, while a writer's pipeline goes through it.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/harness/process_cluster.h"

namespace tusk::testing {
namespace {

TEST(WriteHang, AWriterLosesTwoSecondsToADataNodeThatHangs) {
  auto cluster = ProcessCluster::Start({.nodes = 3, .settings = {{"dfs.data_timeout", "10m"}, {"dfs.client_timeout", "10m"}}});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  auto fs = (*cluster)->Connect();
  ASSERT_TRUE(fs.ok()) << fs.status();
  const std::string piece(1 << 20, 'x');
  for (int place = 0; place < 3; ++place) {
    const std::string path = "/f" + std::to_string(place);
    auto out = (*fs)->Create(path);
    ASSERT_TRUE(out.ok()) << out.status();
    const auto write = [&](int pieces) {
      for (int i = 0; i < pieces; ++i) {
        ASSERT_TRUE((*out)->Write(piece).ok());
        ASSERT_TRUE((*out)->Flush().ok());
      }
    };
    write(4);
    const auto located = (*fs)->Locate(path);
    ASSERT_TRUE(located.ok()) << located.status();
    ASSERT_EQ(located->blocks.at(0).locations.size(), 3u);
    const std::string victim = located->blocks[0].locations[static_cast<size_t>(place)].name + "/datanode";
    ASSERT_TRUE((*cluster)->Pause(victim).ok());
    const auto begin = std::chrono::steady_clock::now();
    write(8);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << "1 s on a quiet machine; place " << place;
    EXPECT_TRUE((*out)->Close().ok());
    ASSERT_TRUE((*cluster)->Resume(victim).ok());
    EXPECT_EQ((*fs)->Stat(path)->length, 12u << 20);
  }
}

}  // namespace
}  // namespace tusk::testing
