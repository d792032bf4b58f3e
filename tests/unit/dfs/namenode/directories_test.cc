// Paths, directories, listings, deletion, times.
#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

using Directories = CoreFixture;

TEST_F(Directories, MakeMissingParentsOnlyWhenAsked) {
  EXPECT_EQ(Mkdir("/a/b/c", false).code(), Code::kNotFound);
  EXPECT_EQ(core->state->meta().directories, 1u);
  EXPECT_TRUE(Mkdir("/a/b/c", true).ok());
  EXPECT_EQ(core->state->meta().directories, 4u);
  EXPECT_TRUE(Mkdir("/a/b/d", false).ok());
  EXPECT_EQ(Mkdir("/a/b/d", false).code(), Code::kAlreadyExists);
  EXPECT_TRUE(Mkdir("/a/b/d", true).ok());
  EXPECT_TRUE(Mkdir("/", true).ok());
  EXPECT_EQ(StatPath("/a/b")->children, 2u);
}

TEST_F(Directories, RefuseAFileAsParentOrInTheirPlace) {
  ASSERT_TRUE(WriteEmpty("/f").ok());
  EXPECT_EQ(Mkdir("/f").code(), Code::kAlreadyExists);
  EXPECT_EQ(Mkdir("/f/d").code(), Code::kNotADirectory);
  EXPECT_EQ(StatPath("/f/d").status().code(), Code::kNotADirectory);
  EXPECT_EQ(StatPath("/g").status().code(), Code::kNotFound);
}

TEST_F(Directories, RefuseBadPaths) {
  EXPECT_EQ(Mkdir("a").code(), Code::kInvalidArgument);
  EXPECT_EQ(Mkdir("").code(), Code::kInvalidArgument);
  EXPECT_EQ(Mkdir("/a/../b").code(), Code::kInvalidArgument);
  EXPECT_EQ(Mkdir("/" + std::string(256, 'x')).code(), Code::kInvalidArgument);
  EXPECT_TRUE(Mkdir("/" + std::string(255, 'x')).ok());
  EXPECT_TRUE(Mkdir("//q//r/").ok());
  EXPECT_TRUE(StatPath("/q/r").ok());
  EXPECT_EQ(StatPath("/q/r")->owner, "tester");
}

TEST_F(Directories, ListByNameInPages) {
  for (const char* name : {"/d/c", "/d/a", "/d/b", "/d/ab"}) ASSERT_TRUE(Mkdir(name).ok());
  ASSERT_TRUE(Mkdir("/e").ok());
  EXPECT_EQ(*Names("/d"), (std::vector<std::string>{"a", "ab", "b", "c"}));
  EXPECT_EQ(*Names("/d", 2), (std::vector<std::string>{"a", "ab"}));
  EXPECT_EQ(*Names("/d", 2, "ab"), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(*Names("/d", 0, "aa"), (std::vector<std::string>{"ab", "b", "c"}));
  EXPECT_EQ(*Names("/"), (std::vector<std::string>{"d", "e"}));
  EXPECT_EQ(Names("/none").status().code(), Code::kNotFound);
  ASSERT_TRUE(WriteEmpty("/d/f").ok());
  EXPECT_EQ(*Names("/d/f"), std::vector<std::string>{"/d/f"});
}

TEST_F(Directories, PagesNeverHoldMoreThanAThousandNames) {
  for (int i = 0; i < 1001; ++i) ASSERT_TRUE(Mkdir("/d/" + std::to_string(1000 + i)).ok());
  EXPECT_EQ(Names("/d")->size(), 1000u);
  EXPECT_EQ(Names("/d", 5000)->size(), 1000u);
  EXPECT_EQ(*Names("/d", 0, "1999"), std::vector<std::string>{"2000"});
}

TEST_F(Directories, DeleteATreeWithItsCounts) {
  AddNodes(3);
  WriteFile("/t/x/f1", {100, 50});
  WriteFile("/t/f2", {10});
  EXPECT_EQ(DeletePath("/t", false).status().code(), Code::kNotEmpty);
  EXPECT_EQ(core->state->meta().blocks, 3u);
  EXPECT_TRUE(*DeletePath("/t", true));
  EXPECT_FALSE(*DeletePath("/t", true));
  EXPECT_EQ(core->state->meta().files, 0u);
  EXPECT_EQ(core->state->meta().directories, 1u);
  EXPECT_EQ(core->state->meta().blocks, 0u);
  EXPECT_EQ(core->blocks.blocks().counts().blocks, 0u);
  EXPECT_EQ(StatPath("/")->children, 0u);
  EXPECT_EQ(DeletePath("/").status().code(), Code::kInvalidArgument);
  // Each node is told to delete its three replicas.
  const auto orders = Beat(1);
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(orders[0].kind, NodeCommand::Kind::kInvalidate);
  EXPECT_EQ(orders[0].blocks.size(), 3u);
}

TEST_F(Directories, DeleteAnEmptyOneWithoutRecursion) {
  ASSERT_TRUE(Mkdir("/a/b").ok());
  EXPECT_TRUE(*DeletePath("/a/b", false));
  EXPECT_EQ(StatPath("/a")->children, 0u);
}

TEST_F(Directories, KeepTimesThatAreNotSet) {
  ASSERT_TRUE(WriteEmpty("/f").ok());
  const FileStatus before = *StatPath("/f");
  const Status set = Call(kSetTimes, SetTimes, [&](auto request) {
    FillCaller(request.initCaller(), client);
    request.setPath("/f");
    request.setModifiedMs(12345);
  });
  ASSERT_TRUE(set.ok()) << set;
  EXPECT_EQ(StatPath("/f")->modified_ms, 12345);
  EXPECT_EQ(StatPath("/f")->accessed_ms, before.accessed_ms);
}

TEST_F(Directories, CountTheirContent) {
  AddNodes(3);
  WriteFile("/t/x/f1", {100, 50}, 3);
  WriteFile("/t/f2", {10}, 2);
  for (int i = 0; i < 2100; ++i) ASSERT_TRUE(Mkdir("/t/many/" + std::to_string(i)).ok());
  capnp::MallocMessageBuilder reply;
  ASSERT_TRUE(Call(
                  kContentSummary, ContentSummary, [&](auto request) { request.setPath("/t"); }, &reply)
                  .ok());
  const auto summary = reply.getRoot<wire::ContentSummaryReply>().asReader();
  EXPECT_EQ(summary.getFiles(), 2u);
  EXPECT_EQ(summary.getDirectories(), 2103u);
  EXPECT_EQ(summary.getLength(), 160u);
  EXPECT_EQ(summary.getSpaceConsumed(), 470u);
}

}  // namespace
}  // namespace tusk::dfs::namenode
