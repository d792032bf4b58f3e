#include "dfs/protocol/packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "common/storage/crc32c.h"

namespace tusk::dfs {
namespace {

using HeaderBytes = std::array<std::byte, kPacketHeaderBytes>;
using AckBytes = std::array<std::byte, kAckBytes>;

HeaderBytes Encoded(const PacketHeader& header) {
  HeaderBytes bytes{};
  EncodePacketHeader(header, bytes);
  return bytes;
}

// Replaces a field and repairs the crc, so that the check under test is the one that answers.
template <class T, size_t N>
std::array<std::byte, N> With(std::array<std::byte, N> bytes, size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
  const uint32_t crc = storage::Crc32c(bytes.data(), N - 4);
  std::memcpy(bytes.data() + N - 4, &crc, 4);
  return bytes;
}

const PacketHeader kFull{
    .payload_bytes = 1 << 20, .checksum_count = 64, .offset = 5ull << 40, .sequence = 77, .flags = kLastPacket | kSyncPacket};

TEST(PacketHeader, ComesBackAsItWas) {
  auto header = DecodePacketHeader(Encoded(kFull));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->payload_bytes, kFull.payload_bytes);
  EXPECT_EQ(header->checksum_count, kFull.checksum_count);
  EXPECT_EQ(header->offset, kFull.offset);
  EXPECT_EQ(header->sequence, kFull.sequence);
  EXPECT_EQ(header->flags, kFull.flags);
  EXPECT_TRUE(header->last());
}

TEST(PacketHeader, HasTheDocumentedLayout) {
  const HeaderBytes bytes = Encoded({.payload_bytes = 0x0102, .checksum_count = 1, .offset = 3, .sequence = 4, .flags = 1});
  const unsigned char expected[28] = {2, 1, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0};
  EXPECT_EQ(std::memcmp(bytes.data(), expected, sizeof expected), 0);
}

TEST(PacketHeader, RefusesEveryFlippedBit) {
  const HeaderBytes good = Encoded(kFull);
  for (size_t bit = 0; bit < kPacketHeaderBytes * 8; ++bit) {
    HeaderBytes bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    EXPECT_EQ(DecodePacketHeader(bad).status().code(), Code::kCorruption) << "bit " << bit;
  }
}

TEST(PacketHeader, RefusesSizesBeyondTheLimitsEvenWithAGoodChecksum) {
  const HeaderBytes good = Encoded(kFull);
  EXPECT_TRUE(DecodePacketHeader(With<uint32_t>(good, 4, 64)).ok());
  EXPECT_FALSE(DecodePacketHeader(With<uint32_t>(good, 0, kMaxPacketBytes + 1)).ok());
  EXPECT_FALSE(DecodePacketHeader(With<uint32_t>(good, 4, 0)).ok()) << "payload without checksums";
  EXPECT_FALSE(DecodePacketHeader(With<uint32_t>(good, 4, kMaxPacketBytes / kMinChunkBytes + 3)).ok());
  EXPECT_FALSE(DecodePacketHeader(With<uint32_t>(good, 0, 0)).ok()) << "checksums without payload";
  EXPECT_FALSE(DecodePacketHeader(With<uint64_t>(good, 8, UINT64_MAX - 10)).ok()) << "offset overflows";
  EXPECT_FALSE(DecodePacketHeader(With<uint16_t>(good, 24, 4)).ok()) << "unknown flag";
  EXPECT_FALSE(DecodePacketHeader(With<uint16_t>(good, 26, 1)).ok()) << "reserved bytes";
}

TEST(PacketHeader, LetsOnlyTheLastOrASyncPacketBeEmpty) {
  EXPECT_TRUE(DecodePacketHeader(Encoded({.offset = 9, .sequence = 1, .flags = kLastPacket})).ok());
  EXPECT_TRUE(DecodePacketHeader(Encoded({.offset = 9, .sequence = 1, .flags = kSyncPacket})).ok());
  EXPECT_FALSE(DecodePacketHeader(Encoded({.offset = 9, .sequence = 1})).ok());
}

TEST(Ack, ComesBackAsItWas) {
  AckBytes bytes{};
  EncodeAck({.sequence = 1ull << 50, .code = Code::kNoSpace, .failed = 2}, bytes);
  auto ack = DecodeAck(bytes);
  ASSERT_TRUE(ack.ok()) << ack.status();
  EXPECT_EQ(ack->sequence, 1ull << 50);
  EXPECT_EQ(ack->code, Code::kNoSpace);
  EXPECT_EQ(ack->failed, 2);
}

TEST(Ack, RefusesFlippedBitsAndUnknownCodes) {
  AckBytes good{};
  EncodeAck({.sequence = 3, .code = Code::kOk, .failed = 0}, good);
  for (size_t bit = 0; bit < kAckBytes * 8; ++bit) {
    AckBytes bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    EXPECT_EQ(DecodeAck(bad).status().code(), Code::kCorruption) << "bit " << bit;
  }
  EXPECT_FALSE(DecodeAck(With<uint16_t>(good, 8, 999)).ok());
}

TEST(ChecksumCount, CountsTheChunksThatARangeTouches) {
  EXPECT_EQ(ChecksumCount(0, 0, 512), 0u);
  EXPECT_EQ(ChecksumCount(0, 1, 512), 1u);
  EXPECT_EQ(ChecksumCount(0, 512, 512), 1u);
  EXPECT_EQ(ChecksumCount(0, 513, 512), 2u);
  EXPECT_EQ(ChecksumCount(511, 2, 512), 2u);
  EXPECT_EQ(ChecksumCount(1024, 1 << 20, 16 << 10), 65u);
  EXPECT_EQ(ChecksumCount(16 << 10, 1 << 20, 16 << 10), 64u);
}

}  // namespace
}  // namespace tusk::dfs
