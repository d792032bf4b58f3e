#include "dfs/datanode/store/folder_choice.h"

#include <algorithm>

namespace tusk::dfs::datanode {
namespace {

std::optional<size_t> ChooseAmong(const std::vector<FolderCandidate>& fit, uint64_t turn, double dice) {
  if (fit.empty()) return std::nullopt;
  const auto [least, most] =
      std::minmax_element(fit.begin(), fit.end(), [](const auto& a, const auto& b) { return a.remaining < b.remaining; });
  if (static_cast<double>(most->remaining - least->remaining) <= kSimilarFreeSpace * static_cast<double>(most->remaining)) {
    return fit[turn % fit.size()].index;
  }
  double total = 0;
  for (const auto& folder : fit) total += static_cast<double>(folder.remaining);
  double point = dice * total;
  for (const auto& folder : fit) {
    point -= static_cast<double>(folder.remaining);
    if (point < 0) return folder.index;
  }
  return fit.back().index;
}

}  // namespace

std::optional<size_t> ChooseFolder(std::span<const FolderCandidate> candidates, uint64_t bytes, uint64_t turn, double dice) {
  for (const bool slow : {false, true}) {
    std::vector<FolderCandidate> fit;
    for (const auto& folder : candidates) {
      if (folder.slow == slow && folder.remaining >= bytes && folder.remaining > 0) fit.push_back(folder);
    }
    if (const auto chosen = ChooseAmong(fit, turn, dice)) return chosen;
  }
  return std::nullopt;
}

std::vector<bool> JudgeSlow(std::span<const std::optional<Duration>> medians) {
  std::vector<bool> slow(medians.size());
  for (size_t i = 0; i < medians.size(); ++i) {
    if (!medians[i] || *medians[i] < kSlowAtLeast) continue;
    std::vector<Duration> others;
    for (size_t j = 0; j < medians.size(); ++j) {
      if (j != i && medians[j]) others.push_back(*medians[j]);
    }
    if (others.empty()) continue;
    const auto middle = others.begin() + static_cast<std::ptrdiff_t>((others.size() - 1) / 2);
    std::nth_element(others.begin(), middle, others.end());
    slow[i] = *medians[i] > kSlowFactor * *middle;
  }
  return slow;
}

}  // namespace tusk::dfs::datanode
