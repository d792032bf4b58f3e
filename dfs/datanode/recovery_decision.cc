#include "dfs/datanode/recovery_decision.h"

#include <algorithm>

namespace tusk::dfs::datanode {
namespace {

using Kind = RecoveryAnswer::Kind;

bool HasReplica(const RecoveryAnswer& answer) { return answer.kind != Kind::kAway && answer.kind != Kind::kNone; }

std::vector<RecoveryAnswer> Of(Kind kind, const std::vector<RecoveryAnswer>& answers) {
  std::vector<RecoveryAnswer> found;
  std::copy_if(answers.begin(), answers.end(), std::back_inserter(found),
               [&](const auto& answer) { return answer.kind == kind; });
  return found;
}

uint64_t LengthOf(const std::vector<RecoveryAnswer>& valid) {
  const auto by_length = [](const RecoveryAnswer& a, const RecoveryAnswer& b) { return a.length < b.length; };
  if (const auto finished = Of(Kind::kFinished, valid); !finished.empty()) {
    return std::max_element(finished.begin(), finished.end(),
                            [](const RecoveryAnswer& a, const RecoveryAnswer& b) {
                              return std::pair(a.generation, a.length) < std::pair(b.generation, b.length);
                            })
        ->length;
  }
  if (const auto written = Of(Kind::kBeingWritten, valid); !written.empty()) {
    return std::min_element(written.begin(), written.end(), by_length)->length;
  }
  return std::max_element(valid.begin(), valid.end(), by_length)->length;
}

}  // namespace

RecoveryDecision DecideRecovery(const RecoveryQuestion& question) {
  RecoveryDecision decision;
  std::vector<RecoveryAnswer> valid;
  const bool away = std::any_of(question.answers.begin(), question.answers.end(),
                                [](const auto& answer) { return answer.kind == Kind::kAway; });
  const auto is_valid = [&](const RecoveryAnswer& answer) {
    return HasReplica(answer) && answer.generation >= question.block.generation && answer.length >= question.block.length;
  };
  std::copy_if(question.answers.begin(), question.answers.end(), std::back_inserter(valid), is_valid);
  if (valid.empty()) {
    if (away || question.block.length > 0) {
      decision.reason = away ? "no node that answers has a valid replica, and one that may have it does not answer"
                             : "no node has a replica with the " + std::to_string(question.block.length) + " bytes of the block";
      return decision;
    }
    decision.step = RecoveryDecision::Step::kDrop;
    decision.reason = "no node has a replica";
    return decision;
  }
  decision.length = question.truncate_to.value_or(LengthOf(valid));
  if (decision.length == 0) {
    const bool only_former = Of(Kind::kFormerProcess, valid).size() == valid.size();
    if (only_former && away && !question.give_up_absent) {
      decision.reason = "the replicas found have no byte, but a node that may have more does not answer";
      return decision;
    }
    decision.step = RecoveryDecision::Step::kDrop;
    decision.reason = "no byte was acknowledged";
    return decision;
  }
  for (size_t i = 0; i < question.answers.size(); ++i) {
    if (is_valid(question.answers[i]) && question.answers[i].length >= decision.length) decision.participants.push_back(i);
  }
  if (decision.participants.empty()) {
    decision.reason = "no replica has the " + std::to_string(decision.length) + " bytes wanted";
    return decision;
  }
  decision.step = RecoveryDecision::Step::kCommit;
  decision.reason = std::to_string(decision.length) + " bytes are on " + std::to_string(decision.participants.size()) + " of " +
                    std::to_string(question.answers.size()) + " nodes";
  return decision;
}

}  // namespace tusk::dfs::datanode
