#include "dfs/namenode/namespace/delta_keys.h"

#include <algorithm>

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kKeyOverhead = 48;  // string header, growth of the vector

}  // namespace

size_t DeltaKeys::RangeBytes(std::string_view key) {
  switch (key.empty() ? '\0' : key.front()) {
    case 'D':
    case 'B': return 9;  // tag, be64
    case 'R': return 3;  // tag, be16
    case 'N': return 6;  // tag, 5 bytes of the block's id
    default: return 0;
  }
}

void DeltaKeys::Add(std::string_view key) {
  const size_t range_bytes = RangeBytes(key);
  if (range_bytes == 0 || key.size() < range_bytes) return;
  const std::string_view name = key.substr(0, range_bytes);
  auto range = ranges_.find(name);
  if (range == ranges_.end()) {
    range = ranges_.emplace(std::string(name), Range()).first;
    bytes_ += sizeof(Range) + kKeyOverhead;
  }
  range->second.keys.emplace_back(key);
  bytes_ += key.size() + kKeyOverhead;
}

void DeltaKeys::Sort(Range& range) {
  if (range.sorted == range.keys.size()) return;
  const auto middle = range.keys.begin() + static_cast<ptrdiff_t>(range.sorted);
  std::sort(middle, range.keys.end());
  std::inplace_merge(range.keys.begin(), middle, range.keys.end());
  range.keys.erase(std::unique(range.keys.begin(), range.keys.end()), range.keys.end());
  range.sorted = range.keys.size();
}

std::span<const std::string> DeltaKeys::Find(std::string_view prefix, std::string_view from) const {
  const auto range = ranges_.find(prefix.substr(0, RangeBytes(prefix)));
  if (range == ranges_.end()) return {};
  Sort(range->second);
  const auto& keys = range->second.keys;
  const auto begin = std::lower_bound(keys.begin(), keys.end(), from);
  const auto end = std::partition_point(begin, keys.end(), [&](const std::string& key) { return key.starts_with(prefix); });
  return {begin, end};
}

}  // namespace tusk::dfs::namenode
