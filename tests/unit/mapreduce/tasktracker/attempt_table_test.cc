#include "mapreduce/tasktracker/attempt_table.h"

#include <gtest/gtest.h>

namespace tusk::mr::tasktracker {
namespace {

using std::chrono::seconds;

const AttemptId kMap{{"job_1_1", TaskKind::kMap, 0}, 0};
const AttemptId kReduce{{"job_1_1", TaskKind::kReduce, 0}, 0};

class AttemptTableTest : public testing::Test {
 protected:
  TimePoint At(int seconds_in) const { return TimePoint(seconds(seconds_in)); }
  AttemptState StateOf(const AttemptId& id) const { return table.Find(id)->state; }
  AttemptTable table;
};

TEST_F(AttemptTableTest, StartsNothingTwice) {
  EXPECT_TRUE(table.Launch(kMap, At(0)));
  EXPECT_FALSE(table.Launch(kMap, At(0)));
  table.Fail(kMap, "x");
  table.Acknowledge(kMap);
  EXPECT_FALSE(table.Launch(kMap, At(0))) << "a late repetition of the command";
}

TEST_F(AttemptTableTest, TheFirstEndIsTheOnlyOne) {
  table.Launch(kMap, At(0));
  table.Started(kMap, At(0));
  EXPECT_TRUE(table.Done(kMap, {}, {{"N", 3}}).ok());
  EXPECT_TRUE(table.Done(kMap, {}, {}).ok()) << "a repeated report";
  table.Exited(kMap, "exited with code 1");
  EXPECT_FALSE(table.Kill(kMap, "late"));
  EXPECT_EQ(StateOf(kMap), AttemptState::kDone);
  EXPECT_EQ(table.Find(kMap)->counters.size(), 1u);
}

TEST_F(AttemptTableTest, AKilledAttemptCannotSucceed) {
  table.Launch(kMap, At(0));
  EXPECT_TRUE(table.Progress(kMap, 0.5F, {}, At(1)));
  EXPECT_TRUE(table.Kill(kMap, "the job was killed"));
  EXPECT_FALSE(table.Progress(kMap, 0.6F, {}, At(2))) << "the process is told to stop";
  EXPECT_EQ(table.Done(kMap, {}, {}).code(), Code::kAborted);
  EXPECT_EQ(StateOf(kMap), AttemptState::kKilled);
}

TEST_F(AttemptTableTest, ASilentExitIsAFailureUnlessTheCommitWasRefused) {
  table.Launch(kMap, At(0));
  table.Exited(kMap, "was killed by signal 11 (SIGSEGV)");
  EXPECT_EQ(StateOf(kMap), AttemptState::kFailed);
  EXPECT_EQ(table.Find(kMap)->message, "was killed by signal 11 (SIGSEGV)");
  table.Launch(kReduce, At(0));
  table.CommitAsked(kReduce, At(0));
  table.CommitRefused(kReduce);
  table.Exited(kReduce, "exited with code 1");
  EXPECT_EQ(StateOf(kReduce), AttemptState::kKilled);
}

TEST_F(AttemptTableTest, OnlyChangeCountsAsProgress) {
  table.Launch(kMap, At(0));
  EXPECT_TRUE(table.Progress(kMap, 0.1F, {{"N", 1}}, At(5)));
  EXPECT_TRUE(table.Progress(kMap, 0.1F, {{"N", 1}}, At(9)));
  EXPECT_TRUE(table.Expire(At(14), seconds(10)).empty());
  EXPECT_EQ(table.Expire(At(15), seconds(10)), std::vector<AttemptId>{kMap});
  EXPECT_EQ(StateOf(kMap), AttemptState::kFailed);
  EXPECT_NE(table.Find(kMap)->message.find("no progress"), std::string::npos);
}

TEST_F(AttemptTableTest, ReducersThatWaitForMapsAreNotSilent) {
  table.Launch(kReduce, At(0));
  table.Launch(kMap, At(0));
  table.TouchReduces("job_1_1", At(8));
  EXPECT_EQ(table.Expire(At(12), seconds(10)), std::vector<AttemptId>{kMap});
}

TEST_F(AttemptTableTest, AnEndIsReportedUntilItIsAcknowledged) {
  table.Launch(kMap, At(0));
  table.Acknowledge(kMap);
  EXPECT_EQ(table.Unacknowledged().size(), 1u) << "it runs";
  ASSERT_TRUE(table.Done(kMap, {}, {}).ok());
  EXPECT_EQ(table.Unacknowledged().size(), 1u);
  EXPECT_EQ(table.FinishedMaps(), std::vector<AttemptId>{kMap});
  table.Acknowledge(kMap);
  EXPECT_TRUE(table.Unacknowledged().empty());
  EXPECT_EQ(table.FinishedMaps().size(), 1u) << "its output is still here";
  table.ForgetJob("job_1_1");
  EXPECT_TRUE(table.All().empty());
}

}  // namespace
}  // namespace tusk::mr::tasktracker
