#include "dfs/protocol/inventory_digest.h"

namespace tusk::dfs {
namespace {

// The finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014): each bit of the
// input changes each bit of the output with probability about one half.
constexpr uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

}  // namespace

uint16_t InventoryDigest::BucketOf(BlockId id) { return static_cast<uint16_t>(Mix(id.value()) % kInventoryBuckets); }

uint64_t InventoryDigest::Hash(const Block& replica) {
  return Mix(Mix(Mix(replica.id.value() + 0x9E3779B97F4A7C15) + replica.generation.value()) + replica.length);
}

std::vector<uint16_t> InventoryDigest::Differences(std::span<const uint64_t> other) const {
  std::vector<uint16_t> different;
  for (uint16_t bucket = 0; bucket < kInventoryBuckets; ++bucket) {
    if (other.size() != kInventoryBuckets || buckets_[bucket] != other[bucket]) different.push_back(bucket);
  }
  return different;
}

}  // namespace tusk::dfs
