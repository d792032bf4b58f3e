#include "dfs/namenode/blocks/safe_mode.h"

#include <cmath>

namespace tusk::dfs::namenode {

SafeModeDecision DecideSafeMode(const SafeModeInput& input) {
  SafeModeDecision decision;
  const auto needed = static_cast<uint64_t>(std::ceil(static_cast<double>(input.blocks) * input.threshold - 1e-9));
  decision.threshold_reached = input.safe >= needed;
  if (input.manual) {
    decision.on = true;
    decision.reason = "an operator turned safe mode on; `tusk dfsadmin -safemode leave` ends it";
  } else if (input.starting && !decision.threshold_reached) {
    decision.on = true;
    decision.reason = "the NameNode has started and " + std::to_string(input.safe) + " of " + std::to_string(input.blocks) +
                      " blocks are reported by DataNodes, " + std::to_string(needed) +
                      " are needed; it leaves safe mode by itself";
  }
  return decision;
}

void SafeMode::Update(uint64_t blocks, uint64_t safe) {
  blocks_ = blocks;
  safe_ = safe;
  if (!starting_) return;
  if (DecideSafeMode({false, true, blocks, safe, threshold_}).threshold_reached) starting_ = false;
}

void SafeMode::Enter() { manual_ = true; }

void SafeMode::Leave() {
  manual_ = false;
  starting_ = false;
}

std::string SafeMode::reason() const { return DecideSafeMode({manual_, starting_, blocks_, safe_, threshold_}).reason; }

}  // namespace tusk::dfs::namenode
