#include "mapreduce/jobtracker/engine.h"

#include <gtest/gtest.h>

#include "tests/unit/mapreduce/jobtracker/engine_driver.h"

namespace tusk::mr::jobtracker {
namespace {

using State = AttemptUpdate::State;

int NodeOf(const std::string& tracker) { return std::stoi(tracker.substr(4)); }

// Reports every launched attempt as done until the job commits.
void FinishAll(EngineDriver& d) {
  for (auto launches = d.TakeLaunches(); !launches.empty(); launches = d.TakeLaunches()) {
    for (const auto& [tracker, id] : launches) {
      if (d.job(id.task.job).WritesOutput(id.task.kind)) {
        ASSERT_TRUE(d.Grant(id));
      }
      d.Report(NodeOf(tracker), id, State::kSucceeded, "", {{"N", 1}});
    }
  }
}

TEST(Engine, RunsAJobFromSubmissionToPublication) {
  EngineDriver d;
  for (int n = 0; n < 3; ++n) d.Register(n);
  const std::string id = d.Submit(SpecOf(5, 2));
  FinishAll(d);
  EXPECT_EQ(d.job(id).phase, JobPhase::kCommitting);
  EXPECT_EQ(d.job(id).counters.at("N"), 7);
  ASSERT_EQ(d.work.size(), 1u);
  EXPECT_EQ(d.work[0].kind, JobWork::Kind::kPublish);
  d.engine->Published(id, OkStatus());
  d.Settle();
  EXPECT_EQ(d.job(id).phase, JobPhase::kSucceeded);
  ASSERT_EQ(d.work.size(), 2u);
  EXPECT_EQ(d.work[1].kind, JobWork::Kind::kCleanUp);
  EXPECT_EQ(d.work[1].trackers.size(), 3u);
}

TEST(Engine, AnEmptyJobIsPublishedAtOnce) {
  EngineDriver d;
  const std::string id = d.Submit(SpecOf(0, 0));
  EXPECT_EQ(d.job(id).phase, JobPhase::kCommitting);
  EXPECT_EQ(d.work.size(), 1u);
}

TEST(Engine, FailsTheJobAfterMaxAttemptsWithTheLastSentence) {
  EngineDriver d;
  for (int n = 0; n < 3; ++n) d.Register(n);
  const std::string id = d.Submit(SpecOf(1, 0));
  for (int i = 0; i < 4; ++i) {
    const auto launches = d.TakeLaunches();
    ASSERT_EQ(launches.size(), 1u) << i;
    EXPECT_EQ(launches[0].second.attempt, static_cast<uint32_t>(i));
    d.Report(NodeOf(launches[0].first), launches[0].second, State::kFailed, "exited with code " + std::to_string(i));
  }
  EXPECT_EQ(d.job(id).phase, JobPhase::kFailed);
  EXPECT_NE(d.job(id).failure.find("map task 0 failed 4 times"), std::string::npos) << d.job(id).failure;
  EXPECT_NE(d.job(id).failure.find("exited with code 3"), std::string::npos) << d.job(id).failure;
  EXPECT_TRUE(d.TakeLaunches().empty());
}

TEST(Engine, KilledAttemptsDoNotCount) {
  EngineDriver d;
  d.Register(0);
  const std::string id = d.Submit(SpecOf(1, 0));
  for (int i = 0; i < 20; ++i) {
    const auto launches = d.TakeLaunches();
    ASSERT_EQ(launches.size(), 1u);
    d.Report(0, launches[0].second, State::kKilled, "preempted");
  }
  EXPECT_EQ(d.job(id).phase, JobPhase::kRunning);
  EXPECT_EQ(d.job(id).killed_attempts, 20u);
}

TEST(Engine, GrantsTheCommitToOneAttemptOfATask) {
  EngineDriver d;
  d.Register(0);
  d.Submit(SpecOf(1, 0));
  const AttemptId first = d.TakeLaunches().at(0).second;
  // Another attempt of the same task, found on a second tracker.
  const AttemptId second{first.task, 7};
  d.Register(1, {second});
  // Both ask before either answer is durable: the first in the journal wins.
  EXPECT_EQ(d.engine->CanCommit(second), CommitAnswer::kAskJournal);
  EXPECT_EQ(d.engine->CanCommit(first), CommitAnswer::kAskJournal);
  d.Settle();
  EXPECT_TRUE(d.engine->IsGranted(second));
  EXPECT_FALSE(d.engine->IsGranted(first));
  EXPECT_EQ(d.engine->CanCommit(first), CommitAnswer::kRefused);
  EXPECT_EQ(d.engine->CanCommit(second), CommitAnswer::kGranted) << "a repeated question has the same answer";
}

TEST(Engine, GrantsAgainWhenTheGrantedAttemptDied) {
  EngineDriver d;
  d.Register(0);
  d.Register(1);
  const std::string id = d.Submit(SpecOf(1, 0));
  const auto first = d.TakeLaunches().at(0);
  ASSERT_TRUE(d.Grant(first.second));
  d.Report(NodeOf(first.first), first.second, State::kFailed, "killed by signal 9");
  const auto second = d.TakeLaunches().at(0);
  EXPECT_FALSE(d.Grant(first.second));
  ASSERT_TRUE(d.Grant(second.second));
  d.Report(NodeOf(second.first), second.second, State::kSucceeded);
  EXPECT_EQ(d.job(id).phase, JobPhase::kCommitting);
  EXPECT_EQ(d.job(id).maps[0].winner, second.second.attempt);
}

TEST(Engine, RefusesSuccessWithoutPermissionToCommit) {
  EngineDriver d;
  d.Register(0);
  const std::string id = d.Submit(SpecOf(1, 0));
  const auto launch = d.TakeLaunches().at(0);
  d.Report(0, launch.second, State::kSucceeded);
  EXPECT_EQ(d.job(id).phase, JobPhase::kRunning);
  EXPECT_EQ(d.job(id).failed_attempts, 1u);
}

TEST(Engine, RefusesOutputFilesOutsideTheAttemptsFolder) {
  EngineDriver d;
  d.Register(0);
  const std::string id = d.Submit(SpecOf(1, 0));
  const auto launch = d.TakeLaunches().at(0);
  ASSERT_TRUE(d.Grant(launch.second));
  AttemptUpdate update;
  update.attempt = launch.second;
  update.state = State::kSucceeded;
  update.output.file = "/user/someone/else";
  update.output.name = "part";
  EXPECT_TRUE(d.engine->Heartbeat("node0", 1, {update}, d.clock.Now()));
  d.Settle();
  EXPECT_EQ(d.job(id).maps_done, 0u);
  EXPECT_NE(d.job(id).maps[0].ended[0].message.find("/user/someone/else"), std::string::npos);
}

TEST(Engine, RunsLostMapsAgainAndTellsReducers) {
  EngineDriver d;
  d.Register(0);
  d.Register(1);
  const std::string id = d.Submit(SpecOf(2, 1));
  std::optional<std::pair<std::string, AttemptId>> reducer;
  for (const auto& launch : d.TakeLaunches()) {
    if (launch.second.task.kind == TaskKind::kReduce) {
      reducer = launch;
    } else {
      d.Report(NodeOf(launch.first), launch.second, State::kSucceeded, "", {{"N", 1}});
    }
  }
  ASSERT_TRUE(reducer);
  ASSERT_EQ(d.job(id).maps_done, 2u);
  ASSERT_EQ(d.job(id).events.size(), 2u);
  const int alive = 1 - NodeOf(d.job(id).maps[0].tracker);
  const std::string dead = d.job(id).maps[0].tracker;
  for (int i = 0; i < 6; ++i) {
    d.Beat(alive);
    d.Pass(std::chrono::seconds(1));
  }
  uint32_t lost = 0;
  for (const MapEvent& event : d.job(id).events) lost += event.lost ? 1 : 0;
  EXPECT_GE(lost, 1u);
  EXPECT_EQ(d.job(id).maps_done, 2u - lost);
  EXPECT_EQ(d.job(id).counters.count("N") ? d.job(id).counters.at("N") : 0, 2 - static_cast<int64_t>(lost));
  for (const auto& [tracker, attempt] : d.TakeLaunches()) {
    EXPECT_NE(tracker, dead);
    EXPECT_GT(attempt.attempt, 0u);
  }
  EXPECT_EQ(d.job(id).failed_attempts, 0u) << "a lost tracker is nobody's failure";
}

TEST(Engine, LostMapsOfAJobWithoutReducersStayDone) {
  EngineDriver d;
  d.Register(0, {}, {}, 1);
  const std::string id = d.Submit(SpecOf(2, 0));
  const auto launch = d.TakeLaunches().at(0);
  ASSERT_TRUE(d.Grant(launch.second));
  d.Report(0, launch.second, State::kSucceeded);
  d.Pass(std::chrono::seconds(6));
  EXPECT_EQ(d.job(id).maps_done, 1u) << "its output is in the DFS";
}

TEST(Engine, ReRunsAMapAfterTwoReducersCouldNotFetchIt) {
  EngineDriver d;
  for (int n = 0; n < 3; ++n) d.Register(n);
  const std::string id = d.Submit(SpecOf(1, 2));
  std::vector<AttemptId> reducers;
  AttemptId map;
  for (const auto& [tracker, attempt] : d.TakeLaunches()) {
    if (attempt.task.kind == TaskKind::kReduce) {
      reducers.push_back(attempt);
    } else {
      map = attempt;
      d.Report(NodeOf(tracker), attempt, State::kSucceeded);
    }
  }
  ASSERT_EQ(reducers.size(), 2u);
  d.engine->FetchFailed(reducers[0], map, "connection refused");
  d.Settle();
  EXPECT_EQ(d.job(id).maps_done, 1u) << "one report may be the reducer's own trouble";
  d.engine->FetchFailed(reducers[1], map, "connection refused");
  d.Settle();
  EXPECT_EQ(d.job(id).maps_done, 0u);
  EXPECT_TRUE(d.job(id).events.back().lost);
  const auto again = d.TakeLaunches();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].second.attempt, 1u);
  d.engine->FetchFailed(reducers[0], map, "a late report");
  d.Settle();
  EXPECT_EQ(d.job(id).failed_attempts, 1u);
}

TEST(Engine, ARestartKeepsFinishedMapsAndRunningAttempts) {
  EngineDriver d;
  d.Register(0);
  d.Register(1);
  const std::string id = d.Submit(SpecOf(3, 1));
  auto launches = d.TakeLaunches();
  ASSERT_EQ(launches.size(), 4u);
  std::map<int, std::vector<AttemptId>> running, finished;
  bool first = true;
  for (const auto& [tracker, attempt] : launches) {
    if (first && attempt.task.kind == TaskKind::kMap) {
      d.Report(NodeOf(tracker), attempt, State::kSucceeded);
      finished[NodeOf(tracker)].push_back(attempt);
      first = false;
    } else {
      running[NodeOf(tracker)].push_back(attempt);
    }
  }
  d.Start();
  EXPECT_EQ(d.job(id).maps_done, 1u);
  EXPECT_FALSE(d.Report(0, launches[0].second, State::kRunning)) << "an unknown tracker must register";
  EXPECT_EQ(d.engine->CanCommit(running.begin()->second[0]), CommitAnswer::kNotYetKnown);
  d.Register(0, running[0], finished[0]);
  EXPECT_TRUE(d.TakeLaunches().empty()) << "what runs on the other tracker must not be started twice";
  d.Register(1, running[1], finished[1]);
  EXPECT_TRUE(d.TakeLaunches().empty()) << "everything still runs";
  EXPECT_EQ(d.job(id).maps_done, 1u);
  EXPECT_EQ(d.job(id).killed_attempts, 0u);
  // And it goes on to the end.
  for (const TaskKind kind : {TaskKind::kMap, TaskKind::kReduce}) {
    for (const auto& [node, attempts] : running) {
      for (const AttemptId& attempt : attempts) {
        if (attempt.task.kind != kind) continue;
        if (kind == TaskKind::kReduce) {
          ASSERT_TRUE(d.Grant(attempt));
        }
        d.Report(node, attempt, State::kSucceeded);
      }
    }
  }
  EXPECT_EQ(d.job(id).phase, JobPhase::kCommitting);
}

TEST(Engine, AfterARestartATrackerThatStaysAwayIsWaitedForAndThenReplaced) {
  EngineDriver d;
  d.Register(0);
  d.Register(1);
  const std::string id = d.Submit(SpecOf(4, 1));
  const auto launches = d.TakeLaunches();
  std::vector<AttemptId> on_zero;
  for (const auto& [tracker, attempt] : launches) {
    if (tracker == "node0") on_zero.push_back(attempt);
  }
  d.Start();
  d.Register(0, on_zero);
  d.Pass(std::chrono::seconds(4));
  EXPECT_TRUE(d.TakeLaunches().empty());
  d.Beat(0);
  d.Pass(std::chrono::seconds(2));
  d.Report(0, on_zero[0], State::kSucceeded);
  const auto again = d.TakeLaunches();
  ASSERT_FALSE(again.empty());
  for (const auto& [tracker, attempt] : again) {
    EXPECT_EQ(tracker, "node0");
    EXPECT_GE(attempt.attempt, JobTable::kAttemptsPerTerm) << "the old attempt may still run and keeps its name";
  }
  EXPECT_EQ(d.job(id).failed_attempts, 0u);
}

TEST(Engine, AGrantOfAnAttemptThatDiedDuringTheRestartIsReleased) {
  EngineDriver d;
  d.Register(0);
  const std::string id = d.Submit(SpecOf(1, 0));
  const AttemptId old = d.TakeLaunches().at(0).second;
  ASSERT_TRUE(d.Grant(old));
  d.Start();
  EXPECT_EQ(d.job(id).maps[0].granted, old.attempt);
  d.Register(0);  // without it
  EXPECT_FALSE(d.job(id).maps[0].granted);
  const AttemptId next = d.TakeLaunches().at(0).second;
  EXPECT_TRUE(d.Grant(next));
  EXPECT_FALSE(d.Grant(old));
}

TEST(Engine, ARestartInTheMiddleOfPublishingPublishesAgain) {
  EngineDriver d;
  d.Register(0);
  const std::string id = d.Submit(SpecOf(1, 0));
  FinishAll(d);
  d.work.clear();
  d.Start();
  EXPECT_EQ(d.job(id).phase, JobPhase::kCommitting);
  ASSERT_EQ(d.work.size(), 1u);
  EXPECT_EQ(d.work[0].kind, JobWork::Kind::kPublish);
}

TEST(Engine, ANewProcessUnderAnOldNameHasNothing) {
  EngineDriver d;
  d.Register(0);
  const std::string id = d.Submit(SpecOf(2, 1));
  for (const auto& [tracker, attempt] : d.TakeLaunches()) {
    if (attempt.task.kind == TaskKind::kMap && attempt.task.index == 0) d.Report(0, attempt, State::kSucceeded);
  }
  ASSERT_EQ(d.job(id).maps_done, 1u);
  d.instance_of[0] = 2;
  d.Register(0);
  EXPECT_EQ(d.job(id).maps_done, 0u);
  EXPECT_EQ(d.TakeLaunches().size(), 3u) << "two maps and the reducer start again";
}

TEST(Engine, ARefusedLaunchGoesToAnotherTracker) {
  EngineDriver d;
  d.Register(0);
  d.Register(1);
  const std::string id = d.Submit(SpecOf(1, 0));
  const auto launch = d.TakeLaunches().at(0);
  d.engine->LaunchFailed(launch.first, {launch.second}, Unavailable("connection refused"));
  d.Settle();
  const auto again = d.TakeLaunches();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_NE(again[0].first, launch.first);
  // The first did arrive after all: it must not go on.
  d.commands.clear();
  d.Report(NodeOf(launch.first), launch.second, State::kRunning);
  ASSERT_EQ(d.commands.size(), 1u);
  EXPECT_EQ(d.commands[0].kind, Command::Kind::kKill);
  EXPECT_EQ(d.job(id).failed_attempts, 0u);
}

TEST(Engine, AKilledJobStopsEverythingAndForgetsItsFiles) {
  EngineDriver d;
  d.Register(0);
  const std::string id = d.Submit(SpecOf(2, 1));
  const auto launches = d.TakeLaunches();
  ASSERT_TRUE(d.engine->Kill(id, "killed by a client").ok());
  d.Settle();
  EXPECT_EQ(d.job(id).phase, JobPhase::kKilled);
  EXPECT_EQ(d.engine->running().size(), 0u);
  ASSERT_EQ(d.work.size(), 1u);
  EXPECT_EQ(d.work[0].kind, JobWork::Kind::kCleanUp);
  EXPECT_EQ(d.work[0].trackers, std::vector<std::string>{"node0"});
  EXPECT_FALSE(d.Grant(launches[0].second));
  EXPECT_EQ(d.engine->Kill(id, "again").code(), Code::kFailedPrecondition);
  EXPECT_EQ(d.engine->Kill("job_1_9", "").code(), Code::kNotFound);
}

TEST(Engine, ForgetsFinishedJobsAfterTheHistoryAndTellsTrackersThatStillHaveThem) {
  EngineDriver d;
  d.Register(0);
  const std::string id = d.Submit(SpecOf(1, 1));
  const auto launch = d.TakeLaunches().at(0);
  ASSERT_TRUE(d.engine->Kill(id, "x").ok());
  d.Settle();
  d.Pass(std::chrono::hours(2));
  EXPECT_EQ(d.engine->table().Find(id), nullptr);
  EXPECT_GT(d.engine->table().keep_from(), 0u);
  d.instance_of[0] = 3;
  EXPECT_EQ(d.Register(0, {launch.second}), std::vector<std::string>{id});
}

TEST(Engine, VersionsGrowWithEachChangeAndAcrossRestarts) {
  EngineDriver d;
  const std::string id = d.Submit(SpecOf(1, 0));
  const uint64_t before = d.engine->VersionOf(id);
  d.Register(0);
  EXPECT_GT(d.engine->VersionOf(id), before);
  const uint64_t running = d.engine->VersionOf(id);
  d.Start();
  EXPECT_GT(d.engine->VersionOf(id), running);
  EXPECT_EQ(d.engine->VersionOf("job_1_99"), 0u);
}

}  // namespace
}  // namespace tusk::mr::jobtracker
