// What a DataNode holds, in 2 KiB: so that a node that comes back need not name every replica again.
//
// Finalized replicas fall into 256 buckets by their id; a bucket's digest is the sum (mod 2^64) of a mixed hash of each replica's
// id, generation and length, so that both sides keep it up to date replica by replica, in any order. Equal digests: the same
// replicas, but for a chance of 2^-64 for each bucket; a full report every dfs.full_report_interval bounds even that. Thread:
// values; one at a time.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dfs/protocol/types.h"

namespace tusk::dfs {

inline constexpr size_t kInventoryBuckets = 256;

class InventoryDigest {
 public:
  static uint16_t BucketOf(BlockId id);
  void Add(const Block& replica) { buckets_[BucketOf(replica.id)] += Hash(replica); }
  void Remove(const Block& replica) { buckets_[BucketOf(replica.id)] -= Hash(replica); }
  // Of two inventories that have no replica in common.
  void Add(const InventoryDigest& other) {
    for (size_t i = 0; i < kInventoryBuckets; ++i) buckets_[i] += other.buckets_[i];
  }

  // A bucket's digest as it was saved.
  void Restore(uint16_t bucket, uint64_t digest) { buckets_[bucket] = digest; }

  std::span<const uint64_t> buckets() const { return buckets_; }
  // Buckets in which `other` differs, in order. All of them when it has another number of buckets.
  std::vector<uint16_t> Differences(std::span<const uint64_t> other) const;
  bool operator==(const InventoryDigest&) const = default;

 private:
  static uint64_t Hash(const Block& replica);
  std::array<uint64_t, kInventoryBuckets> buckets_{};
};

}  // namespace tusk::dfs
