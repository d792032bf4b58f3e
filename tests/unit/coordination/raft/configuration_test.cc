#include <gtest/gtest.h>

#include "coordination/raft/types.h"

namespace tusk::coordination::raft {
namespace {

std::string Hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[static_cast<unsigned>(byte) >> 4];
    text += kDigits[static_cast<unsigned>(byte) & 15];
  }
  return text;
}

// Fixed for ever: these bytes are in logs.
TEST(Configuration, HasTheBytesOfItsFormat) {
  const Configuration configuration{{1, 0x0203}, {9}, {{1, "a:1"}, {9, "b"}}};
  EXPECT_EQ(Hex(Encode(configuration)),
            "01000000"
            "02000000"
            "01000000"
            "0100000000000000"
            "0300613a31"
            "0302000000000000"
            "0000"
            "0900000000000000"
            "010062");
  EXPECT_EQ(DecodeConfiguration(Encode(configuration)), configuration);
}

TEST(Configuration, IsNothingWhenItsBytesBreakTheFormat) {
  const auto whole = Encode({{1, 2, 3}, {4}, {{4, "host:1"}}});
  for (size_t cut = 0; cut < whole.size(); ++cut) EXPECT_FALSE(DecodeConfiguration(std::span(whole).first(cut)));
  auto longer = whole;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(DecodeConfiguration(longer));
  EXPECT_FALSE(DecodeConfiguration(Encode({{}, {1}}))) << "no voter";
  EXPECT_FALSE(DecodeConfiguration(Encode({{2, 1}, {}}))) << "not ordered";
  EXPECT_FALSE(DecodeConfiguration(Encode({{1, 1}, {}}))) << "twice";
  EXPECT_FALSE(DecodeConfiguration(Encode({{0, 1}, {}}))) << "nobody";
  EXPECT_FALSE(DecodeConfiguration(Encode({{1, 2}, {2}}))) << "both";
  auto huge = whole;
  huge[4] = huge[5] = huge[6] = huge[7] = std::byte{0xff};
  EXPECT_FALSE(DecodeConfiguration(huge));
  EXPECT_FALSE(DecodeConfiguration(Encode({{1}, {}, {{1, std::string(301, 'x')}}}))) << "too long an address";
  auto later = whole;
  later[0] = std::byte{2};
  EXPECT_FALSE(DecodeConfiguration(later)) << "a later version";
}

}  // namespace
}  // namespace tusk::coordination::raft
