#include "dfs/client/packet_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "common/base/random.h"
#include "common/storage/crc32c.h"

namespace tusk::dfs {
namespace {

std::string Noise(size_t bytes, uint64_t seed = 1) {
  Random random(seed);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random.Below(256));
  return text;
}

std::span<const std::byte> Bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

// What a receiver makes of a sealed packet; the checksums are verified chunk by chunk.
struct Received {
  PacketHeader header;
  std::string payload;
  bool checksums_match = true;
};

Received Parse(std::span<const std::byte> sealed, uint32_t chunk) {
  Received received;
  auto header = DecodePacketHeader(sealed.first<kPacketHeaderBytes>());
  EXPECT_TRUE(header.ok()) << header.status();
  received.header = *header;
  EXPECT_EQ(header->checksum_count, ChecksumCount(header->offset, header->payload_bytes, chunk));
  const size_t crc_bytes = 4 * header->checksum_count;
  EXPECT_EQ(sealed.size(), kPacketHeaderBytes + crc_bytes + header->payload_bytes);
  const std::byte* crcs = sealed.data() + kPacketHeaderBytes;
  const auto payload = sealed.subspan(kPacketHeaderBytes + crc_bytes);
  received.payload.assign(reinterpret_cast<const char*>(payload.data()), payload.size());
  size_t at = 0;
  for (uint32_t i = 0; i < header->checksum_count; ++i) {
    const size_t piece = std::min<size_t>(chunk - (header->offset + at) % chunk, payload.size() - at);
    uint32_t crc = 0;
    std::memcpy(&crc, crcs + 4 * i, 4);
    received.checksums_match = received.checksums_match && crc == storage::Crc32c(payload.data() + at, piece);
    at += piece;
  }
  return received;
}

TEST(PacketBuffer, CarriesItsBytesWithAChecksumForEachChunk) {
  PacketBuffer packet(4096, 512);
  packet.Begin(8192, UINT64_MAX);
  const std::string text = Noise(3000);
  EXPECT_EQ(packet.Append(Bytes(text)), 3000u);
  packet.set_flags(kLastPacket);
  const Received received = Parse(packet.Seal(5), 512);
  EXPECT_EQ(received.payload, text);
  EXPECT_TRUE(received.checksums_match);
  EXPECT_EQ(received.header.offset, 8192u);
  EXPECT_EQ(received.header.sequence, 5u);
  EXPECT_TRUE(received.header.last());
}

TEST(PacketBuffer, TakesBytesInPiecesOfAnySize) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    const uint32_t chunk = 512u << random.Below(3);
    PacketBuffer packet(8192, chunk);
    packet.Begin(random.Below(5000), UINT64_MAX);
    const std::string text = Noise(random.Below(9000), seed);
    size_t at = 0;
    while (at < text.size() && packet.room() > 0) {
      const size_t piece = std::min<size_t>(1 + random.Below(700), text.size() - at);
      at += packet.Append(Bytes(text).subspan(at, piece));
    }
    const Received received = Parse(packet.Seal(seed), chunk);
    EXPECT_EQ(received.payload, text.substr(0, at));
    EXPECT_TRUE(received.checksums_match);
  }
}

TEST(PacketBuffer, EndsOnAChunkBorderEvenWhenItBeginsInsideAChunk) {
  PacketBuffer packet(4096, 512);
  packet.Begin(100, UINT64_MAX);
  EXPECT_EQ(packet.room(), 3996u);
  EXPECT_EQ(packet.Append(Bytes(Noise(5000))), 3996u);
  EXPECT_EQ(packet.end() % 512, 0u);
}

TEST(PacketBuffer, StopsAtTheEndOfTheBlock) {
  PacketBuffer packet(4096, 512);
  packet.Begin(1024, 1000);
  EXPECT_EQ(packet.Append(Bytes(Noise(4096))), 1000u);
  EXPECT_EQ(packet.room(), 0u);
}

TEST(PacketBuffer, MayBeSealedAgainWithAnotherNumber) {
  PacketBuffer packet(4096, 512);
  packet.Begin(0, UINT64_MAX);
  const std::string text = Noise(700);
  packet.Append(Bytes(text));
  (void)packet.Seal(9);
  const Received again = Parse(packet.Seal(0), 512);
  EXPECT_EQ(again.header.sequence, 0u);
  EXPECT_EQ(again.payload, text);
  EXPECT_TRUE(again.checksums_match);
}

TEST(PacketBuffer, MayBeEmptyAndReused) {
  PacketBuffer packet(4096, 512);
  packet.Begin(0, UINT64_MAX);
  packet.Append(Bytes(Noise(4096)));
  (void)packet.Seal(0);
  packet.Begin(4096, 100);
  packet.set_flags(kLastPacket);
  const Received received = Parse(packet.Seal(1), 512);
  EXPECT_EQ(received.payload, "");
  EXPECT_EQ(received.header.checksum_count, 0u);
  EXPECT_EQ(received.header.offset, 4096u);
}

TEST(PacketBuffer, HoldsWholeChunksAndAtLeastOne) {
  EXPECT_EQ(PacketBuffer::CapacityFor(4096, 512), 4096u);
  EXPECT_EQ(PacketBuffer::CapacityFor(5000, 4096), 4096u);
  EXPECT_EQ(PacketBuffer::CapacityFor(100, 16384), 16384u);
  EXPECT_EQ(PacketBuffer::CapacityFor(UINT32_MAX, 512), kMaxPacketBytes);
}

}  // namespace
}  // namespace tusk::dfs
