#include "dfs/protocol/convert.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

namespace tusk::dfs {
namespace {

DataNodeInfo Node(uint64_t id) {
  return {DataNodeId(id), "127.0.1." + std::to_string(id),  9866,
          9864,           "/rack" + std::to_string(id % 2), "node" + std::to_string(id)};
}

TEST(Convert, LocatedBlockComesBackAsItWas) {
  LocatedBlock block;
  block.block = {BlockId(UINT64_MAX), Generation(7), 128ull << 20};
  block.offset = 1ull << 40;
  block.locations = {Node(1), Node(2), Node(3)};
  block.corrupt = true;
  capnp::MallocMessageBuilder message;
  ToWire(block, message.initRoot<wire::LocatedBlock>());
  const LocatedBlock back = FromWire(message.getRoot<wire::LocatedBlock>().asReader());
  EXPECT_EQ(back.block, block.block);
  EXPECT_EQ(back.offset, block.offset);
  EXPECT_EQ(back.locations, block.locations);
  EXPECT_TRUE(back.corrupt);
}

FileStatus Example() {
  FileStatus status;
  status.path = "/a/b";
  status.inode = InodeId(9);
  status.length = 5;
  status.block_size = 1024;
  status.replication = 3;
  status.modified_ms = -1;
  status.accessed_ms = 1'700'000'000'123;
  status.owner = "ann";
  status.group = "staff";
  status.mode = 0644;
  status.under_construction = true;
  return status;
}

FileStatus RoundTrip(const FileStatus& status, std::string_view name, std::string_view directory) {
  capnp::MallocMessageBuilder message;
  ToWire(status, name, message.initRoot<wire::FileStatus>());
  return FromWire(message.getRoot<wire::FileStatus>().asReader(), directory);
}

TEST(Convert, FileStatusComesBackAsItWas) {
  const FileStatus status = Example();
  const FileStatus back = RoundTrip(status, "b", "/a");
  EXPECT_EQ(back.path, "/a/b");
  EXPECT_EQ(back.inode, status.inode);
  EXPECT_FALSE(back.is_directory);
  EXPECT_EQ(back.length, status.length);
  EXPECT_EQ(back.block_size, status.block_size);
  EXPECT_EQ(back.replication, status.replication);
  EXPECT_EQ(back.modified_ms, status.modified_ms);
  EXPECT_EQ(back.accessed_ms, status.accessed_ms);
  EXPECT_EQ(back.owner, status.owner);
  EXPECT_EQ(back.group, status.group);
  EXPECT_EQ(back.mode, status.mode);
  EXPECT_TRUE(back.under_construction);
}

TEST(Convert, AnAbsoluteNameStandsForItself) {
  EXPECT_EQ(RoundTrip(Example(), "/x/y", "/a").path, "/x/y");
  EXPECT_EQ(RoundTrip(Example(), "/", "/").path, "/");
  EXPECT_EQ(RoundTrip(Example(), "c", "/").path, "/c");
}

TEST(Convert, NamesNeedNotBeUtf8) { EXPECT_EQ(RoundTrip(Example(), "\xff\xc0", "/a").path, "/a/\xff\xc0"); }

TEST(Convert, DirectoryKindAndChildrenSurvive) {
  FileStatus status = Example();
  status.is_directory = true;
  status.children = 12;
  const FileStatus back = RoundTrip(status, "b", "/a");
  EXPECT_TRUE(back.is_directory);
  EXPECT_EQ(back.children, 12u);
}

}  // namespace
}  // namespace tusk::dfs
