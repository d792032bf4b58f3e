#include "dfs/shell/columns.h"

#include <gtest/gtest.h>

namespace tusk::dfs::shell {
namespace {

TEST(Columns, AreAsWideAsTheirWidestCell) {
  Columns table({Align::kLeft, Align::kRight, Align::kLeft}, "  ");
  table.Add({"name", "size", "path"});
  table.Add({"a", "12345", "/a"});
  EXPECT_EQ(table.Text(), "name   size  path\na     12345  /a\n");
}

TEST(Columns, OfNothingAreNothing) { EXPECT_EQ(Columns({Align::kLeft}, " ").Text(), ""); }

}  // namespace
}  // namespace tusk::dfs::shell
