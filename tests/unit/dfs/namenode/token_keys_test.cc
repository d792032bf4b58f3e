#include "dfs/namenode/token_keys.h"

#include <gtest/gtest.h>

namespace tusk::dfs::namenode {
namespace {

constexpr std::chrono::hours kInterval{10};

Status Verify(const std::string& bytes, const std::vector<dfs::BlockKey>& keys, const Clock& clock) {
  const auto token = DecodeToken(bytes);
  if (!token.ok()) return token.status();
  for (const dfs::BlockKey& key : keys) {
    if (key.id == token->key) return VerifyToken(bytes, *token, key, BlockId(5), kReadAccess, clock.WallMillis());
  }
  return NotFound("no such key");
}

TEST(TokenKeysTest, ADataNodeKnowsTheKeyOfATokenAnIntervalBeforeItIsUsed) {
  SimulatedClock clock;
  TokenKeys keys(clock, kInterval);
  for (int round = 0; round < 5; ++round) {
    const auto known = keys.valid();  // at a heartbeat, just before the keys rotate
    clock.Advance(kInterval);
    EXPECT_TRUE(Verify(keys.Mint(BlockId(5), kReadAccess, "ann"), known, clock).ok()) << round;
  }
}

TEST(TokenKeysTest, ATokenIsGoodForOneIntervalAlthoughTheKeysRotate) {
  SimulatedClock clock;
  TokenKeys keys(clock, kInterval);
  clock.Advance(kInterval - std::chrono::seconds(1));
  const std::string token = keys.Mint(BlockId(5), kReadAccess, "ann");
  const uint32_t before = keys.newest();
  clock.Advance(kInterval);
  EXPECT_NE(keys.newest(), before);
  EXPECT_TRUE(Verify(token, keys.valid(), clock).ok());
  clock.Advance(std::chrono::minutes(6));
  EXPECT_EQ(Verify(token, keys.valid(), clock).code(), Code::kPermissionDenied);
}

TEST(TokenKeysTest, ForgetsKeysThatHaveExpired) {
  SimulatedClock clock;
  TokenKeys keys(clock, kInterval);
  for (int round = 0; round < 20; ++round) {
    clock.Advance(kInterval);
    EXPECT_LE(keys.valid().size(), 4u);
  }
}

TEST(TokenKeysTest, ARestartedNameNodeDoesNotReuseIds) {
  SimulatedClock clock;
  EXPECT_NE(TokenKeys(clock, kInterval).newest(), TokenKeys(clock, kInterval).newest());
}

}  // namespace
}  // namespace tusk::dfs::namenode
