#include "dfs/client/recovery_plan.h"

namespace tusk::dfs {

RecoveryPlan PlanRecovery(const RecoveryView& view) {
  RecoveryPlan plan;
  plan.survivors = view.pipeline;
  if (!plan.survivors.empty()) {
    const size_t failed = view.failed < plan.survivors.size() ? view.failed : 0;
    plan.dropped = plan.survivors[failed];
    plan.survivors.erase(plan.survivors.begin() + static_cast<ptrdiff_t>(failed));
  }
  if (view.tries >= kMaxRecoveriesPerBlock) {
    plan.reason = "the block has been recovered " + std::to_string(view.tries) + " times";
  } else if (!plan.survivors.empty()) {
    plan.step = RecoveryPlan::Step::kRecover;
    plan.reason = std::to_string(plan.survivors.size()) + " of " + std::to_string(view.pipeline.size()) + " DataNodes are left";
  } else if (view.acked_bytes == 0) {
    plan.step = RecoveryPlan::Step::kNewBlock;
    plan.reason = "no DataNode is left, and every byte of the block is still held";
  } else {
    plan.reason = "no DataNode is left that holds the first " + std::to_string(view.acked_bytes) + " bytes of the block";
  }
  return plan;
}

bool WantsReplacement(uint16_t replication, size_t left, bool promised) {
  return replication >= 3 && left > 0 && left < replication && (left <= replication / 2u || promised);
}

}  // namespace tusk::dfs
