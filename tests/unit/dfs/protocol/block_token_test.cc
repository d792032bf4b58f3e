#include "dfs/protocol/block_token.h"

#include <gtest/gtest.h>

namespace tusk::dfs {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;

BlockKey Key(uint32_t id = 3, char fill = 'k') {
  return {.id = id, .secret = std::string(kBlockSecretBytes, fill), .expires_ms = kNow + 100'000};
}

BlockToken Token() { return {.key = 3, .expires_ms = kNow + 50'000, .block = BlockId(77), .modes = kReadAccess, .user = "ann"}; }

Status Verify(const std::string& bytes, uint64_t block, uint8_t modes, int64_t now, const BlockKey& key = Key()) {
  const auto decoded = DecodeToken(bytes);
  if (!decoded.ok()) return decoded.status();
  return VerifyToken(bytes, *decoded, key, BlockId(block), modes, now);
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[static_cast<uint8_t>(c) >> 4];
    text += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

TEST(BlockTokenTest, CarriesWhatWasSigned) {
  const std::string bytes = MintToken(Token(), Key());
  const auto decoded = DecodeToken(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, Token());
  EXPECT_TRUE(Verify(bytes, 77, kReadAccess, kNow).ok());
}

// python3: fixed = struct.pack('<BBHIqQ', 1, 1, 3, 3, 1700000050000, 77) + b'ann'
//          (fixed + hmac.new(b'k' * 32, fixed, 'sha256').digest()).hex()
TEST(BlockTokenTest, HasTheBytesOfItsFormat) {
  EXPECT_EQ(
      Hex(MintToken(Token(), Key())),
      "0101030003000000502be6cf8b0100004d00000000000000616e6e777a0a9c56fd248f256e3b5710c4ac418fabb252c5821bcfcb09ad5282055cf7");
}

TEST(BlockTokenTest, IsRefusedForAnotherBlockOrAnotherUse) {
  const std::string bytes = MintToken(Token(), Key());
  EXPECT_EQ(Verify(bytes, 78, kReadAccess, kNow).code(), Code::kPermissionDenied);
  EXPECT_EQ(Verify(bytes, 77, kWriteAccess | kCopyAccess, kNow).code(), Code::kPermissionDenied);
  EXPECT_TRUE(Verify(bytes, 77, kWriteAccess | kReadAccess, kNow).ok()) << "one of the two is enough";
}

TEST(BlockTokenTest, IsRefusedAfterItsTimeButNotForClocksThatDifferALittle) {
  const std::string bytes = MintToken(Token(), Key());
  EXPECT_TRUE(Verify(bytes, 77, kReadAccess, kNow + 50'000 + kTokenClockSkewMs).ok());
  const Status late = Verify(bytes, 77, kReadAccess, kNow + 52'000 + kTokenClockSkewMs);
  EXPECT_EQ(late.code(), Code::kPermissionDenied);
  EXPECT_NE(late.message().find("expired"), std::string::npos) << late;
}

TEST(BlockTokenTest, DoesNotOutliveItsKey) {
  BlockToken token = Token();
  token.expires_ms = kNow + 1'000'000'000;
  EXPECT_EQ(Verify(MintToken(token, Key()), 77, kReadAccess, kNow + 101'000 + kTokenClockSkewMs).code(), Code::kPermissionDenied);
}

TEST(BlockTokenTest, IsRefusedWhenAnyByteIsChanged) {
  const std::string bytes = MintToken(Token(), Key());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(Verify(changed, 77, kReadAccess, kNow).code(), Code::kPermissionDenied) << "byte " << i;
  }
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(DecodeToken(std::string_view(bytes).substr(0, length)).status().code(), Code::kPermissionDenied) << length;
  }
  EXPECT_EQ(Verify(bytes, 77, kReadAccess, kNow, Key(3, 'x')).code(), Code::kPermissionDenied) << "another secret";
}

}  // namespace
}  // namespace tusk::dfs
