#include "dfs/datanode/block_keys.h"

#include <gtest/gtest.h>

#include <thread>

namespace tusk::dfs::datanode {
namespace {

class BlockKeysTest : public ::testing::Test {
 protected:
  BlockKey Key(uint32_t id, std::chrono::hours lives) const {
    return {id, std::string(kBlockSecretBytes, static_cast<char>(id)),
            clock_.WallMillis() + std::chrono::duration_cast<std::chrono::milliseconds>(lives).count()};
  }
  static std::string Token(const BlockKey& key) {
    return MintToken({.expires_ms = key.expires_ms, .block = BlockId(5), .modes = kReadAccess, .user = "ann"}, key);
  }

  SimulatedClock clock_;
  BlockKeys keys_{clock_};
};

TEST_F(BlockKeysTest, WithoutKeysNothingIsAllowed) {
  EXPECT_EQ(keys_.newest(), 0u);
  const Status refused = keys_.Check(Token(Key(1, std::chrono::hours(1))), BlockId(5), kReadAccess);
  EXPECT_EQ(refused.code(), Code::kPermissionDenied);
  EXPECT_NE(refused.message().find("registered"), std::string::npos) << refused;
}

TEST_F(BlockKeysTest, ARequestBeforeTheRegistrationWaitsForTheFirstKeys) {
  const BlockKey key = Key(1, std::chrono::hours(2));
  Status allowed = Aborted("not asked");
  std::thread request([&] {
    keys_.AwaitFirst(std::chrono::minutes(10));
    allowed = keys_.Check(Token(key), BlockId(5), kReadAccess);
  });
  keys_.Learn({key});
  request.join();
  EXPECT_TRUE(allowed.ok()) << allowed;
  keys_.AwaitFirst(std::chrono::minutes(10));  // and later ones do not wait
}

TEST_F(BlockKeysTest, NobodyWaitsForKeysOfANodeThatStops) {
  std::thread request([&] { keys_.AwaitFirst(std::chrono::minutes(10)); });
  keys_.Close();
  request.join();
  EXPECT_EQ(keys_.newest(), 0u);
}

TEST_F(BlockKeysTest, KeysOfAFormerNameNodeStayUntilTheyExpire) {
  const BlockKey old = Key(1, std::chrono::hours(2)), fresh = Key(2, std::chrono::hours(20));
  keys_.Learn({old});
  keys_.Learn({fresh});
  EXPECT_EQ(keys_.newest(), 2u);
  EXPECT_TRUE(keys_.Check(Token(old), BlockId(5), kReadAccess).ok());
  EXPECT_TRUE(keys_.Check(Token(fresh), BlockId(5), kReadAccess).ok());
  clock_.Advance(std::chrono::hours(3));
  EXPECT_EQ(keys_.Check(Token(old), BlockId(5), kReadAccess).code(), Code::kPermissionDenied);
  keys_.Learn({fresh});
  const Status unknown = keys_.Check(Token(old), BlockId(5), kReadAccess);
  EXPECT_NE(unknown.message().find("does not have"), std::string::npos) << unknown;
}

}  // namespace
}  // namespace tusk::dfs::datanode
