#include "dfs/datanode/store/chunk_checksums.h"

#include <gtest/gtest.h>

#include "tests/unit/dfs/datanode/store_fixture.h"

namespace tusk::dfs::datanode {
namespace {

TEST(ChunkChecksums, AlignToTheBlockNotToThePacket) {
  const auto data = Pattern(1, 1200);
  EXPECT_EQ(ComputeChunks(data, 0, 512).size(), 4u * 3);
  EXPECT_EQ(ComputeChunks(data, 500, 512).size(), 4u * 4);
  EXPECT_TRUE(VerifyChunks(data, 500, 512, ComputeChunks(data, 500, 512)).ok());
  EXPECT_FALSE(VerifyChunks(data, 499, 512, ComputeChunks(data, 500, 512)).ok());
}

TEST(ChunkChecksums, NameTheFirstWrongChunk) {
  auto data = Pattern(1, 1200);
  const auto crcs = ComputeChunks(data, 0, 512);
  data[600] ^= std::byte{1};
  const Status wrong = VerifyChunks(data, 0, 512, crcs);
  EXPECT_EQ(wrong.code(), Code::kCorruption);
  EXPECT_NE(wrong.message().find("offset 512"), std::string::npos) << wrong;
}

TEST(ChunkChecksums, RefuseAWrongCount) {
  const auto data = Pattern(1, 1200);
  const auto crcs = ComputeChunks(data, 0, 512);
  EXPECT_EQ(VerifyChunks(data, 0, 512, std::span(crcs).first(8)).code(), Code::kInvalidArgument);
  EXPECT_EQ(VerifyChunks(std::span(data).first(512), 0, 512, crcs).code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tusk::dfs::datanode
