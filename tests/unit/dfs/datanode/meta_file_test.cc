#include "dfs/datanode/store/meta_file.h"

#include <gtest/gtest.h>

#include <array>

#include "common/storage/crc32c.h"
#include "dfs/datanode/store/layout.h"
#include "dfs/datanode/store/little_endian.h"

namespace tusk::dfs::datanode {
namespace {

using Header = std::array<std::byte, kMetaHeaderBytes>;

Header Encoded() {
  Header bytes{};
  EncodeMetaHeader({BlockId(0x0102030405060708), 1000, 16384}, bytes);
  return bytes;
}

void Reseal(Header& bytes) { StoreLe<uint32_t>(&bytes[28], storage::Crc32c(std::span(bytes).first<28>())); }

TEST(MetaFile, HeaderHasTheBytesOfItsDocument) {
  const Header bytes = Encoded();
  const std::array<unsigned char, 28> expected = {'T', 'K', 'B',  'M', 1, 0, 1, 0, 8, 7, 6, 5,  4, 3,
                                                  2,   1,   0xE8, 3,   0, 0, 0, 0, 0, 0, 0, 64, 0, 0};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(std::to_integer<int>(bytes[i]), expected[i]) << "byte " << i;
}

TEST(MetaFile, HeaderRoundTrips) {
  const auto header = DecodeMetaHeader(Encoded());
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->block, BlockId(0x0102030405060708));
  EXPECT_EQ(header->length, 1000u);
  EXPECT_EQ(header->chunk_bytes, 16384u);
}

TEST(MetaFile, EveryFlippedBitOfTheHeaderIsNoticed) {
  for (size_t bit = 0; bit < 8 * kMetaHeaderBytes; ++bit) {
    Header bytes = Encoded();
    bytes[bit / 8] ^= std::byte(1 << (bit % 8));
    EXPECT_FALSE(DecodeMetaHeader(bytes).ok()) << "bit " << bit;
  }
}

TEST(MetaFile, TellsTheFutureFromCorruption) {
  Header version = Encoded();
  version[4] = std::byte{2};
  Reseal(version);
  EXPECT_EQ(DecodeMetaHeader(version).status().code(), Code::kUnimplemented);
  Header kind = Encoded();
  kind[6] = std::byte{9};
  Reseal(kind);
  EXPECT_EQ(DecodeMetaHeader(kind).status().code(), Code::kUnimplemented);
  Header chunk = Encoded();
  StoreLe<uint32_t>(&chunk[24], 100);
  Reseal(chunk);
  EXPECT_EQ(DecodeMetaHeader(chunk).status().code(), Code::kCorruption);
}

TEST(MetaFile, CountsChunks) {
  EXPECT_EQ(MetaFileBytes(0, 512), 32u);
  EXPECT_EQ(MetaFileBytes(1, 512), 36u);
  EXPECT_EQ(MetaFileBytes(512, 512), 36u);
  EXPECT_EQ(MetaFileBytes(513, 512), 40u);
  EXPECT_EQ(MetaOffset(512, 512), 36u);
}

TEST(ReplicaFileName, ReadsBackOnlyWhatIsWritten) {
  const auto data = ParseReplicaFileName(DataName(BlockId(12)));
  ASSERT_TRUE(data);
  EXPECT_EQ(data->id, BlockId(12));
  EXPECT_FALSE(data->generation);
  const auto meta = ParseReplicaFileName(MetaName(BlockId(UINT64_MAX), Generation(3)));
  ASSERT_TRUE(meta);
  EXPECT_EQ(meta->id, BlockId(UINT64_MAX));
  EXPECT_EQ(meta->generation, Generation(3));
  for (const char* foreign : {"", "blk_", "blk_x", "blk_01", "blk_1_2", "blk_1.meta", "blk_1_.meta", "blk__2.meta",
                              "blk_1_2.meta.tmp", "blk_18446744073709551616", "blk_-1", "lost+found"}) {
    EXPECT_FALSE(ParseReplicaFileName(foreign)) << foreign;
  }
}

}  // namespace
}  // namespace tusk::dfs::datanode
