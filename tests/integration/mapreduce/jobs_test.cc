#include <gtest/gtest.h>

#include "tests/integration/mapreduce/job_cluster.h"

namespace tusk::mr {
namespace {

using testing::Eventually;

constexpr char kSmallSplits[] = "--set mapreduce.split_bytes=64k";

bool CountsThe(const std::string& output, int times) {
  return ("\n" + output).find("\nthe\t" + std::to_string(times) + "\n") != std::string::npos;
}

TEST(Jobs, WordCountRunsFromSubmissionToPublishedOutput) {
  JobCluster cluster;
  cluster.WriteInput("/in", 5000);
  const auto run = cluster.RunBinary(TUSK_WORDCOUNT, "/in /out --reduces 2 " + std::string(kSmallSplits));
  ASSERT_EQ(run.exit_code, 0) << run.text;
  EXPECT_TRUE(CountsThe(cluster.ReadOutput("/out"), 10'000));
  EXPECT_TRUE(cluster.fs().Exists("/out/_SUCCESS").value());
  EXPECT_TRUE(cluster.StagingIsEmpty());
  const auto again = cluster.RunBinary(TUSK_WORDCOUNT, "/in /out");
  EXPECT_NE(again.exit_code, 0);
  EXPECT_NE(again.text.find("/out"), std::string::npos) << again.text;
}

TEST(Jobs, ALostTaskTrackerCostsTimeNotOutput) {
  JobCluster cluster;
  cluster.WriteInput("/in", 100'000);
  auto run = cluster.Begin(TUSK_WORDCOUNT, "/in /out " + std::string(kSmallSplits));
  ASSERT_TRUE(Eventually([&] { return cluster.Newest().maps_done >= 5; }));
  cluster.StopTracker(1);
  const auto result = run.get();
  ASSERT_EQ(result.exit_code, 0) << result.text;
  EXPECT_TRUE(CountsThe(cluster.ReadOutput("/out"), 200'000));
  EXPECT_EQ(cluster.Newest().failed_attempts, 0u);
}

TEST(Jobs, ARestartedJobTrackerRunsNothingTwice) {
  JobCluster cluster;
  cluster.WriteInput("/in", 100'000);
  auto run = cluster.Begin(TUSK_WORDCOUNT, "/in /out " + std::string(kSmallSplits));
  ASSERT_TRUE(Eventually([&] { return cluster.Newest().maps_done >= 5; }));
  cluster.StopJobTracker();
  cluster.StartJobTracker();
  const auto result = run.get();
  ASSERT_EQ(result.exit_code, 0) << result.text;
  EXPECT_TRUE(CountsThe(cluster.ReadOutput("/out"), 200'000));
  EXPECT_EQ(cluster.Newest().failed_attempts, 0u);
  EXPECT_EQ(cluster.Newest().killed_attempts, 0u);
}

TEST(Jobs, ACrashingBinaryFailsWithOneSentenceAndLeavesNothing) {
  JobCluster cluster;
  cluster.WriteInput("/in", 10);
  const auto run = cluster.RunBinary(TUSK_CRASH_JOB, "/in /out");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.text.find("failed 4 times"), std::string::npos) << run.text;
  EXPECT_NE(run.text.find("SIGABRT"), std::string::npos) << run.text;
  EXPECT_FALSE(cluster.fs().Exists("/out").value());
  EXPECT_TRUE(Eventually([&] { return cluster.StagingIsEmpty(); }));
}

TEST(Jobs, ABinaryThatIsNoJobBinaryFailsClearly) {
  JobCluster cluster;
  cluster.WriteInput("/in", 10);
  auto fs = std::shared_ptr<dfs::FileSystem>(&cluster.fs(), [](dfs::FileSystem*) {});
  JobDescription job;
  job.name = "false";
  job.binary = "/bin/false";
  job.output = "/out";
  job.splits.push_back({"/in", 0, 10, {}, 10});
  auto submitter = JobClient::Connect(cluster.config(), fs);
  ASSERT_TRUE(submitter.ok());
  const auto id = (*submitter)->Submit(job);
  ASSERT_TRUE(id.ok()) << id.status();
  const auto ended = (*submitter)->Watch(*id, nullptr);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->state, JobState::kFailed);
  EXPECT_NE(ended->failure.find("is it a job binary?"), std::string::npos) << ended->failure;
  job.binary = "/no/such/binary";
  EXPECT_EQ((*submitter)->Submit(job).status().code(), Code::kNotFound);
}

TEST(Jobs, InputThatVanishesAfterTheSplitsWereMadeIsNamed) {
  JobCluster cluster;
  auto fs = std::shared_ptr<dfs::FileSystem>(&cluster.fs(), [](dfs::FileSystem*) {});
  cluster.WriteInput("/vanishing", 10);
  const uint64_t length = cluster.fs().Stat("/vanishing").value().length;
  JobDescription job;
  job.name = "vanishing";
  job.binary = TUSK_WORDCOUNT;
  job.output = "/out";
  job.splits.push_back({"/vanishing", 0, length, {}, length});
  ASSERT_TRUE(cluster.fs().Delete("/vanishing", false).ok());
  auto submitter = JobClient::Connect(cluster.config(), fs);
  ASSERT_TRUE(submitter.ok());
  const auto id = (*submitter)->Submit(job);
  ASSERT_TRUE(id.ok()) << id.status();
  const auto ended = (*submitter)->Watch(*id, nullptr);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->state, JobState::kFailed);
  EXPECT_NE(ended->failure.find("cannot open the input /vanishing"), std::string::npos) << ended->failure;
  EXPECT_FALSE(cluster.fs().Exists("/out").value());
  EXPECT_TRUE(Eventually([&] { return cluster.StagingIsEmpty(); }));
}

TEST(Jobs, AKilledJobLeavesNoOutput) {
  JobCluster cluster;
  cluster.WriteInput("/in", 100'000);
  auto run = cluster.Begin(TUSK_WORDCOUNT, "/in /out " + std::string(kSmallSplits));
  ASSERT_TRUE(Eventually([&] { return cluster.Newest().maps_done >= 3; }));
  const Status killed = cluster.client().Kill(cluster.Newest().id);
  EXPECT_TRUE(killed.ok()) << killed;
  EXPECT_NE(run.get().exit_code, 0);
  EXPECT_EQ(cluster.Newest().state, JobState::kKilled);
  EXPECT_FALSE(cluster.fs().Exists("/out").value());
  EXPECT_TRUE(Eventually([&] { return cluster.StagingIsEmpty(); }));
}

}  // namespace
}  // namespace tusk::mr
