// The bytes of the applied state. Change one of these only together with Meta::format and docs/formats/namespace.md.
#include "dfs/namenode/namespace/records.h"

#include <gtest/gtest.h>

#include "dfs/namenode/namespace/byte_codec.h"

namespace tusk::dfs::namenode {
namespace {

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += kDigits[static_cast<uint8_t>(c) >> 4];
    hex += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return hex;
}

TEST(Records, KeysAreBigEndianSoThatOrderIsTheirNumbers) {
  EXPECT_EQ(Hex(DirentKey(InodeId(258), "ab")), "4400000000000001026162");
  EXPECT_EQ(Hex(InodeKey(InodeId(1))), "490000000000000001");
  EXPECT_EQ(Hex(BlockKey(InodeId(2), 3)), "42000000000000000200000003");
  EXPECT_EQ(Hex(LeaseKey(InodeId(2))), "4c0000000000000002");
  EXPECT_EQ(Hex(GarbageKey(InodeId(2))), "470000000000000002");
  EXPECT_EQ(GarbageKeyInode(GarbageKey(InodeId(258))), InodeId(258));
  EXPECT_EQ(Hex(RetryKey({1, 2}, 3)), "5a000000000000000100000000000000020000000000000003");
  EXPECT_EQ(FenceKey("job_1"), "Jjob_1");
  EXPECT_LT(InodeKey(InodeId(255)), InodeKey(InodeId(256)));
  EXPECT_EQ(DirentName(DirentKey(InodeId(258), "ab")), "ab");
  EXPECT_EQ(BlockKeyInode(BlockKey(InodeId(2), 3)), InodeId(2));
  EXPECT_EQ(BlockKeyIndex(BlockKey(InodeId(2), 3)), 3u);
}

TEST(Records, SurviveARoundTrip) {
  Inode file;
  file.parent = InodeId(77);
  file.name = std::string("a\xff b");
  file.modified_ms = 1'700'000'000'123;
  file.accessed_ms = -1;
  file.owner = "u";
  file.group = "g";
  file.mode = 0644;
  file.replication = 512;
  file.block_size = 1 << 27;
  file.length = uint64_t{1} << 60;
  file.block_count = 3;
  file.under_construction = true;
  EXPECT_EQ(DecodeInode(Encode(file)), file);
  Inode directory;
  directory.is_directory = true;
  directory.children = 4'000'000'000;
  EXPECT_EQ(DecodeInode(Encode(directory)), directory);
  const BlockRecord block{BlockId(UINT64_MAX), Generation(5), Generation(6), 100, 3, true, {DataNodeId(7), DataNodeId(8)}};
  EXPECT_EQ(DecodeBlock(Encode(block)), block);
  Answer answer;
  answer.status = NotFound("no");
  answer.inode = InodeId(5);
  answer.record = file;
  answer.block = {BlockId(1), Generation(2), 3};
  answer.nodes = {DataNodeId(1), DataNodeId(UINT64_MAX)};
  answer.deleted = true;
  EXPECT_EQ(DecodeRetry(Encode(RetryRecord{9, -8, 7, answer}))->answer, answer);
  Meta meta;
  meta.applied = 12;
  meta.last_time_ms = 34;
  EXPECT_EQ(DecodeMeta(Encode(meta)), meta);
  const std::string without_quotas = Encode(meta);
  meta.quotas = 2;
  EXPECT_EQ(Encode(meta), without_quotas + "\x02") << "states from before quotas are read as they are";
  EXPECT_EQ(DecodeMeta(Encode(meta)), meta);
  const QuotaRecord quota{kNoQuota, INT64_MAX, -1, 1 << 30, 77};
  EXPECT_EQ(DecodeQuota(Encode(quota)), quota);
  EXPECT_EQ(DecodeGarbage(Encode(Garbage{"x", {{InodeId(7), 1000}}}))->quotas, (QuotaChain{{InodeId(7), 1000}}));
}

TEST(Records, HaveTheseBytes) {
  Inode directory;
  directory.is_directory = true;
  directory.parent = InodeId(1);
  directory.name = "d";
  directory.modified_ms = 1;
  directory.owner = "o";
  directory.group = "g";
  directory.mode = 0755;
  directory.children = 300;
  EXPECT_EQ(Hex(Encode(directory)),
            "01ed01"
            "0100000000000000"
            "0100000000000000"
            "0000000000000000"
            "2c010000"
            "0164016f0167");
  Inode file;
  file.parent = InodeId(300);
  file.name = "f";
  file.modified_ms = 2;
  file.accessed_ms = -1;
  file.owner = "o";
  file.group = "g";
  file.mode = 0644;
  file.replication = 3;
  file.block_size = 1 << 27;
  file.length = 258;
  file.block_count = 1;
  file.under_construction = true;
  EXPECT_EQ(Hex(Encode(file)),
            "02a401"
            "2c01000000000000"
            "0200000000000000"
            "ffffffffffffffff"
            "01000000"
            "0300"
            "0000000800000000"
            "0201000000000000"
            "0166016f0167");
  directory.acl = "rights";
  directory.has_xattrs = true;
  EXPECT_EQ(Hex(Encode(directory)),
            "0ded01"
            "0100000000000000"
            "0100000000000000"
            "0000000000000000"
            "2c010000"
            "0164016f016706726967687473");
  EXPECT_EQ(DecodeInode(Encode(directory)), directory);
  EXPECT_EQ(Hex(Encode(Dirent{InodeId(300), true})), "01ac02");
  EXPECT_EQ(Hex(Encode(BlockRecord{BlockId(1), Generation(2), Generation(0), 300, 3, false})), "00010200ac0203");
  EXPECT_EQ(Hex(Encode(Garbage{"ab"})), "026162");
  EXPECT_EQ(Hex(Encode(Garbage{"ab", {{InodeId(300), 5}}})), "026162ac0205");
  EXPECT_EQ(Hex(Encode(QuotaRecord{kNoQuota, 1000, 2, 600, 9})), "01d00f04b00909");
}

TEST(Records, OfLeasesOfOldVersionsAreReadToday) {
  static const std::string kGolden(
      "\x2c\xac\x02\x03"
      "ann"
      "\x08"
      "10.0.0.7",
      16);
  const Lease lease{{44, 300}, "ann", "10.0.0.7"};
  EXPECT_EQ(Hex(Encode(lease)), Hex(kGolden));
  EXPECT_EQ(DecodeLease(kGolden), lease);
  EXPECT_EQ(Hex(Encode(Lease{kRecoveryHolder, "ann", ""})), "000003616e6e00");
  EXPECT_EQ(Hex(Encode(Lease{kTruncateHolder, "ann", ""})), "000103616e6e00");
  EXPECT_EQ(DecodeLease(std::string_view("\0\1\3ann\0", 7))->holder, kTruncateHolder);
  for (size_t size = 0; size < kGolden.size(); ++size) EXPECT_FALSE(DecodeLease(kGolden.substr(0, size))) << size;
}

TEST(Records, OfADirectoryAreCountedInPlaceAsIfTheyWereWrittenAnew) {
  Inode directory;
  directory.is_directory = true;
  directory.parent = InodeId(300);
  directory.name = "a longer name than a string holds in itself";
  directory.accessed_ms = 1'764'000'000'001;
  directory.owner = "alice";
  directory.group = "supergroup";
  directory.mode = 01777;
  for (const uint32_t children : {0u, 1u, 127u, 128u, 4'000'000'000u}) {
    directory.acl = children == 1 ? "rights" : "";
    for (const int32_t more : {-1, 0, 1}) {
      directory.children = children;
      directory.modified_ms = 5;
      const std::string before = Encode(directory);
      std::string after = before;
      ASSERT_TRUE(ChangeChildren(after.data(), after.size(), more, 1'764'000'000'000));
      directory.children += static_cast<uint32_t>(more);
      directory.modified_ms = 1'764'000'000'000;
      EXPECT_EQ(after, Encode(directory));
      for (size_t cut = 0; cut < before.size(); ++cut) {
        std::string part = before.substr(0, cut);
        ASSERT_FALSE(ChangeChildren(part.data(), part.size(), more, 1)) << cut;
        EXPECT_EQ(part, before.substr(0, cut)) << "what is refused is left as it was";
      }
    }
  }
  std::string file = Encode(Inode());
  EXPECT_FALSE(ChangeChildren(file.data(), file.size(), 1, 1)) << "a file has no children";
}

TEST(Records, RefuseWhatIsCutOrTooLong) {
  Inode file;
  file.name = "name";
  const std::string bytes = Encode(file);
  for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(DecodeInode(bytes.substr(0, size))) << size;
  EXPECT_FALSE(DecodeInode(bytes + "x"));
  EXPECT_FALSE(DecodeDirent(std::string(11, '\xff')));
  EXPECT_FALSE(DecodeLease("short"));
}

}  // namespace
}  // namespace tusk::dfs::namenode
