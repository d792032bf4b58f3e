#include "dfs/client/range_plan.h"

#include <algorithm>
#include <numeric>

namespace tusk::dfs {

std::vector<RangeRun> PlanRuns(std::span<const ReadRange> ranges, uint64_t merge_gap) {
  std::vector<size_t> order(ranges.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::erase_if(order, [&](size_t i) { return ranges[i].out.empty(); });
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return ranges[a].offset < ranges[b].offset; });
  std::vector<RangeRun> runs;
  for (const size_t i : order) {
    const ReadRange& range = ranges[i];
    const bool joins = !runs.empty() && range.offset >= runs.back().offset + runs.back().length &&
                       range.offset - (runs.back().offset + runs.back().length) <= merge_gap;
    if (!joins) runs.push_back({range.offset, 0, {}});
    runs.back().length = range.offset + range.out.size() - runs.back().offset;
    runs.back().ranges.push_back(i);
  }
  return runs;
}

}  // namespace tusk::dfs
