#include "dfs/datanode/open_folders.h"

#include <gtest/gtest.h>

namespace tusk::dfs::datanode {
namespace {

TEST(FolderList, IsSeparatedByCommas) {
  EXPECT_EQ(*ParseFolderList("/data/tusk"), std::vector<std::string>{"/data/tusk"});
  EXPECT_EQ(*ParseFolderList(" /disk1/tusk/ ,/disk2/tusk,"), (std::vector<std::string>{"/disk1/tusk", "/disk2/tusk"}));
}

TEST(FolderList, WithoutAFolderOrWithOneTwiceIsRefused) {
  for (const char* text : {"", " ", ", ,", "/a,/b,/a/"}) {
    EXPECT_EQ(ParseFolderList(text).status().code(), Code::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace tusk::dfs::datanode
