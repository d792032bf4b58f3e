#include "common/base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace tusk {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(EditDistance("abc", "abc"), 0u);
  EXPECT_EQ(EditDistance("abc", "abxc"), 1u);
  EXPECT_EQ(EditDistance("abc", "ac"), 1u);
  EXPECT_EQ(EditDistance("abc", "axc"), 1u);
  EXPECT_EQ(EditDistance("abcd", "abdc"), 1u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  // No piece is edited twice: swap, then insert between the two, is not allowed.
  EXPECT_EQ(EditDistance("ca", "abc"), 3u);
}

TEST(EditDistance, IsTheSameBothWays) {
  const std::vector<std::string> words = {"", "a", "ls", "list", "cluster", "clustre", "jobtracker", "tracker"};
  for (const std::string& a : words) {
    for (const std::string& b : words) EXPECT_EQ(EditDistance(a, b), EditDistance(b, a)) << a << " " << b;
  }
}

TEST(EditDistance, ComparesOnlyTheFrontOfEndlessWords) {
  EXPECT_EQ(EditDistance(std::string(1 << 20, 'a'), std::string(1 << 20, 'b')), 256u);
}

TEST(Nearest, AllowsOneMistakeInThreeLettersAndAtLeastOne) {
  const std::vector<std::string> known = {"ls", "mkdir", "replication"};
  EXPECT_EQ(Nearest("lss", known), "ls");
  EXPECT_EQ(Nearest("mkdri", known), "mkdir");
  EXPECT_EQ(Nearest("mkder", known), "mkdir");
  EXPECT_EQ(Nearest("mxxir", known), std::nullopt);  // two mistakes in five letters
  EXPECT_EQ(Nearest("replicate", known), "replication");
  EXPECT_EQ(Nearest("rep", known), std::nullopt);
  EXPECT_EQ(Nearest("", known), std::nullopt);
}

TEST(Nearest, TakesTheFirstOfEquals) {
  const std::vector<std::string> known = {"cat", "rat", "bat"};
  EXPECT_EQ(Nearest("hat", known), "cat");
  EXPECT_EQ(Nearest("bat", known), "bat");
  EXPECT_EQ(Nearest("hat", {}), std::nullopt);
}

}  // namespace
}  // namespace tusk
