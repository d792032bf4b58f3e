#include "dfs/namenode/blocks/replication_planner.h"

#include <algorithm>
#include <map>
#include <optional>

namespace tusk::dfs::namenode {
namespace {

bool Contains(const std::vector<NodeIndex>& nodes, NodeIndex node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

std::optional<NodeIndex> ChooseSource(const PlannerBlock& block, const std::vector<PlannerNode>& nodes, Random& random) {
  std::optional<NodeIndex> best;
  uint64_t equals = 0;
  for (const NodeIndex node : block.live) {
    if (nodes[node].free_sends == 0) continue;
    if (!best || nodes[node].free_sends > nodes[*best].free_sends) {
      best = node;
      equals = 1;
    } else if (nodes[node].free_sends == nodes[*best].free_sends && random.OneIn(++equals)) {
      best = node;
    }
  }
  return best;
}

void PlanCopies(const PlannerBlock& block, std::vector<PlannerNode>& nodes, Random& random, ReplicationPlan* plan) {
  const size_t have = block.live.size() + block.pending.size();
  if (have >= block.expected) return;
  const auto source = ChooseSource(block, nodes, random);
  if (!source) return;
  std::vector<PlacementNode> candidates;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    if (!nodes[i].live || nodes[i].free_receives == 0 || Contains(block.live, node) || Contains(block.corrupt, node) ||
        Contains(block.pending, node) || Contains(block.deleting, node)) {
      continue;
    }
    candidates.push_back({node, nodes[i].host, nodes[i].rack, nodes[i].remaining, nodes[i].transfers});
  }
  PlacementRequest request;
  request.candidates = candidates;
  for (const NodeIndex node : block.live) request.taken_racks.push_back(nodes[node].rack);
  for (const NodeIndex node : block.pending) request.taken_racks.push_back(nodes[node].rack);
  request.count = block.expected - have;
  request.block_bytes = block.block.length;
  std::vector<NodeIndex> targets = ChooseTargets(request, random);
  if (targets.empty()) return;
  --nodes[*source].free_sends;
  for (const NodeIndex target : targets) --nodes[target].free_receives;
  plan->transfers.push_back({block.block, *source, std::move(targets),
                             std::to_string(block.live.size()) + " of " + std::to_string(block.expected) + " replicas are live"});
}

void PlanDeletions(const PlannerBlock& block, const std::vector<PlannerNode>& nodes, ReplicationPlan* plan) {
  for (const NodeIndex node : block.corrupt) {
    if (!Contains(block.deleting, node)) plan->invalidates.push_back({block.block, node, true});
  }
  if (!block.pending.empty()) return;
  std::vector<NodeIndex> left = block.live;
  while (left.size() > std::max<size_t>(block.expected, 1)) {
    std::map<std::string_view, size_t> on_rack;
    for (const NodeIndex node : left) ++on_rack[nodes[node].rack];
    const auto victim = std::min_element(left.begin(), left.end(), [&](NodeIndex a, NodeIndex b) {
      const size_t rack_a = on_rack[nodes[a].rack];
      const size_t rack_b = on_rack[nodes[b].rack];
      if (rack_a != rack_b) return rack_a > rack_b;
      return nodes[a].remaining < nodes[b].remaining;
    });
    plan->invalidates.push_back({block.block, *victim, false});
    left.erase(victim);
  }
}

}  // namespace

ReplicationPlan PlanReplication(std::span<const PlannerBlock> blocks, std::vector<PlannerNode> nodes, Random& random) {
  ReplicationPlan plan;
  for (const PlannerBlock& block : blocks) {
    if (block.live.empty()) continue;
    PlanCopies(block, nodes, random, &plan);
    PlanDeletions(block, nodes, &plan);
  }
  return plan;
}

}  // namespace tusk::dfs::namenode
