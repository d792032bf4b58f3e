#include "dfs/namenode/blocks/slow_nodes.h"

#include <algorithm>

namespace tusk::dfs::namenode {
namespace {

constexpr std::chrono::seconds kWindow{2};
constexpr std::chrono::seconds kProbation{60};
constexpr uint32_t kFewPackets = 4;  // fewer prove nothing
constexpr uint32_t kTolerableMicros = 50'000;
constexpr uint32_t kTimesTheMedian = 3;

uint32_t LowerMedian(std::vector<uint32_t> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::set<NodeIndex> SlowInWindow(const PeerViews& views) {
  std::set<NodeIndex> slow;
  if (views.size() < 2) return slow;
  std::map<NodeIndex, uint32_t> figures;
  std::vector<uint32_t> all;
  for (const auto& [node, seen] : views) {
    if (seen.empty()) continue;
    figures[node] = LowerMedian(seen);
    all.push_back(figures[node]);
  }
  if (all.size() < 2) return slow;
  const uint64_t limit = std::max<uint64_t>(uint64_t{kTimesTheMedian} * LowerMedian(all), kTolerableMicros);
  for (const auto& [node, figure] : figures) {
    if (figure > limit) slow.insert(node);
  }
  return slow;
}

void SlowNodes::Add(NodeIndex node, uint32_t packets, uint32_t median_micros) {
  if (packets >= kFewPackets) views_[node].push_back(median_micros);
}

bool SlowNodes::Tick(TimePoint now) {
  if (now - window_began_ < kWindow) return false;
  window_began_ = now;
  bool changed = std::erase_if(slow_, [&](const auto& entry) { return now - entry.second > kProbation; }) > 0;
  const std::set<NodeIndex> standing_out = SlowInWindow(views_);
  for (const auto& [node, seen] : views_) {
    if (!standing_out.contains(node)) {
      suspects_.erase(node);
      changed = slow_.erase(node) > 0 || changed;
    } else if (suspects_.contains(node)) {
      changed = slow_.insert_or_assign(node, now).second || changed;
    } else {
      suspects_.insert(node);
    }
  }
  views_.clear();
  return changed;
}

}  // namespace tusk::dfs::namenode
