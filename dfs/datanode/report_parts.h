// How a block report is cut: a part names all replicas of its buckets, so that the NameNode can take it by itself and never has
// to hold the report of a large node in memory.
//
// Thread: pure function.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

struct ReportPart {
  std::vector<uint16_t> buckets;  // empty: all
  std::span<const Block> replicas;
};

// Orders `replicas` by bucket. `buckets`: what is reported; empty: all. A part has at most `max_replicas`, or one bucket. At
// least one part. The parts look into `replicas`.
std::vector<ReportPart> CutReport(std::vector<Block>& replicas, const std::vector<uint16_t>& buckets, size_t max_replicas);

}  // namespace tusk::dfs::datanode
