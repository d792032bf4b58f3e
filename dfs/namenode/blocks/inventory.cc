#include "dfs/namenode/blocks/inventory.h"

#include <glog/logging.h>

namespace tusk::dfs::namenode {
namespace {

Block Decoded(BlockId id, std::string_view bytes) {
  const auto replica = DecodeReplica(id, bytes);
  CHECK(replica) << "the record of a replica in the applied state is broken; remove the NameNode's state folder: it is rebuilt";
  return *replica;
}

}  // namespace

std::optional<Block> Inventory::Find(BlockId id) const {
  if (counts_[InventoryDigest::BucketOf(id)] == 0) return std::nullopt;
  const auto bytes = store_.Look(ReplicaKey(node_, id));
  if (!bytes) return std::nullopt;
  return Decoded(id, *bytes);
}

std::vector<Block> Inventory::InBucket(uint16_t bucket) const {
  std::vector<Block> replicas;
  replicas.reserve(counts_[bucket]);
  store_.Scan(ReplicaPrefix(node_, bucket), {}, [&](std::string_view key, std::string_view value) {
    replicas.push_back(Decoded(ReplicaKeyBlock(key), value));
    return true;
  });
  return replicas;
}

void Inventory::Put(const Block& replica) {
  const uint16_t bucket = InventoryDigest::BucketOf(replica.id);
  if (const auto before = Find(replica.id)) {
    if (*before == replica) return;
    digest_.Remove(*before);
  } else {
    ++size_;
    ++counts_[bucket];
  }
  digest_.Add(replica);
  unsaved_.set(bucket);
  store_.PutSoft(ReplicaKey(node_, replica.id), EncodeReplica(replica));
}

void Inventory::Erase(BlockId id) {
  const auto before = Find(id);
  if (!before) return;
  const uint16_t bucket = InventoryDigest::BucketOf(id);
  digest_.Remove(*before);
  --size_;
  --counts_[bucket];
  unsaved_.set(bucket);
  store_.DeleteSoft(ReplicaKey(node_, id));
}

std::vector<BlockId> Inventory::Next(Position* position, size_t limit) const {
  std::vector<BlockId> ids;
  while (position->bucket < kInventoryBuckets && ids.size() < limit) {
    const std::string after = position->after == BlockId() ? std::string() : ReplicaKey(node_, position->after);
    bool whole = true;
    if (counts_[position->bucket] > 0) {
      store_.Scan(ReplicaPrefix(node_, position->bucket), after, [&](std::string_view key, std::string_view) {
        ids.push_back(ReplicaKeyBlock(key));
        whole = ids.size() < limit;
        return whole;
      });
    }
    if (whole) {
      ++position->bucket;
      position->after = BlockId();
    } else {
      position->after = ids.back();
    }
  }
  return ids;
}

void Inventory::Restore(uint16_t bucket, const BucketRecord& saved) {
  digest_.Restore(bucket, saved.digest);
  size_ += saved.replicas;
  counts_[bucket] = static_cast<uint32_t>(saved.replicas);
}

void Inventory::Save() {
  if (unsaved_.none()) return;
  for (uint16_t bucket = 0; bucket < kInventoryBuckets; ++bucket) {
    if (!unsaved_[bucket]) continue;
    if (counts_[bucket] == 0) {
      store_.DeleteSoft(BucketKey(node_, bucket));
    } else {
      store_.PutSoft(BucketKey(node_, bucket), Encode(BucketRecord{digest_.buckets()[bucket], counts_[bucket]}));
    }
  }
  unsaved_.reset();
}

}  // namespace tusk::dfs::namenode
