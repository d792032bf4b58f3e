#include "dfs/namenode/blocks/balancer.h"

#include <algorithm>
#include <set>

namespace tusk::dfs::namenode {
namespace {

constexpr std::chrono::seconds kRateWindow{60};

double Level(double used, double total) { return total <= 0 ? 0 : 100 * used / total; }

}  // namespace

BalanceView JudgeBalance(std::span<const BalanceNode> nodes, double threshold) {
  BalanceView view;
  view.levels.assign(nodes.size(), -1);
  double used = 0;
  double total = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].gives || nodes[i].used + nodes[i].remaining == 0) continue;
    const auto node_total = static_cast<double>(nodes[i].used) + static_cast<double>(nodes[i].remaining);
    view.levels[i] = Level(static_cast<double>(nodes[i].used), node_total);
    used += static_cast<double>(nodes[i].used);
    total += node_total;
  }
  view.mean = Level(used, total);
  double over = 0;
  double under = 0;
  bool empty_ones = false;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (view.levels[i] < 0) continue;
    const double share = (static_cast<double>(nodes[i].used) + static_cast<double>(nodes[i].remaining)) / 100;
    const double away = view.levels[i] - view.mean;
    if (away > threshold) over += (away - threshold) * share;
    if (away < -threshold) {
      under += (-away - threshold) * share;
      empty_ones = empty_ones || nodes[i].takes;
    }
  }
  view.remaining_bytes = static_cast<uint64_t>(std::max(over, under));
  for (size_t i = 0; i < nodes.size(); ++i) {
    const double away = view.levels[i] - view.mean;
    if (view.levels[i] >= 0 && (away > threshold || (empty_ones && away > 0))) view.givers.push_back(static_cast<NodeIndex>(i));
  }
  std::sort(view.givers.begin(), view.givers.end(), [&](NodeIndex a, NodeIndex b) { return view.levels[a] > view.levels[b]; });
  return view;
}

std::optional<NodeIndex> ChooseMoveTarget(const MoveRequest& request, std::span<const BalanceNode> nodes, const BalanceView& view,
                                          double threshold, uint32_t moves_per_node) {
  const NodeIndex source = request.source;
  if (nodes[source].moves >= moves_per_node) return std::nullopt;
  const bool source_over = view.levels[source] - view.mean > threshold;
  std::set<std::string_view> before;
  std::set<std::string_view> others;
  for (const NodeIndex holder : request.holders) {
    before.insert(nodes[holder].rack);
    if (holder != source) others.insert(nodes[holder].rack);
  }
  const auto level_after = [&](NodeIndex node, double by) {
    const double used = static_cast<double>(nodes[node].used) + by;
    return Level(used, static_cast<double>(nodes[node].used) + static_cast<double>(nodes[node].remaining));
  };
  const auto bytes = static_cast<double>(request.bytes);
  std::optional<NodeIndex> best;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    if (!nodes[i].takes || view.levels[i] < 0 || nodes[i].moves >= moves_per_node || nodes[i].remaining < request.bytes) continue;
    if (std::find(request.holders.begin(), request.holders.end(), node) != request.holders.end()) continue;
    if (view.levels[i] >= view.mean || (!source_over && view.mean - view.levels[i] <= threshold)) continue;
    const size_t racks_after = others.size() + (others.contains(nodes[i].rack) ? 0 : 1);
    if (racks_after < std::min<size_t>(before.size(), 2)) continue;
    if (level_after(node, bytes) > level_after(source, -bytes)) continue;
    if (!best || view.levels[i] < view.levels[*best]) best = node;
  }
  return best;
}

void Balancer::Done(TimePoint now, const ReplicaMove& move) {
  ++moved_;
  moved_bytes_ += move.bytes;
  recent_.push_back({now, move.bytes});
  while (now - recent_.front().at > kRateWindow) recent_.pop_front();
}

uint64_t Balancer::BytesPerSecond(TimePoint now) const {
  uint64_t bytes = 0;
  for (const Sample& sample : recent_) {
    if (now - sample.at <= kRateWindow) bytes += sample.bytes;
  }
  if (bytes == 0) return 0;
  const double seconds = std::clamp(std::chrono::duration<double>(now - recent_.front().at).count(), 1.0, 60.0);
  return static_cast<uint64_t>(static_cast<double>(bytes) / seconds);
}

}  // namespace tusk::dfs::namenode
