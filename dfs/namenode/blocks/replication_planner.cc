#include "dfs/namenode/blocks/replication_planner.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace tusk::dfs::namenode {
namespace {

// Targets of one copy: a long pipeline breaks easily, and with each copy there are more sources.
constexpr size_t kFewTargets = 4;
constexpr size_t kManyTargets = 16;

bool Contains(const std::vector<NodeIndex>& nodes, NodeIndex node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

bool TakesReplicas(const PlannerNode& node) { return node.live && node.duty == Duty::kInService && !node.silent; }

class Planner {
 public:
  Planner(std::vector<PlannerNode> nodes, Random& random) : nodes_(std::move(nodes)), random_(random) {
    for (const PlannerNode& node : nodes_) {
      if (TakesReplicas(node)) racks_.insert(node.rack);
    }
  }

  void Add(const PlannerBlock& block) {
    if (block.live.empty()) return;
    ReplicaTally tally;
    tally.absent = block.absent;
    for (const NodeIndex node : block.live) tally.Add(nodes_[node].duty);
    PlanCopies(block, tally);
    PlanDeletions(block);
  }
  ReplicationPlan Take() { return std::move(plan_); }

 private:
  // A node that works, then one that is not slow, then the one with most free streams.
  std::optional<NodeIndex> ChooseSource(const PlannerBlock& block) {
    const auto rank = [&](NodeIndex node) {
      return std::tuple(!nodes_[node].silent, !nodes_[node].slow, nodes_[node].free_sends);
    };
    std::optional<NodeIndex> best;
    uint64_t equals = 0;
    for (const NodeIndex node : block.live) {
      if (nodes_[node].free_sends == 0) continue;
      if (!best || rank(node) > rank(*best)) {
        best = node;
        equals = 1;
      } else if (rank(node) == rank(*best) && random_.OneIn(++equals)) {
        best = node;
      }
    }
    return best;
  }

  bool OnOneRack(const PlannerBlock& block) const {
    std::set<std::string_view> racks;
    for (const NodeIndex node : block.live) {
      if (nodes_[node].duty != Duty::kLeaving) racks.insert(nodes_[node].rack);
    }
    for (const NodeIndex node : block.pending) racks.insert(nodes_[node].rack);
    return racks.size() == 1;
  }

  void PlanCopies(const PlannerBlock& block, const ReplicaTally& tally) {
    const size_t wanted = tally.Wanted(block.expected);
    size_t count = wanted > block.pending.size() ? wanted - block.pending.size() : 0;
    const bool spread = wanted == 0 && block.pending.empty() && block.absent == 0 && block.expected > 1 && racks_.size() > 1 &&
                        OnOneRack(block) && tally.Surplus(block.expected) == 0;
    if (spread) count = 1;
    if (count == 0) return;
    const auto source = ChooseSource(block);
    if (!source) return;
    std::vector<PlacementNode> candidates;
    for (size_t i = 0; i < nodes_.size(); ++i) {
      const auto node = static_cast<NodeIndex>(i);
      const PlannerNode& at = nodes_[i];
      if (!TakesReplicas(at) || at.free_receives == 0 || Contains(block.live, node) || Contains(block.corrupt, node) ||
          Contains(block.pending, node) || Contains(block.deleting, node) || Contains(block.failed, node) ||
          (spread && at.rack == nodes_[block.live[0]].rack)) {
        continue;
      }
      candidates.push_back({node, at.host, at.rack, at.remaining, at.transfers, at.slow});
    }
    PlacementRequest request;
    request.candidates = candidates;
    for (const NodeIndex node : block.live) {
      if (nodes_[node].duty != Duty::kLeaving) request.taken_racks.push_back(nodes_[node].rack);
    }
    for (const NodeIndex node : block.pending) request.taken_racks.push_back(nodes_[node].rack);
    request.count = std::min(count, std::clamp(block.live.size(), kFewTargets, kManyTargets));
    request.block_bytes = block.block.length;
    std::vector<NodeIndex> targets = ChooseTargets(request, random_);
    if (targets.empty()) return;
    const auto spend = [&](uint64_t& free) { free -= std::min(free, CopyCost(block.block.length)); };
    spend(nodes_[*source].free_sends);
    for (const NodeIndex target : targets) spend(nodes_[target].free_receives);
    plan_.transfers.push_back({block.block, *source, std::move(targets),
                               spread ? std::string("all replicas are on one rack")
                                      : std::to_string(tally.in_service) + " of " + std::to_string(block.expected) +
                                            " replicas are on nodes in service"});
  }

  void PlanDeletions(const PlannerBlock& block) {
    for (const NodeIndex node : block.corrupt) {
      if (!Contains(block.deleting, node)) plan_.invalidates.push_back({block.block, node, true});
    }
    if (!block.pending.empty()) return;
    std::vector<NodeIndex> left;
    for (const NodeIndex node : block.live) {
      if (nodes_[node].duty == Duty::kInService && !nodes_[node].silent) left.push_back(node);
    }
    while (left.size() > std::max<size_t>(block.expected, 1)) {
      const auto victim = ChooseVictim(block, left);
      plan_.invalidates.push_back({block.block, *victim, false});
      left.erase(victim);
    }
  }

  std::vector<NodeIndex>::iterator ChooseVictim(const PlannerBlock& block, std::vector<NodeIndex>& left) const {
    std::map<std::string_view, size_t> on_rack;
    for (const NodeIndex node : left) ++on_rack[nodes_[node].rack];
    if (block.moving_from) {
      const auto source = std::find(left.begin(), left.end(), *block.moving_from);
      // Not when it would leave one rack where two could be kept.
      if (source != left.end() && (on_rack.size() != 2 || block.expected < 2 || on_rack[nodes_[*source].rack] > 1)) return source;
    }
    const auto fullness = [&](NodeIndex node) {
      const PlannerNode& at = nodes_[node];
      return at.capacity == 0 ? 0.0 : -static_cast<double>(at.remaining) / static_cast<double>(at.capacity);
    };
    return std::min_element(left.begin(), left.end(), [&](NodeIndex a, NodeIndex b) {
      const size_t rack_a = on_rack[nodes_[a].rack];
      const size_t rack_b = on_rack[nodes_[b].rack];
      if (rack_a != rack_b) return rack_a > rack_b;
      if (fullness(a) != fullness(b)) return fullness(a) > fullness(b);
      return nodes_[a].remaining < nodes_[b].remaining;
    });
  }

  std::vector<PlannerNode> nodes_;
  Random& random_;
  std::set<std::string_view> racks_;  // that can take replicas
  ReplicationPlan plan_;
};

}  // namespace

ReplicationPlan PlanReplication(std::span<const PlannerBlock> blocks, std::vector<PlannerNode> nodes, Random& random) {
  Planner planner(std::move(nodes), random);
  for (const PlannerBlock& block : blocks) planner.Add(block);
  return planner.Take();
}

}  // namespace tusk::dfs::namenode
