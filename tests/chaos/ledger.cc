#include "tests/chaos/ledger.h"

#include <algorithm>
#include <cstring>

#include "common/base/random.h"

namespace tusk::chaos {

void FillContent(const Content& content, uint64_t offset, std::span<std::byte> out) {
  // Word n of a file is the SplitMix64 output for (seed + n): any offset is reachable without the bytes before it.
  size_t done = 0;
  while (done < out.size()) {
    const uint64_t at = offset + done;
    const uint64_t word = Random(content.seed + (at / 8) * 0x9E3779B97F4A7C15)();
    const size_t skip = at % 8;
    const size_t count = std::min<size_t>(8 - skip, out.size() - done);
    std::memcpy(out.data() + done, reinterpret_cast<const char*>(&word) + skip, count);
    done += count;
  }
}

void Ledger::Acknowledge(const std::string& path, std::optional<Content> content) {
  const std::lock_guard lock(mutex_);
  EndPairs(path);
  states_[path] = {content};
  claimed_.erase(path);
}

void Ledger::Doubt(const std::string& path, std::optional<Content> content) {
  const std::lock_guard lock(mutex_);
  EndPairs(path);
  AddState(path, content);
}

void Ledger::DoubtRename(const std::string& old_path, const std::string& new_path, const Content& content) {
  const std::lock_guard lock(mutex_);
  EndPairs(old_path);
  EndPairs(new_path);
  AddState(new_path, content);
  AddState(old_path, std::nullopt);
  renames_.push_back({old_path, new_path, content});
}

void Ledger::AddState(const std::string& path, std::optional<Content> content) {
  auto& states = states_[path];
  if (states.empty()) states.emplace_back(std::nullopt);  // it was never there
  if (std::find(states.begin(), states.end(), content) == states.end()) states.push_back(content);
  claimed_.erase(path);
}

void Ledger::EndPairs(const std::string& path) {
  std::erase_if(renames_, [&](const DoubtfulRename& rename) { return rename.old_path == path || rename.new_path == path; });
}

std::vector<Ledger::Expectation> Ledger::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<Expectation> all;
  for (const auto& [path, states] : states_) all.push_back({path, states});
  return all;
}

std::vector<Ledger::DoubtfulRename> Ledger::DoubtfulRenames() const {
  const std::lock_guard lock(mutex_);
  return renames_;
}

size_t Ledger::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(std::count_if(states_.begin(), states_.end(),
                                           [](const auto& entry) { return entry.second.size() == 1 && entry.second[0]; }));
}

std::optional<std::pair<std::string, Content>> Ledger::Pick(uint64_t pick) const {
  const std::lock_guard lock(mutex_);
  std::vector<const std::pair<const std::string, std::vector<std::optional<Content>>>*> present;
  for (const auto& entry : states_) {
    if (entry.second.size() == 1 && entry.second[0] && !claimed_.contains(entry.first)) present.push_back(&entry);
  }
  if (present.empty()) return std::nullopt;
  const auto* chosen = present[pick % present.size()];
  return std::make_pair(chosen->first, *chosen->second[0]);
}

void Ledger::Forget(const std::string& path) {
  const std::lock_guard lock(mutex_);
  EndPairs(path);
  states_.erase(path);
}

bool Ledger::Claim(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return claimed_.insert(path).second;
}

void Ledger::Release(const std::string& path) {
  const std::lock_guard lock(mutex_);
  claimed_.erase(path);
}

}  // namespace tusk::chaos
