// Where a writer writes: the nodes that may take a block, and why the others may not.
#include <algorithm>

#include "dfs/namenode/blocks/block_manager.h"

namespace tusk::dfs::namenode {

Result<std::vector<DataNodeId>> BlockManager::ChooseTargets(std::string_view host, size_t count, uint64_t block_bytes,
                                                            const std::vector<DataNodeId>& exclude,
                                                            const std::vector<DataNodeId>& existing) {
  const auto among = [](const std::vector<DataNodeId>& ids, DataNodeId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  PlacementRefusals refusals;
  std::vector<PlacementNode> candidates;
  std::vector<PlacementNode> silent;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const auto index = static_cast<NodeIndex>(i);
    const Node& node = nodes_[index];
    if (among(existing, node.info.id)) continue;
    ++refusals.nodes;
    const uint64_t promised = node.receiving;
    const uint64_t room = node.figures.remaining > promised ? node.figures.remaining - promised : 0;
    const PlacementNode candidate{index, node.info.host, node.info.rack, room, node.figures.transfers, node.slow};
    if (!node.live) {
      ++refusals.dead;
    } else if (node.duty != Duty::kInService) {
      ++refusals.leaving;
    } else if (among(exclude, node.info.id)) {
      ++refusals.excluded;
    } else if (Silent(index)) {
      ++refusals.silent;
      silent.push_back(candidate);
    } else {
      if (room < block_bytes) ++refusals.full;
      candidates.push_back(candidate);
    }
  }
  PlacementRequest request;
  request.candidates = candidates;
  request.count = count;
  request.block_bytes = block_bytes;
  request.writer_host = host;
  for (const DataNodeId id : existing) {
    if (const auto node = nodes_.Find(id)) request.taken_racks.push_back(nodes_[*node].info.rack);
  }
  const size_t needed = existing.empty() ? std::clamp<size_t>(options_.min_replication, 1, std::max<size_t>(count, 1)) : 1;
  std::vector<NodeIndex> chosen = namenode::ChooseTargets(request, random_);
  if (chosen.size() < needed && !silent.empty()) {  // perhaps it is this process that was stopped
    for (PlacementNode& node : silent) {
      node.avoid = true;
      candidates.push_back(node);
    }
    request.candidates = candidates;
    chosen = namenode::ChooseTargets(request, random_);
  }
  if (chosen.size() >= needed) {
    std::vector<DataNodeId> targets;
    for (const NodeIndex node : chosen) targets.push_back(nodes_[node].info.id);
    return targets;
  }
  const std::string what = "cannot place a block of " + std::to_string(block_bytes) + " bytes";
  if (nodes_.live() == 0 || clock_.Now() - started_ < options_.dead_after) {
    return Unavailable(what + ": " + std::to_string(nodes_.live()) + " DataNodes are registered and " +
                       std::to_string(chosen.size()) + " of the " + std::to_string(needed) +
                       " needed can take it; wait until more have started");
  }
  return Status(Code::kNoSpace, what + ": " + Explain(refusals) + "; " + std::to_string(chosen.size()) + " of the " +
                                    std::to_string(needed) + " needed can take it; add DataNodes or delete files");
}

}  // namespace tusk::dfs::namenode
