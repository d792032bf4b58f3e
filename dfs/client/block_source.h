// Verified bytes of a range of one replica, in order: from its DataNode (block_reader.h) or from its files (local_replica.h).
//
// Errors: kCorruption means that bytes did not match their checksums (this replica is bad); anything else that it cannot be read
// from there now. Thread: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "common/base/result.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs {

struct BlockRange {
  Block block;
  uint64_t offset = 0;  // in the block
  uint64_t length = 0;  // within the block's length
  std::string token;    // the right to read it
};

class BlockSource {
 public:
  BlockSource(const DataNodeInfo& node, const BlockRange& range)
      : node_(node), block_(range.block), position_(range.offset), end_(range.offset + range.length) {}
  virtual ~BlockSource() = default;

  virtual Result<size_t> Read(std::span<std::byte> out) = 0;  // 0 only at the end of the range
  // At the end of the range: whatever lets the next read be served sooner.
  virtual void Finish() {}
  uint64_t position() const { return position_; }
  uint64_t end() const { return end_; }
  const DataNodeInfo& node() const { return node_; }
  const Block& block() const { return block_; }

 protected:
  const DataNodeInfo node_;
  const Block block_;
  uint64_t position_;  // the next byte for the caller, in the block
  const uint64_t end_;
};

}  // namespace tusk::dfs
