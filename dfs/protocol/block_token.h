// Block tokens: the right, given by the NameNode, to use one block at its DataNodes for some hours.
//
// Little endian:
//   0 u8 version (1)   1 u8 modes (BlockAccess)   2 u16 user bytes   4 u32 key id   8 i64 expires, ms since 1970 UTC
//  16 u64 block id    24 user                     then 32 bytes HMAC-SHA256 of all before it, with the key's secret
// Protects blocks from whoever reaches a data port without having asked the NameNode. Not from somebody who can listen: a token
// is sent in clear, and whoever holds it may use it until it expires. Thread: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs {

inline constexpr size_t kBlockSecretBytes = 32;
inline constexpr size_t kMaxTokenUserBytes = 256;
// How far the clocks of NameNode and DataNode may differ.
inline constexpr int64_t kTokenClockSkewMs = 5 * 60'000;

struct BlockKey {
  uint32_t id = 0;         // 0: none
  std::string secret;      // kBlockSecretBytes
  int64_t expires_ms = 0;  // tokens signed with it are refused afterwards
  bool operator==(const BlockKey&) const = default;
};

enum BlockAccess : uint8_t {
  kReadAccess = 1,
  kWriteAccess = 2,  // write and recover as a client
  kCopyAccess = 4,   // between DataNodes: transfers, block recovery
};

struct BlockToken {
  uint32_t key = 0;
  int64_t expires_ms = 0;
  BlockId block;
  uint8_t modes = 0;
  std::string user;  // for logs; cut to kMaxTokenUserBytes
  bool operator==(const BlockToken&) const = default;
};

// token.key is not looked at: the key's id is used.
std::string MintToken(const BlockToken& token, const BlockKey& key);
// Only the form, nothing is believed yet. kPermissionDenied.
Result<BlockToken> DecodeToken(std::string_view bytes);
// That `bytes`, decoded as `token`, was signed with `key`, is for this block, allows one of `modes` and has not expired.
// kPermissionDenied says what is wrong.
Status VerifyToken(std::string_view bytes, const BlockToken& token, const BlockKey& key, BlockId block, uint8_t modes,
                   int64_t now_ms);

}  // namespace tusk::dfs
