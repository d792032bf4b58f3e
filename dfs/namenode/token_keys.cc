#include "dfs/namenode/token_keys.h"

#include <algorithm>
#include <cstring>

#include "common/base/random.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {
namespace {

std::string RandomSecret() {
  std::string secret(kBlockSecretBytes, '\0');
  for (size_t at = 0; at < secret.size(); at += sizeof(uint64_t)) {
    const uint64_t word = SecureRandom64();
    std::memcpy(secret.data() + at, &word, sizeof word);
  }
  return secret;
}

}  // namespace

TokenKeys::TokenKeys(const Clock& clock, std::chrono::milliseconds interval)
    : clock_(clock),
      interval_ms_(std::max<int64_t>(interval.count(), 1)),
      // Random, so that a key of a former process, which DataNodes still hold, is not taken for one of this.
      next_id_(static_cast<uint32_t>(SecureRandom64() >> 33) + 1) {
  const int64_t now = clock_.WallMillis();
  Add(now);
  Add(now + interval_ms_);
}

void TokenKeys::Add(int64_t signs_from) {
  keys_.push_back({{next_id_, RandomSecret(), signs_from + 2 * interval_ms_}, signs_from});
  if (++next_id_ == 0) next_id_ = 1;
}

void TokenKeys::Rotate(int64_t now) {
  if (now < keys_.back().signs_from_ms) return;
  keys_.back().signs_from_ms = now;
  keys_.back().key.expires_ms = now + 2 * interval_ms_;
  Add(now + interval_ms_);
  std::erase_if(keys_, [&](const Key& key) { return key.key.expires_ms < now; });
}

std::string TokenKeys::Mint(BlockId block, uint8_t modes, std::string_view user) {
  const int64_t now = clock_.WallMillis();
  Rotate(now);
  const BlockToken token{.expires_ms = now + interval_ms_, .block = block, .modes = modes, .user = std::string(user)};
  return MintToken(token, keys_[keys_.size() - 2].key);
}

uint32_t TokenKeys::newest() {
  Rotate(clock_.WallMillis());
  return keys_.back().key.id;
}

std::vector<dfs::BlockKey> TokenKeys::valid() {
  Rotate(clock_.WallMillis());
  std::vector<dfs::BlockKey> keys;
  for (const Key& key : keys_) keys.push_back(key.key);
  return keys;
}

void TokenKeys::Fill(capnp::List<wire::BlockKey>::Builder out) {
  for (unsigned i = 0; i < out.size(); ++i) {
    const dfs::BlockKey& key = keys_[i].key;
    out[i].setId(key.id);
    out[i].setSecret(AsData(key.secret));
    out[i].setExpiresMs(key.expires_ms);
  }
}

}  // namespace tusk::dfs::namenode
