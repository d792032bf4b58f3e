// The keys this DataNode verifies block tokens with, as the NameNode hands them out.
//
// In memory only: a new process gets them when it registers. A request that comes before that waits a moment. Keys of a former
// NameNode process stay until they expire, so that its clients read on. Thread: any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "dfs/protocol/block_token.h"
#include "dfs/protocol/datanode.capnp.h"

namespace tusk::dfs::datanode {

class BlockKeys {
 public:
  explicit BlockKeys(const Clock& clock = Clock::System()) : clock_(clock) {}

  // The keys now valid; `newest` is the last of them.
  void Learn(capnp::List<wire::BlockKey>::Reader keys);
  void Learn(const std::vector<BlockKey>& keys);
  uint32_t newest() const;  // 0: none yet
  // Returns when there are keys, after `patience`, or after Close.
  void AwaitFirst(std::chrono::milliseconds patience) const;
  void Close();  // nobody waits any more
  // kPermissionDenied unless the token allows one of `modes` (BlockAccess) for the block.
  Status Check(std::string_view token, BlockId block, uint8_t modes) const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::condition_variable learnt_;
  bool closed_ = false;
  std::unordered_map<uint32_t, BlockKey> keys_;
  uint32_t newest_ = 0;
};

}  // namespace tusk::dfs::datanode
