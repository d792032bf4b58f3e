// The counts of wordcount are those of tr, sort and uniq over the same bytes, whatever the bytes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "common/base/random.h"
#include "tests/harness/process_cluster.h"

namespace tusk::testing {
namespace {

// Words of a small vocabulary, of random bytes (not UTF-8, NULs included), of all kinds of space, and a line longer than a block.
std::string MakeText(uint64_t seed) {
  Random random(seed);
  static constexpr std::string_view kSpaces = " \t\n\v\f\r";
  std::string text;
  while (text.size() < 3'000'000) {
    if (random.OneIn(50)) {
      for (uint64_t i = random.Below(20); i > 0; --i) text += static_cast<char>(random.Below(256));
    } else {
      text += "word" + std::to_string(random.Below(random.OneIn(2) ? 10 : 5000));
    }
    text += random.OneIn(10) ? kSpaces[random.Below(kSpaces.size())] : ' ';
    if (text.size() > 500'000 && text.size() < 600'000) continue;  // a long stretch without intended line ends
    if (random.OneIn(12)) text += '\n';
  }
  text += std::string(1'500'000, 'L') + " last-word-without-newline";
  return text;
}

TEST(WordCount, CountsLikeTrSortAndUniq) {
  const uint64_t seed = 20261123;
  SCOPED_TRACE("seed " + std::to_string(seed));
  auto cluster = ProcessCluster::Start({.nodes = 3, .racks = 2, .settings = {{"dfs.block_size", "1m"}}});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const std::string directory = (*cluster)->directory();
  {
    std::ofstream(directory + "/in.txt", std::ios::binary) << MakeText(seed);
    std::ofstream(directory + "/empty.txt");
    std::ofstream(directory + "/small.txt") << "a small file\n";
  }
  auto put = (*cluster)->Run("tusk", {"dfs", "-mkdir", "-p", "/in"});
  ASSERT_EQ(put.exit_code, 0) << put.output;
  put =
      (*cluster)->Run("tusk", {"dfs", "-put", directory + "/in.txt", directory + "/empty.txt", directory + "/small.txt", "/in"});
  ASSERT_EQ(put.exit_code, 0) << put.output;
  const auto counted = (*cluster)->Run("wordcount", {"--reduces", "3", "/in", "/out"});
  ASSERT_EQ(counted.exit_code, 0) << counted.output;
  const auto listed = (*cluster)->Run("tusk", {"dfs", "-ls", "/out"});
  EXPECT_NE(listed.output.find("/out/_SUCCESS"), std::string::npos) << listed.output;
  EXPECT_NE(listed.output.find("/out/part-r-00002"), std::string::npos) << listed.output;
  const std::string compare =
      "cd " + directory + " && TUSK_CONF=" + (*cluster)->config_file() + " " + BinDirectory() +
      "/tusk dfs -cat '/out/part-*' | LC_ALL=C sort >ours && { cat in.txt; echo; cat empty.txt small.txt; } | LC_ALL=C "
      "tr -s '[:space:]' '\\n' | LC_ALL=C sort | "
      "LC_ALL=C uniq -c | LC_ALL=C perl -ne 'chomp; s/^ *(\\d+) //; print \"$_\\t$1\\n\" if length' | "
      "LC_ALL=C sort >theirs && cmp ours theirs";
  EXPECT_EQ(std::system(compare.c_str()), 0) << "the counts differ";
  const auto again = (*cluster)->Run("wordcount", {"/in", "/out"});
  EXPECT_NE(again.exit_code, 0);
  EXPECT_NE(again.output.find("/out"), std::string::npos) << again.output;
  EXPECT_NE(again.output.find("exist"), std::string::npos) << again.output;
}

TEST(TeraSort, OrdersWhatTeragenMadeAndKeepsEveryRecord) {
  auto cluster = ProcessCluster::Start({.nodes = 3, .racks = 2, .settings = {{"dfs.block_size", "1m"}}});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  auto run = (*cluster)->Run("teragen", {"50000", "/tera/in"});
  ASSERT_EQ(run.exit_code, 0) << run.output;
  run = (*cluster)->Run("terasort", {"--reduces", "3", "/tera/in", "/tera/out"});
  ASSERT_EQ(run.exit_code, 0) << run.output;
  run = (*cluster)->Run("teravalidate", {"/tera/out", "/tera/report"});
  ASSERT_EQ(run.exit_code, 0) << run.output;
  run = (*cluster)->Run("teravalidate", {"--checksum-only", "/tera/in", "/tera/checksum"});
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const auto sorted = (*cluster)->Run("tusk", {"dfs", "-cat", "/tera/report/part-r-00000"});
  const auto generated = (*cluster)->Run("tusk", {"dfs", "-cat", "/tera/checksum/part-r-00000"});
  EXPECT_EQ(sorted.output, generated.output);
  EXPECT_EQ(sorted.output.rfind("checksum\t", 0), 0u) << sorted.output;
  // The validator can fail: unsorted input is misordered.
  const auto unsorted = (*cluster)->Run("teravalidate", {"/tera/in", "/tera/report2"});
  EXPECT_EQ(unsorted.exit_code, 1) << unsorted.output;
}

}  // namespace
}  // namespace tusk::testing
