#include "dfs/datanode/store/folder_choice.h"

#include <gtest/gtest.h>

#include <array>

#include "common/base/random.h"
#include "dfs/datanode/store/recent_median.h"

namespace tusk::dfs::datanode {
namespace {

using std::chrono::milliseconds;

TEST(FolderChoice, SimilarFoldersTakeTurns) {
  const std::vector<FolderCandidate> folders = {{0, 1000, false}, {1, 950, false}, {2, 990, false}};
  for (uint64_t turn = 0; turn < 6; ++turn) EXPECT_EQ(ChooseFolder(folders, 10, turn, 0.99), turn % 3);
}

TEST(FolderChoice, AnEmptierFolderTakesMore) {
  const std::vector<FolderCandidate> folders = {{0, 1000, false}, {1, 3000, false}};
  Random random(1);
  std::array<int, 2> taken{};
  for (uint64_t turn = 0; turn < 4000; ++turn) ++taken.at(*ChooseFolder(folders, 10, turn, random.Unit()));
  EXPECT_NEAR(taken[1], 3000, 150);
}

TEST(FolderChoice, OnlyFoldersWithRoomAreChosen) {
  const std::vector<FolderCandidate> folders = {{0, 1000, false}, {1, 99, false}};
  for (uint64_t turn = 0; turn < 10; ++turn) EXPECT_EQ(ChooseFolder(folders, 100, turn, 0.999), 0u);
  EXPECT_EQ(ChooseFolder(folders, 1001, 0, 0.5), std::nullopt);
  EXPECT_EQ(ChooseFolder({}, 0, 0, 0.5), std::nullopt);
}

TEST(FolderChoice, ASlowFolderIsTheLastResort) {
  const std::vector<FolderCandidate> folders = {{0, 100'000, true}, {1, 500, false}};
  EXPECT_EQ(ChooseFolder(folders, 100, 0, 0.0), 1u);
  EXPECT_EQ(ChooseFolder(folders, 1000, 0, 0.0), 0u);
}

TEST(SlowFolder, IsMuchSlowerThanTheOthers) {
  using Medians = std::vector<std::optional<Duration>>;
  EXPECT_EQ(JudgeSlow(Medians{milliseconds(5), milliseconds(6), milliseconds(90)}), (std::vector<bool>{false, false, true}));
  EXPECT_EQ(JudgeSlow(Medians{milliseconds(1), milliseconds(1), milliseconds(9)}), (std::vector<bool>(3))) << "fast enough";
  EXPECT_EQ(JudgeSlow(Medians{milliseconds(80), milliseconds(90), milliseconds(100)}), (std::vector<bool>(3))) << "all alike";
  EXPECT_EQ(JudgeSlow(Medians{milliseconds(900)}), (std::vector<bool>(1))) << "nothing to compare with";
  EXPECT_EQ(JudgeSlow(Medians{std::nullopt, milliseconds(900)}), (std::vector<bool>(2)));
}

TEST(RecentMedian, ForgetsOldSamples) {
  RecentMedian median;
  for (int i = 0; i < 4; ++i) median.Add(milliseconds(100));
  EXPECT_EQ(median.Get(), std::nullopt) << "too few to speak of";
  median.Add(milliseconds(100));
  EXPECT_EQ(median.Get(), Duration(milliseconds(100)));
  for (int i = 0; i < 32; ++i) median.Add(milliseconds(1));
  EXPECT_EQ(median.Get(), Duration(milliseconds(1)));
}

}  // namespace
}  // namespace tusk::dfs::datanode
