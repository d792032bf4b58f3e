#include "coordination/log/log_format.h"

#include <gtest/gtest.h>

#include <vector>

#include "common/storage/crc32c.h"

namespace tusk::coordination {
namespace {

std::string Hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += "0123456789abcdef"[static_cast<int>(byte) >> 4];
    text += "0123456789abcdef"[static_cast<int>(byte) & 15];
  }
  return text;
}

const RecordHeader kExample = {.length = 5,
                               .type = EntryType::kData,
                               .index = 42,
                               .term = 3,
                               .durable_index = 41,
                               .chain_crc = 0x11223344,
                               .payload_crc = PayloadCrc(std::as_bytes(std::span("hello", 5)))};

TEST(LogFormat, WritesTheRecordOfTheDocument) {  // docs/formats/log.md shows these bytes
  std::array<std::byte, kRecordHeaderBytes> bytes;
  const uint32_t crc = EncodeRecordHeader(kExample, 0x5EED, bytes.data());
  EXPECT_EQ(Hex(bytes),
            "05000000"          // length
            "01"                // type
            "00"                // flags
            "0000"              // reserved
            "2a00000000000000"  // index
            "0300000000000000"  // term
            "2900000000000000"  // durable index
            "44332211"          // chain
            "b3ed0390"          // payload checksum
            "00000000"          // reserved
            "00ec5d83")         // header checksum
      << crc;
}

TEST(LogFormat, WritesTheHeadersOfTheDocument) {
  const LogIdentity identity = {.cluster_id = 0xC1, .node_id = 7, .group = "main"};
  const PageBytes segment =
      EncodeSegmentHeader({.identity = identity, .first_index = 42, .prev_term = 3, .chain_crc = 0x11223344, .salt = 0x5EED});
  EXPECT_EQ(Hex(std::span(segment).first(36)), "5475736b5365670a0100000004000000c10000000000000007000000000000006d61696e");
  EXPECT_EQ(Hex(std::span(segment).subspan(96, 24)), "2a00000000000000030000000000000044332211ed5e0000");
  EXPECT_EQ(Hex(std::span(segment).last(4)), "dfc8dc85");
  const PageBytes meta = EncodeMeta({.sequence = 9,
                                     .hard_state = {.term = 3, .voted_for = 7},
                                     .durable_index = 41,
                                     .first_index = 1,
                                     .last_segment = 42,
                                     .truncate_from = 0,
                                     .truncations = 2},
                                    identity);
  EXPECT_EQ(Hex(std::span(meta).first(36)), "5475736b4d65740a0100000004000000c10000000000000007000000000000006d61696e");
  EXPECT_EQ(Hex(std::span(meta).subspan(96, 64)),
            "0900000000000000"
            "0300000000000000"
            "0700000000000000"
            "2900000000000000"
            "0100000000000000"
            "2a00000000000000"
            "0000000000000000"
            "0200000000000000");
  EXPECT_EQ(Hex(std::span(meta).last(4)), "1648a12d");
  EXPECT_EQ(Hex(EncodeHint({.truncations = 2, .durable_index = 43})),
            "5475736b486e740a02000000000000002b0000000000000000000000a13a5bc0");
}

TEST(LogFormat, DecodesRecordHeadersAndNothingElse) {
  std::array<std::byte, kRecordHeaderBytes> bytes;
  const uint32_t crc = EncodeRecordHeader(kExample, 0x5EED, bytes.data());
  const auto decoded = DecodeRecordHeader(bytes, 0x5EED);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->length, 5u);
  EXPECT_EQ(decoded->type, EntryType::kData);
  EXPECT_EQ(decoded->index, 42u);
  EXPECT_EQ(decoded->term, 3u);
  EXPECT_EQ(decoded->durable_index, 41u);
  EXPECT_EQ(decoded->chain_crc, 0x11223344u);
  EXPECT_EQ(decoded->payload_crc, kExample.payload_crc);
  EXPECT_EQ(decoded->header_crc, crc);

  EXPECT_FALSE(DecodeRecordHeader(bytes, 0x5EEE)) << "the salt of another segment";
  EXPECT_FALSE(DecodeRecordHeader(std::span(bytes).first(47), 0x5EED));
  EXPECT_FALSE(DecodeRecordHeader(std::array<std::byte, kRecordHeaderBytes>{}, 0)) << "zeroes are not a record";
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(DecodeRecordHeader(bytes, 0x5EED)) << "bit " << bit;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

TEST(LogFormat, ChecksThePaddingToo) {
  const std::vector<std::byte> padded(8, std::byte{0});
  for (size_t size = 0; size <= 8; ++size) {
    EXPECT_EQ(PayloadCrc(std::span(padded).first(size)), storage::Crc32c(std::span(padded).first(PaddedLength(size)))) << size;
  }
  EXPECT_EQ(RecordBytes(0), 48u);
  EXPECT_EQ(RecordBytes(1), 56u);
  EXPECT_EQ(RecordBytes(8), 56u);
  EXPECT_EQ(RecordBytes(9), 64u);
}

TEST(LogFormat, NoticesEveryFlippedBitOfASegmentHeader) {
  const SegmentHeader header = {.identity = {.cluster_id = 1, .node_id = 2, .group = "main"},
                                .first_index = 100,
                                .prev_term = 9,
                                .chain_crc = 77,
                                .salt = 0x5EED};
  PageBytes bytes = EncodeSegmentHeader(header);
  const auto decoded = DecodeSegmentHeader(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->identity, header.identity);
  EXPECT_EQ(decoded->first_index, 100u);
  EXPECT_EQ(decoded->prev_term, 9u);
  EXPECT_EQ(decoded->chain_crc, 77u);
  EXPECT_EQ(decoded->salt, 0x5EEDu);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    ASSERT_EQ(DecodeSegmentHeader(bytes).status().code(), Code::kCorruption) << "bit " << bit;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

TEST(LogFormat, NoticesEveryFlippedBitOfAMetaSlotAndOfTheHint) {
  const LogMeta meta = {.sequence = 5,
                        .hard_state = {.term = 3, .voted_for = 2},
                        .durable_index = 10,
                        .first_index = 4,
                        .last_segment = 8,
                        .truncate_from = 9,
                        .truncations = 1};
  const LogIdentity identity = {.cluster_id = 1, .node_id = 2, .group = std::string(kMaxGroupBytes, 'g')};
  PageBytes bytes = EncodeMeta(meta, identity);
  const auto decoded = DecodeMeta(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->meta, meta);
  EXPECT_EQ(decoded->identity, identity);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    ASSERT_EQ(DecodeMeta(bytes).status().code(), Code::kCorruption) << "bit " << bit;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
  auto hint = EncodeHint({.truncations = 1, .durable_index = 12});
  ASSERT_TRUE(DecodeHint(hint));
  EXPECT_EQ(DecodeHint(hint)->durable_index, 12u);
  EXPECT_EQ(DecodeHint(hint)->truncations, 1u);
  for (size_t bit = 0; bit < hint.size() * 8; ++bit) {
    hint[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(DecodeHint(hint)) << "bit " << bit;
    hint[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

TEST(LogFormat, RefusesLaterVersionsByName) {
  PageBytes bytes = EncodeSegmentHeader({.identity = {.cluster_id = 1, .node_id = 2, .group = "main"}});
  bytes[8] = std::byte{2};
  const uint32_t crc = storage::Crc32c(bytes.data(), kPageBytes - 4);
  std::copy_n(reinterpret_cast<const std::byte*>(&crc), 4, bytes.end() - 4);
  const auto status = DecodeSegmentHeader(bytes).status();
  EXPECT_EQ(status.code(), Code::kUnimplemented);
  EXPECT_NE(status.message().find("version 2"), std::string::npos) << status;
}

TEST(LogFormat, NamesSegmentsByTheirFirstIndex) {
  EXPECT_EQ(SegmentFileName(0x2a), "000000000000002a.seg");
  EXPECT_EQ(SegmentFileName(~uint64_t{0}), "ffffffffffffffff.seg");
  EXPECT_EQ(ParseSegmentFileName("000000000000002a.seg"), 0x2au);
  for (const char* name : {"", "meta", "000000000000002A.seg", "00000000000002a.seg", "000000000000002a.spare",
                           "-00000000000002a.seg", "000000000000002g.seg", "000000000000002a.seg.tmp"}) {
    EXPECT_EQ(ParseSegmentFileName(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace tusk::coordination
