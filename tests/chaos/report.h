// What a run of the chaos test did, as text for people and as a row of the table in docs/reliability.md.
//
// Thread: one.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tests/chaos/nemesis.h"
#include "tests/chaos/workload.h"

namespace tusk::chaos {

struct RunFigures {
  uint64_t first_seed = 0;
  int rounds = 0;
  int nodes = 0;
  int writers = 0;
  int readers = 0;
  double seconds = 0;
  std::array<uint64_t, kBlowNames.size()> blows{};  // by kind
  uint64_t written = 0, appended = 0, abandoned = 0, renamed = 0, deleted = 0, read = 0, failed = 0;
  uint64_t verified = 0;  // acknowledged files compared after a round

  void Add(const Blow& blow) { ++blows[static_cast<size_t>(blow.kind)]; }
  void Add(const WorkloadCounts& counts);
};

std::string Summary(const RunFigures& figures);
// One row: date, command, faults by kind, operations, verifications, lost.
std::string TableRow(const RunFigures& figures, const std::string& date);

}  // namespace tusk::chaos
