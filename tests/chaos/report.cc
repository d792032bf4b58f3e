#include "tests/chaos/report.h"

namespace tusk::chaos {
namespace {

std::string FaultsByKind(const RunFigures& figures) {
  std::string text;
  for (size_t kind = 0; kind < kBlowNames.size(); ++kind) {
    text += (kind == 0 ? "" : ", ") + std::string(kBlowNames[kind]) + " " + std::to_string(figures.blows[kind]);
  }
  return text;
}

}  // namespace

void RunFigures::Add(const WorkloadCounts& counts) {
  written += counts.written;
  appended += counts.appended;
  abandoned += counts.abandoned;
  renamed += counts.renamed;
  deleted += counts.deleted;
  read += counts.read;
  failed += counts.failed;
}

std::string Summary(const RunFigures& figures) {
  return "chaos: " + std::to_string(figures.rounds) + " rounds in " + std::to_string(static_cast<int>(figures.seconds)) +
         " s; faults: " + FaultsByKind(figures) + "\nchaos: files written " + std::to_string(figures.written) + ", appended to " +
         std::to_string(figures.appended) + ", left open after a sync " + std::to_string(figures.abandoned) + ", renamed " +
         std::to_string(figures.renamed) + ", deleted " + std::to_string(figures.deleted) + ", read beside the faults " +
         std::to_string(figures.read) + "; operations failed and were not acknowledged " + std::to_string(figures.failed) +
         "\nchaos: verifications of acknowledged files " + std::to_string(figures.verified) + ", lost or wrong: 0\n";
}

std::string TableRow(const RunFigures& figures, const std::string& date) {
  return "| " + date + " | `chaos --rounds " + std::to_string(figures.rounds) + " --seed " + std::to_string(figures.first_seed) +
         "` | " + FaultsByKind(figures) + " | " + std::to_string(figures.written) + " written, " +
         std::to_string(figures.appended) + " appended to, " + std::to_string(figures.abandoned) + " synced and left, " +
         std::to_string(figures.renamed) + " renamed, " + std::to_string(figures.deleted) + " deleted, " +
         std::to_string(figures.read) + " read | " + std::to_string(figures.failed) + " | " + std::to_string(figures.verified) +
         " | 0 |\n";
}

}  // namespace tusk::chaos
