// The plans of the chaos test keep within what the DFS promises to survive.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/chaos/disk_faults.h"
#include "tests/chaos/nemesis.h"

namespace tusk::chaos {
namespace {

using Kind = Blow::Kind;

TEST(Plan, IsTheSameForTheSameSeed) {
  for (uint64_t seed = 1; seed < 100; ++seed) {
    const auto once = PlanRound(seed, {}), again = PlanRound(seed, {});
    ASSERT_EQ(once.size(), again.size());
    for (size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].ToString(), again[i].ToString());
  }
}

TEST(Plan, SpoilsReplicasOnOneNodeOnlyInARound) {
  std::set<Kind> seen;
  for (uint64_t seed = 1; seed < 2000; ++seed) {
    std::set<Kind> spoiling;
    for (const Blow& blow : PlanRound(seed, {})) {
      seen.insert(blow.kind);
      const std::string node = blow.victim.substr(0, blow.victim.find('/'));
      if (blow.kind == Kind::kFlipBits) {
        EXPECT_EQ(node, kBittenNode);
      }
      if (blow.kind == Kind::kRemoveFolder) {
        EXPECT_EQ(node, kRobbedNode);
      }
      if (blow.kind == Kind::kFillDisk) {
        EXPECT_EQ(node, kFilledNode);
      }
      if (blow.kind == Kind::kFlipBits || blow.kind == Kind::kRemoveFolder) spoiling.insert(blow.kind);
    }
    EXPECT_LE(spoiling.size(), 1u) << "seed " << seed;
  }
  EXPECT_EQ(seen.size(), kBlowNames.size()) << "every kind of blow comes up";
}

TEST(Plan, LeavesOutWhatTheMachineCannotDo) {
  NemesisOptions options;
  options.full_disks = false;
  options.folders = 1;
  for (uint64_t seed = 1; seed < 500; ++seed) {
    for (const Blow& blow : PlanRound(seed, options)) {
      EXPECT_NE(blow.kind, Kind::kFillDisk);
      EXPECT_NE(blow.kind, Kind::kRemoveFolder);
    }
  }
}

TEST(DiskFaults, FlipOneBitInAFileOfAReplicaAndTouchNothingElse) {
  const std::string folder = ::testing::TempDir() + "/flip";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder + "/finalized/subdir1/subdir2");
  std::ofstream(folder + "/identity") << "who";
  std::ofstream(folder + "/finalized/subdir1/subdir2/blk_1") << std::string(1000, 'x');
  EXPECT_EQ(FlipBits(folder, 1, 7), 1u);
  std::ifstream identity(folder + "/identity"), block(folder + "/finalized/subdir1/subdir2/blk_1");
  std::string who, bytes;
  std::getline(identity, who);
  std::getline(block, bytes);
  EXPECT_EQ(who, "who");
  ASSERT_EQ(bytes.size(), 1000u);
  EXPECT_EQ(std::count(bytes.begin(), bytes.end(), 'x'), 999);
  EmptyFolder(folder);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

}  // namespace
}  // namespace tusk::chaos
