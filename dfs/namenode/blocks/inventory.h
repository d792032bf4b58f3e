// What one DataNode has said it holds: a mirror of its finalized, undamaged replicas, whatever the namespace thinks of them, with
// the digest that the node computes over the same (dfs/protocol/inventory_digest.h).
//
// The list lies in the soft state and survives restarts of the NameNode and absences of the node; only the digest is in memory.
// Equal digests when the node registers: it is in service without a report.
// Invariant: the digest is that of the list, also in each batch of the store (Save runs before it).
// Thread: namespace loop. Owner: Node.
#pragma once

#include <bitset>
#include <optional>
#include <vector>

#include "dfs/namenode/blocks/block_records.h"
#include "dfs/namenode/namespace/state_store.h"
#include "dfs/protocol/inventory_digest.h"

namespace tusk::dfs::namenode {

class Inventory {
 public:
  Inventory(StateStore& store, NodeIndex node) : store_(store), node_(node) {}
  Inventory(const Inventory&) = delete;
  Inventory& operator=(const Inventory&) = delete;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::optional<Block> Find(BlockId id) const;
  bool contains(BlockId id) const { return Find(id).has_value(); }
  const InventoryDigest& digest() const { return digest_; }
  std::vector<Block> InBucket(uint16_t bucket) const;

  void Put(const Block& replica);  // or replaces
  void Erase(BlockId id);

  // A walk: the next ids, at most `limit`; fewer: the end. Ids that come or go meanwhile may be missed or not.
  struct Position {
    uint16_t bucket = 0;
    BlockId after;
  };
  std::vector<BlockId> Next(Position* position, size_t limit) const;

  void Restore(uint16_t bucket, const BucketRecord& saved);
  void Save();

 private:
  StateStore& store_;
  const NodeIndex node_;
  size_t size_ = 0;
  InventoryDigest digest_;
  std::array<uint32_t, kInventoryBuckets> counts_{};
  std::bitset<kInventoryBuckets> unsaved_;
};

}  // namespace tusk::dfs::namenode
