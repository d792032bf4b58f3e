#include "dfs/namenode/namespace/delta_keys.h"

#include <algorithm>
#include <cstring>

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kKeyOverhead = 32;  // its view, growth of the vector
constexpr size_t kRangeOverhead = 48;
constexpr size_t kBlockBytes = 16 << 10;

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
    bytes_ += sizeof(Range) + kRangeOverhead;
  }
  range->second.keys.push_back(Copy(key));
  bytes_ += key.size() + kKeyOverhead;
}

std::string_view DeltaKeys::Copy(std::string_view key) {
  if (block_left_ < key.size()) {
    block_left_ = std::max(kBlockBytes, key.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_left_));
    block_end_ = blocks_.back().get() + block_left_;
  }
  char* const copy = block_end_ - block_left_;
  std::memcpy(copy, key.data(), key.size());
  block_left_ -= key.size();
  return {copy, key.size()};
}

void DeltaKeys::Sort(Range& range) {
  if (range.sorted == range.keys.size()) return;
  const auto middle = range.keys.begin() + static_cast<ptrdiff_t>(range.sorted);
  std::sort(middle, range.keys.end());
  std::inplace_merge(range.keys.begin(), middle, range.keys.end());
  range.keys.erase(std::unique(range.keys.begin(), range.keys.end()), range.keys.end());
  range.sorted = range.keys.size();
}

std::span<const std::string_view> DeltaKeys::Find(std::string_view prefix, std::string_view from) const {
  const auto range = ranges_.find(prefix.substr(0, RangeBytes(prefix)));
  if (range == ranges_.end()) return {};
  Sort(range->second);
  const auto& keys = range->second.keys;
  const auto begin = std::lower_bound(keys.begin(), keys.end(), from);
  const auto end = std::partition_point(begin, keys.end(), [&](std::string_view key) { return key.starts_with(prefix); });
  return {begin, end};
}

}  // namespace tusk::dfs::namenode
