#include "dfs/namenode/blocks/placement.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

namespace tusk::dfs::namenode {
namespace {

using Rule = std::function<bool(const PlacementNode&)>;

// Picks among the nodes that the rule admits, weighted; nullopt: none.
std::optional<size_t> Pick(const std::vector<PlacementNode>& nodes, const Rule& admits, Random& random) {
  double total = 0;
  const auto weight = [](const PlacementNode& node) { return static_cast<double>(node.remaining + 1) / (1.0 + node.transfers); };
  for (const PlacementNode& node : nodes) {
    if (admits(node)) total += weight(node);
  }
  if (total == 0) return std::nullopt;
  double point = random.Unit() * total;
  std::optional<size_t> picked;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!admits(nodes[i])) continue;
    picked = i;
    point -= weight(nodes[i]);
    if (point < 0) break;
  }
  return picked;
}

// The rules for the next replica, best first.
std::vector<Rule> RulesFor(const std::vector<std::string_view>& racks, std::string_view writer_host,
                           const std::vector<PlacementNode>& nodes) {
  std::vector<Rule> rules;
  if (racks.empty()) {
    if (!writer_host.empty()) rules.push_back([writer_host](const PlacementNode& node) { return node.host == writer_host; });
  } else if (racks.size() == 2 && racks[0] != racks[1]) {
    rules.push_back([rack = racks[1]](const PlacementNode& node) { return node.rack == rack; });
  } else {
    std::map<std::string_view, size_t> on_rack;
    for (const PlacementNode& node : nodes) on_rack.emplace(node.rack, 0);
    for (const std::string_view rack : racks) {
      if (const auto it = on_rack.find(rack); it != on_rack.end()) ++it->second;
    }
    size_t fewest = SIZE_MAX;
    for (const auto& [rack, replicas] : on_rack) fewest = std::min(fewest, replicas);
    rules.push_back([on_rack, fewest](const PlacementNode& node) { return on_rack.at(node.rack) == fewest; });
  }
  rules.push_back([](const PlacementNode&) { return true; });
  return rules;
}

}  // namespace

std::vector<NodeIndex> ChooseTargets(const PlacementRequest& request, Random& random) {
  std::vector<PlacementNode> nodes;
  for (const PlacementNode& node : request.candidates) {
    if (node.remaining >= request.block_bytes) nodes.push_back(node);
  }
  std::vector<std::string_view> racks = request.taken_racks;
  std::vector<NodeIndex> chosen;
  while (chosen.size() < request.count && !nodes.empty()) {
    std::optional<size_t> next;
    for (const Rule& rule : RulesFor(racks, request.writer_host, nodes)) {
      next = Pick(nodes, rule, random);
      if (next) break;
    }
    if (!next) break;
    chosen.push_back(nodes[*next].node);
    racks.push_back(nodes[*next].rack);
    nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(*next));
  }
  return chosen;
}

}  // namespace tusk::dfs::namenode
