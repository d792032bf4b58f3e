#include "dfs/datanode/store/duplicate_replicas.h"

#include <tuple>

#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/datanode/store/replica_check.h"

namespace tusk::dfs::datanode {
namespace {

bool Intact(BlockStore& store, const BlockStore::Replica& replica) {
  if (replica.state != ReplicaState::kFinalized || replica.damaged) return false;
  auto reader = store.OpenForRead(replica.block.id, replica.block.generation);
  if (!reader.ok()) return false;
  const Status checked = CheckReplica(*reader);
  if (checked.code() == Code::kCorruption) store.ReportDamage(replica.block);
  return checked.ok();
}

Status Resolve(BlockStore& a, BlockStore& b, BlockId id) {
  const auto in_a = a.Describe(id), in_b = b.Describe(id);
  if (!in_a || !in_b) return OkStatus();
  const auto rank = [](const BlockStore::Replica& replica) {
    const bool finalized = replica.state == ReplicaState::kFinalized;
    return std::tuple(replica.block.generation, finalized, !replica.damaged, finalized ? 0 : replica.block.length);
  };
  bool keep_a = rank(*in_a) >= rank(*in_b);
  if (in_a->block.generation == in_b->block.generation && in_a->state == ReplicaState::kFinalized &&
      in_b->state == ReplicaState::kFinalized) {
    const bool sound = keep_a ? Intact(a, *in_a) : Intact(b, *in_b);
    if (!sound) keep_a = !keep_a;
    if (!sound && !(keep_a ? Intact(a, *in_a) : Intact(b, *in_b))) {
      LOG(ERROR) << "block " << id << " is in " << a.directory() << " and in " << b.directory() << ", damaged in both";
    }
  }
  BlockStore& kept = keep_a ? a : b;
  BlockStore& loser = keep_a ? b : a;
  LOG(INFO) << "block " << id << " is in two data folders; the replica in " << kept.directory() << " stays, the one in "
            << loser.directory() << " is removed";
  return loser.Drop((keep_a ? *in_b : *in_a).block);
}

}  // namespace

Status ResolveDuplicates(std::span<BlockStore* const> stores) {
  for (size_t i = 0; i + 1 < stores.size(); ++i) {
    const auto inventory = stores[i]->TakeInventory();
    for (const auto* list : {&inventory.finalized, &inventory.unfinished}) {
      for (const Block& block : *list) {
        for (size_t j = i + 1; j < stores.size(); ++j) TUSK_TRY(Resolve(*stores[i], *stores[j], block.id));
      }
    }
  }
  return OkStatus();
}

}  // namespace tusk::dfs::datanode
