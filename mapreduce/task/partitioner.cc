#include "mapreduce/task/partitioner.h"

#include <algorithm>

#include <glog/logging.h>

namespace tusk::mr {

Partitioner::Partitioner(uint32_t partitions, std::vector<std::string> boundaries)
    : partitions_(partitions), boundaries_(std::move(boundaries)) {
  CHECK_GT(partitions_, 0u);
  CHECK(boundaries_.empty() || boundaries_.size() + 1 == partitions_)
      << boundaries_.size() << " boundaries for " << partitions_ << " partitions";
  CHECK(std::is_sorted(boundaries_.begin(), boundaries_.end())) << "the boundaries are not in order";
  for (const auto& boundary : boundaries_) prefixes_.push_back(KeyPrefix(boundary));
}

uint32_t Partitioner::OfRange(std::string_view key) const {
  const uint64_t prefix = KeyPrefix(key);
  // The number of boundaries <= key: those of a smaller prefix for sure, those of the same by comparison.
  size_t count = static_cast<size_t>(std::lower_bound(prefixes_.begin(), prefixes_.end(), prefix) - prefixes_.begin());
  while (count < boundaries_.size() && prefixes_[count] == prefix && boundaries_[count] <= key) ++count;
  return static_cast<uint32_t>(count);
}

}  // namespace tusk::mr
