#include "dfs/datanode/recovery_decision.h"

#include <gtest/gtest.h>

namespace tusk::dfs::datanode {
namespace {

using Kind = RecoveryAnswer::Kind;
using Step = RecoveryDecision::Step;

RecoveryAnswer Is(Kind kind, uint64_t generation = 10, uint64_t length = 0) { return {kind, Generation(generation), length}; }
RecoveryDecision Decide(std::vector<RecoveryAnswer> answers, uint64_t known = 0, std::optional<uint64_t> truncate_to = {}) {
  return DecideRecovery({{BlockId(1), Generation(10), known}, truncate_to, std::move(answers)});
}

TEST(RecoveryDecision, TheShortestReplicaOfARunningNodeWins) {
  const auto decision = Decide({Is(Kind::kBeingWritten, 10, 300), Is(Kind::kBeingWritten, 10, 200), Is(Kind::kAway)});
  EXPECT_EQ(decision.step, Step::kCommit);
  EXPECT_EQ(decision.length, 200u);
  EXPECT_EQ(decision.participants, (std::vector<size_t>{0, 1}));
}

TEST(RecoveryDecision, AFinishedReplicaWins) {
  const auto decision =
      Decide({Is(Kind::kBeingWritten, 10, 300), Is(Kind::kFinished, 10, 300), Is(Kind::kBeingWritten, 10, 100)});
  EXPECT_EQ(decision.length, 300u);
  EXPECT_EQ(decision.participants, (std::vector<size_t>{0, 1})) << "what is too short is garbage";
}

TEST(RecoveryDecision, OfFinishedOnesTheNewestGenerationWins) {
  const auto decision = Decide({Is(Kind::kFinished, 10, 300), Is(Kind::kFinished, 12, 280)});
  EXPECT_EQ(decision.length, 280u);
  EXPECT_EQ(decision.participants, (std::vector<size_t>{0, 1}));
}

TEST(RecoveryDecision, AStaleGenerationIsGarbage) {
  const auto decision = Decide({Is(Kind::kFinished, 9, 500), Is(Kind::kBeingWritten, 11, 100), Is(Kind::kBeingWritten, 9, 50)});
  EXPECT_EQ(decision.length, 100u);
  EXPECT_EQ(decision.participants, std::vector<size_t>{1});
}

TEST(RecoveryDecision, ReplicasOfFormerProcessesCountOnlyWithoutARunningOne) {
  EXPECT_EQ(Decide({Is(Kind::kFormerProcess, 10, 80), Is(Kind::kBeingWritten, 10, 200)}).length, 200u);
  const auto decision = Decide({Is(Kind::kFormerProcess, 10, 80), Is(Kind::kFormerProcess, 10, 120), Is(Kind::kAway)});
  EXPECT_EQ(decision.step, Step::kCommit);
  EXPECT_EQ(decision.length, 120u) << "one that has lost its tail must not cost the bytes that another one has on disk";
  EXPECT_EQ(decision.participants, std::vector<size_t>{1});
}

TEST(RecoveryDecision, WhatTheNameNodeKnowsToBeThereIsNeverGivenUp) {
  const auto decision = Decide({Is(Kind::kBeingWritten, 10, 90), Is(Kind::kBeingWritten, 11, 100)}, /*known=*/100);
  EXPECT_EQ(decision.length, 100u);
  EXPECT_EQ(decision.participants, std::vector<size_t>{1});
  EXPECT_EQ(Decide({Is(Kind::kBeingWritten, 10, 90)}, 100).step, Step::kWait);
  EXPECT_EQ(Decide({Is(Kind::kNone), Is(Kind::kNone)}, 100).step, Step::kWait);
}

TEST(RecoveryDecision, TheBlockIsDroppedOnlyWhenNobodyCanHaveAByte) {
  EXPECT_EQ(Decide({Is(Kind::kNone), Is(Kind::kNone)}).step, Step::kDrop);
  EXPECT_EQ(Decide({Is(Kind::kNone), Is(Kind::kBeingWritten, 9, 50)}).step, Step::kDrop);
  EXPECT_EQ(Decide({Is(Kind::kNone), Is(Kind::kAway)}).step, Step::kWait);
  EXPECT_EQ(Decide({Is(Kind::kBeingWritten, 10, 0), Is(Kind::kAway)}).step, Step::kDrop) << "it would have acknowledged bytes";
  EXPECT_EQ(Decide({Is(Kind::kFormerProcess, 10, 0), Is(Kind::kAway)}).step, Step::kWait);
  EXPECT_EQ(Decide({Is(Kind::kFormerProcess, 10, 0), Is(Kind::kNone)}).step, Step::kDrop);
}

TEST(RecoveryDecision, AValidReplicaDecidesAloneOnceTheNodesThatAreAwayAreGivenUp) {
  const auto decide = [](std::vector<RecoveryAnswer> answers, uint64_t known = 0) {
    return DecideRecovery({{BlockId(1), Generation(10), known}, {}, std::move(answers), true}).step;
  };
  EXPECT_EQ(decide({Is(Kind::kFormerProcess, 10, 0), Is(Kind::kAway)}), Step::kDrop);
  EXPECT_EQ(decide({Is(Kind::kFormerProcess, 10, 70), Is(Kind::kAway)}, 70), Step::kCommit);
  EXPECT_EQ(decide({Is(Kind::kFormerProcess, 10, 60), Is(Kind::kAway)}, 70), Step::kWait) << "it lacks known bytes";
  EXPECT_EQ(decide({Is(Kind::kFormerProcess, 9, 70), Is(Kind::kAway)}), Step::kWait) << "of an older pipeline";
  EXPECT_EQ(decide({Is(Kind::kNone), Is(Kind::kAway)}), Step::kWait) << "no replica at all";
}

TEST(RecoveryDecision, TruncationCutsEveryReplicaThatIsLongEnough) {
  const auto decision =
      Decide({Is(Kind::kFinished, 10, 1000), Is(Kind::kAway), Is(Kind::kFinished, 11, 400), Is(Kind::kFormerProcess, 11, 300)},
             400, 400);
  EXPECT_EQ(decision.step, Step::kCommit);
  EXPECT_EQ(decision.length, 400u);
  EXPECT_EQ(decision.participants, (std::vector<size_t>{0, 2}));
}

}  // namespace
}  // namespace tusk::dfs::datanode
