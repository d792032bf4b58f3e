#include "tests/simulation/model.h"

#include <algorithm>

namespace tusk::sim {

std::byte ContentAt(uint64_t seed, uint64_t offset) {
  const uint64_t word = (seed ^ (offset / 8 * 0x9E3779B97F4A7C15)) * 0xBF58476D1CE4E5B9;
  return static_cast<std::byte>((word ^ (word >> 29)) >> (8 * (offset % 8)));
}

std::vector<std::byte> Content(uint64_t seed, uint64_t offset, size_t bytes) {
  std::vector<std::byte> content(bytes);
  for (size_t i = 0; i < bytes; ++i) content[i] = ContentAt(seed, offset + i);
  return content;
}

void Model::BeginRename(const std::string& from, const std::string& to) {
  const std::vector<PathState> states = paths_.at(from);
  paths_[from].push_back(std::nullopt);
  paths_[to] = states;
  paths_[to].push_back(std::nullopt);
  open_pairs_.push_back({.from = from, .to = to});
}

void Model::EndRename(const std::string& from, const std::string& to) {
  std::erase_if(open_pairs_, [&](const Pair& pair) { return pair.from == from && pair.to == to; });
  std::vector<PathState> states = paths_.at(from);
  states.pop_back();
  paths_[to] = std::move(states);
  paths_[from] = {std::nullopt};
}

void Model::BeginConcat(const std::string& target, const std::string& source) {
  FileState whole = *paths_.at(target).front();
  open_pairs_.push_back({.from = source, .to = target, .concat = true, .length = whole.most});
  whole.least = whole.most += paths_.at(source).front()->most;
  paths_[target].emplace_back(whole);
  paths_[source].emplace_back(std::nullopt);
}

void Model::EndConcat(const std::string& target, const std::string& source) {
  std::erase_if(open_pairs_, [&](const Pair& pair) { return pair.from == source && pair.to == target; });
  paths_[target] = {paths_.at(target).back()};
  paths_[source] = {std::nullopt};
}

std::optional<std::pair<std::string, FileState>> Model::PickClosed(Random& random) const {
  std::vector<std::pair<std::string, FileState>> closed;
  for (const auto& [path, states] : paths_) {
    if (states.size() != 1 || !states[0] || states[0]->least != states[0]->most || claimed_.contains(path)) continue;
    closed.emplace_back(path, *states[0]);
  }
  if (closed.empty()) return std::nullopt;
  return closed[random.Below(closed.size())];
}

}  // namespace tusk::sim
