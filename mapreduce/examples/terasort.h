// Sorts records of 100 bytes by their first 10: in order within each part, and from part to part.
#pragma once

#include "mapreduce/api/job.h"

namespace tusk::mr::examples {

struct TeraSort {
  using Input = TeraInput;
  using Output = TeraOutput;
  static constexpr bool kTotalOrder = true;  // reducers get ranges of keys; no Reduce: records as they are

  void Map(std::string_view key, std::string_view value, Out<std::string_view, std::string_view>& out) { out(key, value); }

  static UsageText Usage() {
    UsageText usage;
    usage.summary = "Sorts records of the sort benchmark (teragen) by key over all parts.";
    usage.output_replication = 1;  // as Hadoop's: the input is still there
    return usage;
  }
};

}  // namespace tusk::mr::examples
