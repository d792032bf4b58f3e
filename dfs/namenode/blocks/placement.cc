#include "dfs/namenode/blocks/placement.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

namespace tusk::dfs::namenode {
namespace {

// Connections that say nothing about load: idle ones of clients stay open for a while.
constexpr double kIgnoredLoad = 8;

using Rule = std::function<bool(const PlacementNode&)>;

double Weight(const PlacementNode& node) { return static_cast<double>(node.remaining + 1) / (1.0 + node.transfers); }

// Picks among the nodes that the rule admits, weighted; nullopt: none.
std::optional<size_t> PickOne(const std::vector<PlacementNode>& nodes, const Rule& admits, Random& random) {
  double total = 0;
  for (const PlacementNode& node : nodes) {
    if (admits(node)) total += Weight(node);
  }
  if (total == 0) return std::nullopt;
  double point = random.Unit() * total;
  std::optional<size_t> picked;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!admits(nodes[i])) continue;
    picked = i;
    point -= Weight(nodes[i]);
    if (point < 0) break;
  }
  return picked;
}

// The less busy of two (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001).
std::optional<size_t> Pick(const std::vector<PlacementNode>& nodes, const Rule& admits, Random& random) {
  const auto first = PickOne(nodes, admits, random);
  if (!first) return std::nullopt;
  const auto second = PickOne(nodes, admits, random);
  return nodes[*second].transfers < nodes[*first].transfers ? second : first;
}

// The rules for the next replica, best first.
std::vector<Rule> RulesFor(const std::vector<std::string_view>& racks, std::string_view writer_host,
                           const std::vector<PlacementNode>& nodes) {
  std::vector<Rule> rules;
  const auto add = [&rules](const Rule& rule) {
    rules.push_back([rule](const PlacementNode& node) { return !node.avoid && rule(node); });
  };
  const Rule any = [](const PlacementNode&) { return true; };
  if (racks.empty()) {
    if (!writer_host.empty()) add([writer_host](const PlacementNode& node) { return node.host == writer_host; });
  } else if (racks.size() == 2 && racks[0] != racks[1]) {
    add([rack = racks[1]](const PlacementNode& node) { return node.rack == rack; });
  } else {
    std::map<std::string_view, size_t> on_rack;
    for (const PlacementNode& node : nodes) on_rack.emplace(node.rack, 0);
    for (const std::string_view rack : racks) {
      if (const auto it = on_rack.find(rack); it != on_rack.end()) ++it->second;
    }
    size_t fewest = SIZE_MAX;
    for (const auto& [rack, replicas] : on_rack) fewest = std::min(fewest, replicas);
    const Rule emptiest = [on_rack, fewest](const PlacementNode& node) { return on_rack.at(node.rack) == fewest; };
    add(emptiest);
    // All on one rack so far: a second rack is worth more than a node's speed.
    if (std::all_of(racks.begin(), racks.end(), [&](std::string_view rack) { return rack == racks[0]; })) {
      rules.push_back(emptiest);
    }
  }
  add(any);
  rules.push_back(any);
  return rules;
}

}  // namespace

std::vector<NodeIndex> ChooseTargets(const PlacementRequest& request, Random& random) {
  std::vector<PlacementNode> nodes;
  double load = 0;
  for (const PlacementNode& node : request.candidates) {
    if (node.remaining >= request.block_bytes) nodes.push_back(node);
    load += node.transfers;
  }
  const double most = kIgnoredLoad + 2 * load / static_cast<double>(std::max<size_t>(request.candidates.size(), 1));
  for (PlacementNode& node : nodes) node.avoid = node.avoid || node.transfers > most;
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

std::string Explain(const PlacementRefusals& refusals) {
  std::vector<std::string> parts;
  const auto add = [&](size_t count, std::string_view one, std::string_view many) {
    if (count > 0) parts.push_back(std::to_string(count) + " " + std::string(count == 1 ? one : many));
  };
  add(refusals.dead, "is dead", "are dead");
  add(refusals.leaving, "is in decommission or maintenance", "are in decommission or maintenance");
  add(refusals.silent, "is silent", "are silent");
  add(refusals.excluded, "was excluded by the writer", "were excluded by the writer");
  add(refusals.full, "has no room", "have no room");
  std::string text = "of " + std::to_string(refusals.nodes) + " DataNodes ";
  if (parts.empty()) return text + "none is refused";
  for (size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return text;
}

}  // namespace tusk::dfs::namenode
