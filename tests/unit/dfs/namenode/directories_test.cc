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

// Trees that one entry does not remove.
class LargeTrees : public CoreFixture {
 protected:
  uint64_t Objects() { return core->state->meta().files + core->state->meta().directories + core->state->meta().blocks; }
  size_t Keys(std::string_view prefix) {
    size_t keys = 0;
    core->state->view().Scan(prefix, {}, [&](std::string_view, std::string_view) { return ++keys, true; });
    return keys;
  }
  void ExpectNothingIsLeft() {
    EXPECT_EQ(core->state->meta().files, 0u);
    EXPECT_EQ(core->state->meta().directories, 1u);
    EXPECT_EQ(core->state->meta().blocks, 0u);
    EXPECT_EQ(core->blocks.blocks().counts().blocks, 0u);
    EXPECT_EQ(core->leases.files(), 0u);
    for (const char* kind : {"G", "D", "B", "L"}) EXPECT_EQ(Keys(kind), 0u) << kind;
    EXPECT_EQ(Keys("I"), 1u) << "the root";
  }
};

TEST_F(LargeTrees, AreGoneAtOnceAndReclaimedInSteps) {
  AddNodes(3);
  for (int i = 0; i < 1500; ++i) ASSERT_TRUE(Mkdir("/t/wide/" + std::to_string(i)).ok());
  for (int i = 0; i < 300; ++i) WriteFile("/t/files/" + std::to_string(i / 20) + "/" + std::to_string(i), {1, 2, 3, 4}, 1);
  std::string deep = "/t/deep";
  for (int i = 0; i < 400; ++i) deep += "/d";
  ASSERT_TRUE(Mkdir(deep).ok());
  ASSERT_TRUE(CreateFile("/t/files/open", client).ok());
  const uint64_t before = Objects();
  ASSERT_TRUE(*DeletePath("/t"));
  EXPECT_EQ(StatPath("/t").status().code(), Code::kNotFound);
  EXPECT_EQ(StatPath("/")->children, 0u);
  EXPECT_LE(before - Objects(), 251u) << "an entry does a bounded part";
  ASSERT_TRUE(Mkdir("/t/wide/0").ok()) << "the name is free";
  ASSERT_TRUE(*DeletePath("/t"));
  for (int i = 0; i < 30; ++i) {
    const uint64_t objects = Objects();
    const bool more = Reclaim();
    EXPECT_LE(objects - Objects(), 251u);
    EXPECT_LT(Keys("G"), 300u) << "what is left over is a few roots";
    if (!more) break;
    if (i == 1) {
      Restart(true);
      core->safe_mode.Leave();
    }
  }
  ExpectNothingIsLeft();
}

TEST_F(LargeTrees, GoOnBeingReclaimedAfterTheStateIsLost) {
  for (int i = 0; i < 2500; ++i) ASSERT_TRUE(Mkdir("/t/" + std::to_string(i)).ok());
  ASSERT_TRUE(*DeletePath("/t"));
  EXPECT_TRUE(Reclaim());
  const uint32_t digest = core->state->Digest();
  Restart();
  EXPECT_EQ(core->state->Digest(), digest) << "the log alone gives the same garbage";
  while (Reclaim()) {
  }
  ExpectNothingIsLeft();
}

TEST_F(LargeTrees, AFileOfManyBlocksIsReclaimedFromItsEnd) {
  AddNodes(3);
  WriteFile("/f", std::vector<uint64_t>(600, 10), 1);
  ASSERT_TRUE(*DeletePath("/f"));
  EXPECT_EQ(StatPath("/f").status().code(), Code::kNotFound);
  EXPECT_EQ(core->state->meta().blocks, 350u);
  EXPECT_TRUE(Reclaim());
  EXPECT_EQ(core->state->meta().blocks, 100u);
  EXPECT_FALSE(Reclaim());
  ExpectNothingIsLeft();
}

TEST_F(LargeTrees, AreNotReclaimedInSafeMode) {
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(Mkdir("/t/" + std::to_string(i)).ok());
  ASSERT_TRUE(*DeletePath("/t"));
  core->safe_mode.Enter();
  const uint64_t objects = Objects();
  EXPECT_FALSE(Reclaim());
  EXPECT_EQ(Objects(), objects);
  core->safe_mode.Leave();
  while (Reclaim()) {
  }
  ExpectNothingIsLeft();
}

TEST_F(Directories, OthersHaveTheirTurnWhileAPageIsMade) {
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(Mkdir("/d/" + std::to_string(1000 + i)).ok());
  capnp::MallocMessageBuilder request, reply;
  request.initRoot<wire::ListRequest>().setPath("/d");
  CallRun listing, removal;
  Spawn(List(*core, call, request.getRoot<wire::ListRequest>().asReader(), reply.initRoot<wire::ListReply>()), &listing);
  capnp::MallocMessageBuilder doomed, deleted;
  auto remove = doomed.initRoot<wire::DeleteRequest>();
  FillCaller(remove.initCaller(), client);
  remove.setPath("/d/1999");
  Spawn(Delete(*core, call, remove.asReader(), deleted.initRoot<wire::DeleteReply>()), &removal);
  context.restart();
  while (!removal.done && context.poll_one() > 0) {
  }
  EXPECT_TRUE(removal.done);
  EXPECT_FALSE(listing.done) << "the listing has held up the other request";
  Poll();
  ASSERT_TRUE(listing.done && listing.status.ok());
  EXPECT_EQ(reply.getRoot<wire::ListReply>().getEntries().size(), 999u);
}

TEST_F(Directories, KeepToTheLimitsOfThisFileSystem) {
  AddNodes(3);
  ASSERT_TRUE(Mkdir("/long-name").ok());
  ASSERT_TRUE(WriteEmpty("/f").ok());
  const auto two = WriteFile("/two", {1 << 20, 1 << 20});
  WriteFile("/one", {10});
  options.max_component_bytes = 5;
  options.max_path_bytes = 30;
  options.max_blocks_per_file = 2;
  options.list_limit = 2;
  Restart(true);
  beating.clear();
  AddNodes(3);
  core->safe_mode.Leave();
  const Status name = Mkdir("/a/bcdefg");
  EXPECT_EQ(name.code(), Code::kInvalidArgument);
  EXPECT_EQ(name.message(),
            "cannot make /a/bcdefg: the name bcdefg has 6 bytes; at most 5 are allowed here (dfs.max_component_length)");
  EXPECT_EQ(CreateFile("/bcdefg", client).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(RenamePath("/f", "/bcdefg").code(), Code::kInvalidArgument);
  EXPECT_TRUE(Mkdir("/long-name/a").ok()) << "what is there already may be used";
  EXPECT_TRUE(*DeletePath("/long-name"));
  const Status path = Mkdir("/1234/1234/1234/1234/1234/1234/1");
  EXPECT_EQ(path.code(), Code::kInvalidArgument);
  EXPECT_NE(path.message().find("dfs.max_path_length"), std::string::npos) << path;
  EXPECT_EQ(Names("/")->size(), 2u);
  const InodeId inode = *CreateFile("/three", client);
  Block last;
  for (int i = 0; i < 2; ++i) {
    const auto next = NextBlock(inode, client, last);
    ASSERT_TRUE(next.ok()) << next.status();
    last = next->block;
    last.length = 1 << 20;
    for (const DataNodeInfo& node : next->locations) Received(node.id.value(), last);
  }
  const Status blocks = NextBlock(inode, client, last).status();
  EXPECT_EQ(blocks.code(), Code::kResourceExhausted);
  EXPECT_NE(blocks.message().find("at most 2 are allowed here (dfs.max_blocks_per_file)"), std::string::npos) << blocks;
  EXPECT_TRUE(CompleteFile(inode, client, last).ok());
  const Status joined = Call(kConcat, Concat, [&](auto request) {
    FillCaller(request.initCaller(), client);
    request.setTarget("/two");
    request.initSources(1).set(0, "/one");
  });
  EXPECT_EQ(joined.code(), Code::kResourceExhausted) << joined;
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
