#include "dfs/namenode/blocks/unfinished_replicas.h"

#include <algorithm>

namespace tusk::dfs::namenode {

bool IsUseless(const UnfinishedReplica& replica) {
  if (!replica.known) return true;
  if (replica.generation < replica.block_generation) return replica.open || replica.readable > 0;
  if (replica.open || replica.being_copied || replica.generation > replica.block_generation) return false;
  return replica.readable >= std::max<size_t>(replica.expected, 1);
}

uint64_t DefinitelySafe(const BlockCounts& counts, size_t doubtful, uint32_t min_replication) {
  if (doubtful == 0) return counts.safe;
  uint64_t unsure = 0;
  for (size_t degree = 1; degree < BlockCounts::kDegrees; ++degree) {
    if (degree < doubtful + min_replication) unsure += counts.by_degree[degree];
  }
  return counts.safe - std::min(counts.safe, unsure);
}

}  // namespace tusk::dfs::namenode
