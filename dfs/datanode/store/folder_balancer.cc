#include "dfs/datanode/store/folder_balancer.h"

#include <algorithm>

#include <glog/logging.h>

#include "dfs/datanode/store/folder_balancing.h"
#include "dfs/datanode/store/replica_move.h"

namespace tusk::dfs::datanode {
namespace {

constexpr size_t kBatch = 1024;

}  // namespace

FolderBalancer::FolderBalancer(DataFolders& folders, const Clock& clock, Options options)
    : folders_(folders),
      clock_(clock),
      options_(std::move(options)),
      bucket_(std::max<uint64_t>(options_.bytes_per_second, 1), clock.Now()) {}

size_t FolderBalancer::Run() {
  if (options_.bytes_per_second == 0 || folders_.size() < 2) return 0;
  std::vector<FolderFill> fills;
  const auto figures = folders_.Figures();
  for (size_t i = 0; i < figures.size(); ++i) {
    const BlockStore::Space& space = figures[i].space;
    // What was moved out of segments is not free at once; it must not be moved twice.
    const uint64_t remaining = std::min(space.capacity, space.remaining + space.reclaimable);
    if (figures[i].failure.ok()) fills.push_back({i, space.capacity, remaining, figures[i].slow});
  }
  const auto plan = PlanFolderMove(fills, options_.threshold);
  if (!plan) return 0;
  BlockStore* from = folders_.store(plan->from);
  BlockStore* to = folders_.store(plan->to);
  if (from == nullptr || to == nullptr) return 0;
  LOG(INFO) << "moving replicas of " << plan->bytes << " bytes from the data folder " << from->directory() << " to "
            << to->directory();
  ReplicaMove move(*from, *to, folders_.moves_mutex(), [this](uint64_t bytes) {
    return options_.wait(bucket_.Take(bytes, clock_.Now())) ? OkStatus() : Cancelled("the DataNode stops");
  });
  size_t count = 0;
  uint64_t left = plan->bytes;
  BlockId next;
  while (left > 0) {
    const auto batch = from->FinalizedFrom(next, kBatch);
    if (batch.empty()) break;
    next = BlockId(batch.back().id.value() + 1);
    for (const Block& block : batch) {
      if (block.length == 0 || block.length > left) continue;
      const Status moved = move.Run(block);
      if (moved.ok()) {
        ++count;
        ++moved_;
        moved_bytes_ += block.length;
        left -= block.length;
      } else if (moved.code() != Code::kAborted && moved.code() != Code::kCorruption) {
        if (moved.code() != Code::kCancelled) LOG(WARNING) << "balancing the data folders broke off: " << moved.message();
        return count;
      }
    }
  }
  return count;
}

}  // namespace tusk::dfs::datanode
