#include "mapreduce/jobtracker/scheduler.h"

#include <gtest/gtest.h>

#include <map>

#include "common/base/random.h"

namespace tusk::mr::jobtracker {
namespace {

std::vector<TrackerSlots> ThreeNodes(uint32_t maps, uint32_t reduces) {
  return {{"node0", "host0", "/rack1", maps, reduces},
          {"node1", "host1", "/rack1", maps, reduces},
          {"node2", "host2", "/rack2", maps, reduces}};
}

WaitingJob JobOf(const PendingTasks& pending, const std::string& id = "job_1_1", uint32_t maps = 3, uint32_t done = 0) {
  return {id, &pending, maps, done, {}};
}

TEST(Scheduler, PrefersTheNodeThenTheRackThenAny) {
  PendingTasks pending;
  pending.Add(TaskKind::kMap, 0, {"host2"}, {});
  pending.Add(TaskKind::kMap, 1, {"host0"}, {});
  pending.Add(TaskKind::kMap, 2, {"host0"}, {});
  const std::vector<WaitingJob> jobs{JobOf(pending)};
  const auto result = Schedule(ThreeNodes(1, 0), jobs);
  ASSERT_EQ(result.size(), 3u);
  std::map<uint32_t, Assignment> by_task;
  for (const auto& assignment : result) by_task[assignment.task.index] = assignment;
  EXPECT_EQ(by_task[0].tracker, "node2");
  EXPECT_EQ(by_task[0].locality, Locality::kNode);
  EXPECT_EQ(by_task[1].tracker, "node0");
  EXPECT_EQ(by_task[2].tracker, "node1");
  EXPECT_EQ(by_task[2].locality, Locality::kRack);
  PendingTasks far;
  far.Add(TaskKind::kMap, 0, {"elsewhere"}, {});
  const std::vector<WaitingJob> far_jobs{JobOf(far)};
  EXPECT_EQ(Schedule(ThreeNodes(1, 0), far_jobs).at(0).locality, Locality::kAny);
}

TEST(Scheduler, ServesJobsInOrderAndGivesTheRestToLaterOnes) {
  PendingTasks first, second;
  first.Add(TaskKind::kMap, 0, {}, {});
  first.Add(TaskKind::kMap, 1, {}, {});
  for (uint32_t i = 0; i < 5; ++i) second.Add(TaskKind::kMap, i, {}, {});
  const std::vector<WaitingJob> jobs{JobOf(first, "job_1_1"), JobOf(second, "job_1_2")};
  const auto result = Schedule(ThreeNodes(1, 0), jobs);
  ASSERT_EQ(result.size(), 3u);
  EXPECT_EQ(std::count_if(result.begin(), result.end(), [](const auto& a) { return a.task.job == "job_1_1"; }), 2);
}

TEST(Scheduler, SpreadsTasksOverTrackers) {
  PendingTasks pending;
  for (uint32_t i = 0; i < 3; ++i) pending.Add(TaskKind::kReduce, i, {}, {});
  const std::vector<WaitingJob> jobs{JobOf(pending, "job_1_1", 0)};
  std::set<std::string> used;
  for (const auto& assignment : Schedule(ThreeNodes(0, 4), jobs)) used.insert(assignment.tracker);
  EXPECT_EQ(used.size(), 3u);
}

TEST(Scheduler, StartsReducersWhenOneInTwentyMapsIsDone) {
  EXPECT_TRUE(ReducesMayStart(0, 0));
  EXPECT_TRUE(ReducesMayStart(19, 0));
  EXPECT_FALSE(ReducesMayStart(20, 0));
  EXPECT_TRUE(ReducesMayStart(20, 1));
  EXPECT_FALSE(ReducesMayStart(1000, 49));
  EXPECT_TRUE(ReducesMayStart(1000, 50));
  PendingTasks pending;
  pending.Add(TaskKind::kReduce, 0, {}, {});
  const std::vector<WaitingJob> jobs{JobOf(pending, "job_1_1", 100, 4)};
  EXPECT_TRUE(Schedule(ThreeNodes(1, 1), jobs).empty());
}

TEST(Scheduler, AvoidsTrackersOnWhichTheTaskFailedUnlessThereIsNoOther) {
  PendingTasks pending;
  pending.Add(TaskKind::kMap, 0, {"host0"}, {"node0"});
  const std::vector<WaitingJob> jobs{JobOf(pending)};
  const auto result = Schedule(ThreeNodes(1, 0), jobs);
  ASSERT_EQ(result.size(), 1u);
  EXPECT_NE(result[0].tracker, "node0");
  // The others are full, but alive: the task waits for them.
  auto full = ThreeNodes(1, 0);
  full[1].free_maps = full[2].free_maps = 0;
  EXPECT_TRUE(Schedule(full, jobs).empty());
  // Alone, the tracker that failed is better than none.
  EXPECT_EQ(Schedule({full[0]}, jobs).size(), 1u);
}

TEST(Scheduler, AvoidsTrackersThatFailTheJob) {
  PendingTasks pending;
  for (uint32_t i = 0; i < 6; ++i) pending.Add(TaskKind::kMap, i, {"host1"}, {});
  std::vector<WaitingJob> jobs{JobOf(pending)};
  jobs[0].unwanted = {"node1"};
  for (const auto& assignment : Schedule(ThreeNodes(2, 0), jobs)) EXPECT_NE(assignment.tracker, "node1");
}

// Over random clusters and jobs: no slot twice, no task twice, nothing waits while a slot could take it.
TEST(Scheduler, KeepsItsRulesOnRandomClusters) {
  constexpr uint64_t kSeed = 20260101;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  Random random(kSeed);
  for (int round = 0; round < 500; ++round) {
    std::vector<TrackerSlots> trackers;
    const uint64_t nodes = random.Below(6);
    for (uint64_t n = 0; n < nodes; ++n) {
      trackers.push_back({"node" + std::to_string(n), "host" + std::to_string(n), "/rack" + std::to_string(n % 2),
                          static_cast<uint32_t>(random.Below(4)), static_cast<uint32_t>(random.Below(3))});
    }
    std::vector<PendingTasks> pending(random.Below(4));
    std::vector<WaitingJob> jobs;
    for (size_t j = 0; j < pending.size(); ++j) {
      const uint64_t maps = random.Below(8);
      for (uint64_t i = 0; i < maps; ++i) {
        std::vector<std::string> avoid;
        if (random.OneIn(3)) avoid.push_back("node" + std::to_string(random.Below(6)));
        pending[j].Add(TaskKind::kMap, static_cast<uint32_t>(i), {"host" + std::to_string(random.Below(6))}, avoid);
      }
      const uint64_t reduces = random.Below(4);
      for (uint64_t i = 0; i < reduces; ++i) pending[j].Add(TaskKind::kReduce, static_cast<uint32_t>(i), {}, {});
      jobs.push_back(JobOf(pending[j], "job_1_" + std::to_string(j), static_cast<uint32_t>(maps)));
    }
    std::set<TaskId> seen;
    std::map<std::string, TrackerSlots> left;
    for (const auto& tracker : trackers) left[tracker.name] = tracker;
    for (const auto& assignment : Schedule(trackers, jobs)) {
      EXPECT_TRUE(seen.insert(assignment.task).second);
      auto& slots = left.at(assignment.tracker);
      uint32_t& free = assignment.task.kind == TaskKind::kMap ? slots.free_maps : slots.free_reduces;
      ASSERT_GT(free, 0u);
      --free;
    }
    for (size_t j = 0; j < pending.size(); ++j) {
      for (const uint32_t index : pending[j].all(TaskKind::kMap)) {
        if (seen.contains({jobs[j].id, TaskKind::kMap, index})) continue;
        const auto avoid = pending[j].avoids(TaskKind::kMap, index);
        for (const auto& [name, slots] : left) {
          EXPECT_TRUE(slots.free_maps == 0 || std::find(avoid.begin(), avoid.end(), name) != avoid.end())
              << "task " << index << " waits although " << name << " is free";
        }
      }
    }
  }
}

}  // namespace
}  // namespace tusk::mr::jobtracker
