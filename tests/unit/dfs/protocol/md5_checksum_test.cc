#include "dfs/protocol/md5_checksum.h"

#include <gtest/gtest.h>

namespace tusk::dfs {
namespace {

// Byte i of the content is i * 7 + i / 251, modulo 256.
std::vector<std::byte> Content(size_t bytes) {
  std::vector<std::byte> data(bytes);
  for (size_t i = 0; i < bytes; ++i) data[i] = static_cast<std::byte>(i * 7 + i / 251);
  return data;
}

HdfsChecksum Of(std::span<const std::byte> data, size_t block_bytes, size_t piece) {
  std::vector<Md5Sum> blocks;
  for (size_t at = 0; at < data.size(); at += block_bytes) {
    Md5OfCrcs md5(512);
    auto block = data.subspan(at, std::min(block_bytes, data.size() - at));
    for (; !block.empty(); block = block.subspan(std::min(piece, block.size())))
      md5.Add(block.first(std::min(piece, block.size())));
    blocks.push_back(md5.Finish().value());
  }
  return CombineHdfsChecksum(blocks, std::min(block_bytes, data.size()), 512).value();
}

// The expected values come from this program, which shares no code with what is tested:
//   import hashlib, struct
//   T = [0] * 256
//   for i in range(256):
//       c = i
//       for _ in range(8): c = c >> 1 ^ (0x82F63B78 if c & 1 else 0)
//       T[i] = c
//   def crc32c(b):
//       c = 0xFFFFFFFF
//       for x in b: c = c >> 8 ^ T[(c ^ x) & 255]
//       return c ^ 0xFFFFFFFF
//   def hdfs(data, block):
//       blocks = [data[i:i + block] for i in range(0, len(data), block)]
//       md5s = b''.join(hashlib.md5(b''.join(struct.pack('>I', crc32c(b[i:i + 512])) for i in range(0, len(b), 512))).digest()
//                       for b in blocks)
//       size = 32
//       while size < len(md5s): size *= 2
//       per_block = (len(blocks[0]) + 511) // 512 if len(blocks) > 1 else 0
//       return struct.pack('>IQ', 512, per_block).hex() + hashlib.md5(md5s.ljust(size, b'\0')).hexdigest()
//   data = bytes((i * 7 + i // 251) % 256 for i in range(10000))
//   print(hdfs(data, 1 << 20), hdfs(data, 4096), hdfs(data, 1024))
TEST(HdfsChecksumTest, IsThatOfHdfs) {
  const auto data = Content(10'000);
  const HdfsChecksum one = Of(data, 1 << 20, 10'000), three = Of(data, 4096, 10'000), ten = Of(data, 1024, 10'000);
  EXPECT_EQ(one.Algorithm(), "MD5-of-0MD5-of-512CRC32C");
  EXPECT_EQ(one.Hex(), "000002000000000000000000cc0f09867466fb31aea27d30df6220c2");
  EXPECT_EQ(three.Algorithm(), "MD5-of-8MD5-of-512CRC32C");
  EXPECT_EQ(three.Hex(), "000002000000000000000008fecb6ff4d45507ae9173090b6e159db7");
  EXPECT_EQ(ten.Algorithm(), "MD5-of-2MD5-of-512CRC32C");
  EXPECT_EQ(ten.Hex(), "000002000000000000000002409ed5d4da2be578375900073817e45b");
}

TEST(HdfsChecksumTest, DoesNotDependOnThePiecesItIsGiven) {
  const auto data = Content(10'000);
  for (const size_t piece : {1, 511, 512, 513, 4000}) EXPECT_EQ(Of(data, 4096, piece).Hex(), Of(data, 4096, 10'000).Hex());
}

// What `hadoop fs -checksum` prints for every empty file.
TEST(HdfsChecksumTest, OfAnEmptyFileIsHdfssMagicValue) {
  const HdfsChecksum empty = CombineHdfsChecksum({}, 0, 512).value();
  EXPECT_EQ(empty.Algorithm(), "MD5-of-0MD5-of-0CRC32");
  EXPECT_EQ(empty.Hex(), "00000000000000000000000070bc8f4b72a86921468bf8e8441dce51");
}

}  // namespace
}  // namespace tusk::dfs
