#include "dfs/capi/handle_table.h"

#include <gtest/gtest.h>

namespace tusk::dfs::capi {
namespace {

TEST(HandleTable, FindsWhatWasAddedUntilItIsRemoved) {
  HandleTable<int> table;
  int* const seven = table.Add(std::make_shared<int>(7));
  ASSERT_NE(table.Find(seven), nullptr);
  EXPECT_EQ(*table.Find(seven), 7);
  EXPECT_EQ(*table.Remove(seven), 7);
  EXPECT_EQ(table.Find(seven), nullptr);
  EXPECT_EQ(table.Remove(seven), nullptr);
}

TEST(HandleTable, KnowsNeitherNullNorAStrangersAddress) {
  const HandleTable<int> table;
  const int stranger = 1;
  EXPECT_EQ(table.Find(nullptr), nullptr);
  EXPECT_EQ(table.Find(&stranger), nullptr);
}

TEST(HandleTable, WhoWorksWithAnObjectKeepsItWhenItIsRemoved) {
  HandleTable<int> table;
  int* const handle = table.Add(std::make_shared<int>(7));
  const std::shared_ptr<int> working = table.Find(handle);
  table.Remove(handle);
  EXPECT_EQ(*working, 7);
}

}  // namespace
}  // namespace tusk::dfs::capi
