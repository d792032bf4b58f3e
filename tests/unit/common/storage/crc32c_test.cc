#include "common/storage/crc32c.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/random.h"

namespace tusk::storage {
namespace {

std::vector<std::byte> RandomBytes(Random& random, size_t size) {
  std::vector<std::byte> bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

uint32_t BitByBit(std::span<const std::byte> data) {
  uint32_t crc = ~0u;
  for (const std::byte byte : data) {
    crc ^= static_cast<uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
  }
  return ~crc;
}

TEST(Crc32c, GivesThePublishedValues) {
  EXPECT_EQ(Crc32c("123456789", 9), 0xE3069283u);
  EXPECT_EQ(Crc32c("", 0), 0u);
  const std::vector<std::byte> zeroes(32);  // RFC 3720, appendix B.4
  EXPECT_EQ(Crc32c(zeroes), 0x8A9136AAu);
  const std::vector<std::byte> ones(32, std::byte{0xFF});
  EXPECT_EQ(Crc32c(ones), 0x62A8AB43u);
}

TEST(Crc32c, AgreesWithTheDefinitionAtEveryLengthAndContinuation) {
  Random random(1);
  const auto bytes = RandomBytes(random, 700);
  for (size_t size = 0; size <= bytes.size(); size += size < 80 ? 1 : 31) {
    const auto data = std::span(bytes).first(size);
    const uint32_t expected = BitByBit(data);
    EXPECT_EQ(Crc32c(data), expected) << size;
    const size_t cut = size == 0 ? 0 : random.Below(size + 1);
    EXPECT_EQ(Crc32c(data.subspan(cut), Crc32c(data.first(cut))), expected) << size << " cut at " << cut;
  }
}

TEST(Crc32c, CombinesTheCrcsOfParts) {
  Random random(2);
  for (int round = 0; round < 200; ++round) {
    const auto a = RandomBytes(random, random.Below(300));
    const auto b = RandomBytes(random, random.Below(5000));
    EXPECT_EQ(Crc32cCombine(Crc32c(a), Crc32c(b), b.size()), Crc32c(b, Crc32c(a)));
  }
  EXPECT_EQ(Crc32cCombine(7, 0, 0), 7u);
}

TEST(Crc32c, CombinesPartsOfAnyLength) {
  // n zero bytes appended as one part must equal the same appended as two halves, up to lengths nobody can hold.
  const std::vector<std::byte> mebibyte(1 << 20);
  uint32_t zeroes = Crc32c(mebibyte);  // of `length` zero bytes
  uint64_t length = mebibyte.size();
  uint32_t appended = Crc32cCombine(0x12345678, zeroes, length);
  for (int doubling = 0; doubling < 43; ++doubling) {
    appended = Crc32cCombine(appended, zeroes, length);
    zeroes = Crc32cCombine(zeroes, zeroes, length);
    length *= 2;
    EXPECT_EQ(Crc32cCombine(0x12345678, zeroes, length), appended) << length;
  }
}

}  // namespace
}  // namespace tusk::storage
