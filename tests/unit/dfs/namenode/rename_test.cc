#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

using Renames = CoreFixture;

TEST_F(Renames, MoveAFileAndADirectory) {
  ASSERT_TRUE(WriteEmpty("/a/f").ok());
  ASSERT_TRUE(Mkdir("/b").ok());
  const InodeId inode = StatPath("/a/f")->inode;
  EXPECT_TRUE(RenamePath("/a/f", "/b/g").ok());
  EXPECT_EQ(StatPath("/b/g")->inode, inode);
  EXPECT_EQ(StatPath("/a/f").status().code(), Code::kNotFound);
  EXPECT_TRUE(RenamePath("/b", "/c").ok());
  EXPECT_EQ(StatPath("/c/g")->inode, inode);
  EXPECT_EQ(StatPath("/a")->children, 0u);
  EXPECT_EQ(StatPath("/c")->children, 1u);
}

TEST_F(Renames, KeepTheNameInAnExistingDirectory) {
  ASSERT_TRUE(WriteEmpty("/f").ok());
  ASSERT_TRUE(Mkdir("/d").ok());
  EXPECT_TRUE(RenamePath("/f", "/d").ok());
  EXPECT_TRUE(StatPath("/d/f").ok());
  ASSERT_TRUE(Mkdir("/e").ok());
  EXPECT_TRUE(RenamePath("/d", "/e").ok());
  EXPECT_TRUE(StatPath("/e/d/f").ok());
}

TEST_F(Renames, RefuseWhatCannotBe) {
  ASSERT_TRUE(WriteEmpty("/f").ok());
  ASSERT_TRUE(WriteEmpty("/g").ok());
  ASSERT_TRUE(Mkdir("/d/e").ok());
  EXPECT_EQ(RenamePath("/none", "/x").code(), Code::kNotFound);
  EXPECT_EQ(RenamePath("/f", "/no/x").code(), Code::kNotFound);
  EXPECT_EQ(RenamePath("/", "/x").code(), Code::kInvalidArgument);
  EXPECT_EQ(RenamePath("/d", "/d/e").code(), Code::kInvalidArgument);
  EXPECT_EQ(RenamePath("/d", "/d/x").code(), Code::kInvalidArgument);
  EXPECT_EQ(RenamePath("/d", "/d/e/x").code(), Code::kInvalidArgument);
  EXPECT_EQ(RenamePath("/f", "/g").code(), Code::kAlreadyExists);
  EXPECT_EQ(RenamePath("/d", "/f").code(), Code::kAlreadyExists);
  EXPECT_EQ(RenamePath("/d", "/f", true).code(), Code::kAlreadyExists);
  EXPECT_EQ(RenamePath("/f", "/g/x").code(), Code::kNotADirectory);
  ASSERT_TRUE(Mkdir("/d2/d").ok());
  EXPECT_EQ(RenamePath("/d", "/d2").code(), Code::kAlreadyExists);  // /d2/d is there
  EXPECT_EQ(core->state->meta().files, 2u);
}

TEST_F(Renames, ToTheSamePlaceChangeNothing) {
  ASSERT_TRUE(WriteEmpty("/d/f").ok());
  EXPECT_TRUE(RenamePath("/d/f", "/d/f").ok());
  EXPECT_TRUE(RenamePath("/d", "/d").ok());
  EXPECT_TRUE(RenamePath("/d/f", "/d").ok());  // it lies there already
  EXPECT_TRUE(StatPath("/d/f").ok());
  EXPECT_EQ(StatPath("/d")->children, 1u);
}

TEST_F(Renames, ReplaceAFileWhenAsked) {
  AddNodes(3);
  WriteFile("/old", {10});
  WriteFile("/new", {20});
  EXPECT_TRUE(RenamePath("/new", "/old", true).ok());
  EXPECT_EQ(StatPath("/old")->length, 20u);
  EXPECT_EQ(core->state->meta().files, 1u);
  EXPECT_EQ(core->state->meta().blocks, 1u);
}

TEST_F(Renames, LeaveAWriterItsFile) {
  AddNodes(3);
  const InodeId inode = *CreateFile("/w", client);
  auto block = NextBlock(inode, client);
  ASSERT_TRUE(block.ok());
  EXPECT_TRUE(RenamePath("/w", "/v").ok());
  block->block.length = 9;
  Received(1, block->block);
  EXPECT_TRUE(CompleteFile(inode, client, block->block).ok());
  EXPECT_EQ(StatPath("/v")->length, 9u);
}

}  // namespace
}  // namespace tusk::dfs::namenode
