#include "dfs/datanode/store/node_identity.h"

#include <algorithm>

#include "common/base/try.h"

namespace tusk::dfs::datanode {

NodeIdentity::NodeIdentity(std::vector<FolderIdentity*> folders, std::function<bool(size_t)> in_use,
                           std::function<void(size_t, const Status&)> failed)
    : folders_(std::move(folders)), in_use_(std::move(in_use)), failed_(std::move(failed)) {
  for (const FolderIdentity* folder : folders_) {
    if (folder == nullptr) continue;
    node_ = folder->node();
    epoch_ = std::max(epoch_.load(), folder->epoch());
  }
}

uint64_t NodeIdentity::cluster() const {
  uint64_t cluster = 0;
  for (size_t i = 0; i < folders_.size() && cluster == 0; ++i) {
    if (folders_[i] != nullptr && in_use_(i)) cluster = folders_[i]->cluster();
  }
  return cluster;
}

// A refusal counts for the node; any other error is the folder's alone, as long as one folder has it. A full folder is none that
// has failed: if no other has it, the caller tries again.
template <class F>
Status NodeIdentity::InEachFolder(const F& change) {
  Status last = Unavailable("no data folder is left");
  bool kept = false;
  for (size_t i = 0; i < folders_.size(); ++i) {
    if (folders_[i] == nullptr || !in_use_(i)) continue;
    Status changed = change(*folders_[i]);
    if (changed.code() == Code::kFailedPrecondition || changed.code() == Code::kStaleEpoch) return changed;
    if (changed.ok()) {
      kept = true;
      continue;
    }
    if (changed.code() != Code::kNoSpace) failed_(i, changed);
    last = std::move(changed);
  }
  return kept ? OkStatus() : last;
}

Status NodeIdentity::BindCluster(uint64_t cluster) {
  return InEachFolder([&](FolderIdentity& folder) { return folder.BindCluster(cluster); });
}

Status NodeIdentity::Obey(uint64_t epoch) {
  if (epoch < epoch_) {
    return Status(Code::kStaleEpoch, "a NameNode of epoch " + std::to_string(epoch) + " gave an order, but epoch " +
                                         std::to_string(epoch_) + " has been obeyed already; the order is ignored");
  }
  TUSK_TRY(InEachFolder([&](FolderIdentity& folder) { return folder.Obey(epoch); }));
  uint64_t known = epoch_;
  while (known < epoch && !epoch_.compare_exchange_weak(known, epoch)) continue;
  return OkStatus();
}

}  // namespace tusk::dfs::datanode
