// What the block map keeps as soft state beside the namespace (state_store.h): keys and records. Byte by byte in
// docs/formats/namespace.md.
//
//   N | be64(block)                            -> StoredBlock
//   R | be16(node) | u8(bucket) | be64(block)  -> generation and length of a finalized replica, as the node has reported it
//   n                                          -> BlockCounts
//   n | be16(node)                             -> NodeRecord
//   n | be16(node) | 's' | u8(bucket)          -> BucketRecord: digest and number of the node's replicas in this bucket
//   n | be16(node) | 'd' | be64(block)         -> generation and length of a replica that the node is to delete
//
// Nodes go by a number (NodeIndex) that NodeRecord ties to the DataNode's id for good. Buckets: dfs/protocol/inventory_digest.h.
// Thread: values and pure functions. Decode answers nullopt for bytes that break the format.
#pragma once

#include <array>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dfs/namenode/blocks/placement.h"
#include "dfs/namenode/blocks/replica_tally.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::namenode {

enum class BlockState : uint8_t { kOpen, kMissing, kUnder, kOk, kOver };

// A block that is being written.
struct OpenBlock {
  struct Replica {
    NodeIndex node = 0;
    Generation generation;
    uint64_t length = 0;
    bool operator==(const Replica&) const = default;
  };
  std::vector<DataNodeId> targets;
  std::vector<Replica> finished;      // reported as finalized
  std::vector<Replica> damaged = {};  // known bad: they lie there until the block is finished
  bool operator==(const OpenBlock&) const = default;
};

struct StoredBlock {
  InodeId inode;
  Generation generation;
  uint64_t length = 0;
  uint16_t expected = 0;
  BlockState state = BlockState::kOpen;  // as it is counted
  bool safe = false;
  uint8_t degree = 0;
  boost::container::small_vector<NodeIndex, 4> replicas;
  std::vector<NodeIndex> corrupt{};
  OpenBlock open{};  // when kOpen
  bool operator==(const StoredBlock&) const = default;
};

struct BlockCounts {
  static constexpr size_t kDegrees = 8;
  uint64_t blocks = 0;  // finished ones
  uint64_t safe = 0;    // of these, with enough readable replicas for safe mode
  uint64_t missing = 0;
  uint64_t under = 0;
  uint64_t over = 0;
  uint64_t corrupt_replicas = 0;
  // Finished blocks with 0, 1, 2 ... readable replicas; the last: with this many or more.
  std::array<uint64_t, kDegrees> by_degree{};
  BlockId highest;               // no block has a higher id
  uint32_t min_replication = 1;  // that `safe` was counted with
  bool operator==(const BlockCounts&) const = default;
};

struct NodeRecord {
  DataNodeInfo info;
  Duty duty = Duty::kDead;  // what its replicas are counted as
  bool recount = false;     // not all of them yet
  bool operator==(const NodeRecord&) const = default;
};

struct BucketRecord {
  uint64_t digest = 0;
  uint64_t replicas = 0;
  bool operator==(const BucketRecord&) const = default;
};

inline constexpr std::string_view kBlockCountsKey = "n";
inline constexpr std::string_view kNodePrefix = "n";
// Blocks are scanned by ranges of 2^24 ids (DeltaKeys).
inline constexpr int kBlockRangeBits = 24;
std::string BlockEntryKey(BlockId id);
BlockId BlockEntryKeyId(std::string_view key);
std::string BlockRangePrefix(uint64_t range);
std::string ReplicaKey(NodeIndex node, BlockId id);
std::string ReplicaPrefix(NodeIndex node);
std::string ReplicaPrefix(NodeIndex node, uint16_t bucket);
BlockId ReplicaKeyBlock(std::string_view key);
std::string NodeKey(NodeIndex node);
std::string BucketKey(NodeIndex node, uint16_t bucket);
std::string DeletionKey(NodeIndex node, BlockId id);

// What a key that begins with 'n' speaks of.
struct NodeKeyParts {
  enum class Kind { kCounts, kNode, kBucket, kDeletion };
  Kind kind = Kind::kCounts;
  NodeIndex node = 0;
  uint16_t bucket = 0;
  BlockId block;
};
std::optional<NodeKeyParts> ParseNodeKey(std::string_view key);

std::string Encode(const StoredBlock& block);
std::string Encode(const BlockCounts& counts);
std::string Encode(const NodeRecord& record);
std::string Encode(const BucketRecord& record);
std::string EncodeReplica(const Block& replica);    // without its id, which the key has
BlockState StateOf(std::string_view stored_block);  // without decoding the rest
std::optional<StoredBlock> DecodeStoredBlock(std::string_view bytes);
std::optional<BlockCounts> DecodeBlockCounts(std::string_view bytes);
std::optional<NodeRecord> DecodeNodeRecord(std::string_view bytes);
std::optional<BucketRecord> DecodeBucketRecord(std::string_view bytes);
std::optional<Block> DecodeReplica(BlockId id, std::string_view bytes);

}  // namespace tusk::dfs::namenode
