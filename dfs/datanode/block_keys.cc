#include "dfs/datanode/block_keys.h"

#include "common/base/try.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::datanode {

void BlockKeys::Learn(capnp::List<wire::BlockKey>::Reader keys) {
  std::vector<BlockKey> learnt;
  for (const auto key : keys) {
    if (key.getId() == 0 || key.getSecret().size() != kBlockSecretBytes) continue;  // signs nothing
    learnt.push_back({key.getId(), std::string(AsView(key.getSecret())), key.getExpiresMs()});
  }
  Learn(learnt);
}

void BlockKeys::Learn(const std::vector<BlockKey>& keys) {
  if (keys.empty()) return;
  const int64_t now = clock_.WallMillis();
  std::lock_guard lock(mutex_);
  std::erase_if(keys_, [&](const auto& entry) { return entry.second.expires_ms + kTokenClockSkewMs < now; });
  for (const BlockKey& key : keys) keys_[key.id] = key;
  newest_ = keys.back().id;
  learnt_.notify_all();
}

void BlockKeys::AwaitFirst(std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  learnt_.wait_for(lock, patience, [this] { return newest_ != 0 || closed_; });
}

void BlockKeys::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  learnt_.notify_all();
}

uint32_t BlockKeys::newest() const {
  std::lock_guard lock(mutex_);
  return newest_;
}

Status BlockKeys::Check(std::string_view token, BlockId block, uint8_t modes) const {
  TUSK_ASSIGN(const BlockToken decoded, DecodeToken(token));
  BlockKey key;
  {
    std::lock_guard lock(mutex_);
    const auto found = keys_.find(decoded.key);
    if (found == keys_.end()) {
      return Status(Code::kPermissionDenied,
                    newest_ == 0 ? "this DataNode has no keys to verify block tokens yet: it has not registered at the NameNode "
                                   "since it was started; try again"
                                 : "the block token is signed with key " + std::to_string(decoded.key) +
                                       ", which this DataNode does not have; ask the NameNode for the block's locations again");
    }
    key = found->second;
  }
  return VerifyToken(token, decoded, key, block, modes, clock_.WallMillis());
}

}  // namespace tusk::dfs::datanode
