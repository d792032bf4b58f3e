#include "common/runtime/task_group.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace tusk {
namespace {

constexpr auto kForEver = std::chrono::hours(24);

struct Counts {
  std::atomic<int> begun{0};
  std::atomic<int> cancelled{0};
  std::atomic<int> rounds{0};
};

Task<void> SleepOnce(Counts* counts) {
  counts->begun.fetch_add(1);
  const Status slept = co_await SleepFor(kForEver);
  if (slept.code() == Code::kCancelled) counts->cancelled.fetch_add(1);
}

// Ignores the first cancellation and awaits again.
Task<void> SleepStubbornly(Counts* counts) {
  counts->begun.fetch_add(1);
  for (;;) {
    (void)co_await SleepFor(kForEver);
    counts->rounds.fetch_add(1);
  }
}

void AwaitBegun(LoopThread& loop, Counts& counts, int number) {
  while (counts.begun.load() < number) loop.CallBlocking([] {});
}

TEST(TaskGroup, CancelsAndAwaitsItsCoroutines) {
  LoopThread loop("loop");
  TaskGroup tasks(loop);
  Counts counts;
  for (int i = 0; i < 10; ++i) tasks.Spawn(SleepOnce(&counts));
  AwaitBegun(loop, counts, 10);
  EXPECT_EQ(tasks.running(), 10U);
  tasks.CancelAndWait();
  EXPECT_EQ(counts.cancelled.load(), 10);
  EXPECT_EQ(tasks.running(), 0U);
}

TEST(TaskGroup, EndsACoroutineThatAwaitsAgainAfterItsCancellation) {
  LoopThread loop("loop");
  TaskGroup tasks(loop);
  Counts counts;
  tasks.Spawn(SleepStubbornly(&counts));
  AwaitBegun(loop, counts, 1);
  tasks.CancelAndWait();
  EXPECT_EQ(counts.rounds.load(), 1);
}

TEST(TaskGroup, DropsWhatIsSpawnedAfterTheEnd) {
  LoopThread loop("loop");
  TaskGroup tasks(loop);
  Counts counts;
  tasks.CancelAndWait();
  tasks.Spawn(SleepOnce(&counts));
  while (tasks.running() > 0) loop.CallBlocking([] {});
  EXPECT_EQ(counts.begun.load(), 0);
}

TEST(TaskGroup, ForgetsCoroutinesThatEndByThemselves) {
  LoopThread loop("loop");
  TaskGroup tasks(loop);
  std::atomic<int> ended{0};
  const auto task = [&]() -> Task<void> {
    ended.fetch_add(1);
    co_return;
  };
  for (int i = 0; i < 100; ++i) tasks.Spawn(task());
  while (tasks.running() > 0) loop.CallBlocking([] {});
  EXPECT_EQ(ended.load(), 100);
  tasks.CancelAndWait();
}

TEST(TaskGroup, IsSpawnedIntoFromManyThreadsWhileItIsCancelled) {
  LoopThread loop("loop");
  TaskGroup tasks(loop);
  Counts counts;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) tasks.Spawn(SleepOnce(&counts));
    });
  }
  AwaitBegun(loop, counts, 1);
  tasks.CancelAndWait();
  for (auto& thread : threads) thread.join();
  while (tasks.running() > 0) loop.CallBlocking([] {});
  EXPECT_EQ(counts.cancelled.load(), counts.begun.load());
}

TEST(TaskGroup, JoinsFromTheLoopItself) {
  LoopThread loop("loop");
  TaskGroup tasks(loop);
  Counts counts;
  tasks.Spawn(SleepOnce(&counts));
  AwaitBegun(loop, counts, 1);
  loop.RunBlocking(tasks.CancelAndJoin());
  EXPECT_EQ(tasks.running(), 0U);
}

TEST(TaskGroup, LetsGoWhenTheLoopHasStopped) {
  LoopThread loop("loop");
  TaskGroup tasks(loop);
  Counts counts;
  tasks.Spawn(SleepOnce(&counts));
  AwaitBegun(loop, counts, 1);
  loop.Stop();
  tasks.CancelAndWait();
}

TEST(TaskGroupDeathTest, MustBeAwaitedBeforeItIsDestroyed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        LoopThread loop("loop");
        Counts counts;
        TaskGroup tasks(loop);
        tasks.Spawn(SleepOnce(&counts));
      },
      "still run");
}

}  // namespace
}  // namespace tusk
