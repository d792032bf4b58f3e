#include "common/runtime/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <stdexcept>

#include "common/runtime/loop_thread.h"
#include "common/runtime/task_group.h"

namespace tusk {
namespace {

TEST(WorkerPool, RunsWhatWasQueuedBeforeItStops) {
  WorkerPool pool({"pool", 3, 1000});
  std::atomic<int> ran{0};
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(pool.Submit([&] { ran.fetch_add(1); }));
  pool.Stop();
  EXPECT_EQ(ran.load(), 500);
  EXPECT_FALSE(pool.Submit([] {}));
  EXPECT_FALSE(pool.TrySubmit([] {}));
}

TEST(WorkerPool, RefusesWhatDoesNotFit) {
  WorkerPool pool({"pool", 1, 2});
  std::promise<void> begun;
  std::promise<void> go;
  auto released = go.get_future();
  ASSERT_TRUE(pool.TrySubmit([&] {
    begun.set_value();
    released.wait();
  }));
  begun.get_future().wait();
  EXPECT_TRUE(pool.TrySubmit([] {}));
  EXPECT_TRUE(pool.TrySubmit([] {}));
  EXPECT_FALSE(pool.TrySubmit([] {}));
  std::promise<void> submitted;
  std::thread blocked([&] {
    EXPECT_TRUE(pool.Submit([] {}));  // waits for room
    submitted.set_value();
  });
  go.set_value();
  submitted.get_future().wait();
  blocked.join();
  pool.Stop();
}

TEST(WorkerPool, ResumesTheCoroutineOnItsLoop) {
  LoopThread loop("loop");
  WorkerPool pool({"pool", 2, 16});
  const auto task = [&]() -> Task<Result<int>> {
    const auto value = co_await pool.Run([&]() -> Result<int> {
      EXPECT_FALSE(loop.InLoop());
      return 7;
    });
    EXPECT_TRUE(loop.InLoop());
    co_return value;
  };
  for (int i = 0; i < 200; ++i) EXPECT_EQ(*loop.RunBlocking(task()), 7);
}

TEST(WorkerPool, AnswersACoroutineWhenItIsFull) {
  LoopThread loop("loop");
  WorkerPool pool({"pool", 1, 1});
  std::promise<void> begun;
  std::promise<void> go;
  auto released = go.get_future();
  ASSERT_TRUE(pool.Submit([&] {
    begun.set_value();
    released.wait();
  }));
  begun.get_future().wait();
  ASSERT_TRUE(pool.Submit([] {}));
  const auto task = [&]() -> Task<Status> {
    const Status status = co_await pool.Run([]() -> Status { return OkStatus(); });
    co_return status;
  };
  EXPECT_EQ(loop.RunBlocking(task()).code(), Code::kResourceExhausted);
  go.set_value();
  pool.Stop();
}

TEST(WorkerPool, PassesAnExceptionToTheCoroutine) {
  LoopThread loop("loop");
  WorkerPool pool({"pool", 1, 4});
  const auto task = [&]() -> Task<Status> {
    const Status status = co_await pool.Run([]() -> Status { throw std::runtime_error("broken"); });
    co_return status;
  };
  EXPECT_THROW((void)loop.RunBlocking(task()), std::runtime_error);
}

TEST(WorkerPool, FinishesTheJobOfACancelledCoroutineBeforeItIsAwaited) {
  LoopThread loop("loop");
  WorkerPool pool({"pool", 1, 4});
  TaskGroup tasks(loop);
  std::promise<void> begun;
  std::promise<void> go;
  auto released = go.get_future();
  std::atomic<bool> done{false};
  const auto task = [&]() -> Task<void> {
    const Status status = co_await pool.Run([&]() -> Status {
      begun.set_value();
      released.wait();
      return OkStatus();
    });
    done.store(status.ok());
  };
  tasks.Spawn(task());
  begun.get_future().wait();
  loop.Post([&] { go.set_value(); });
  tasks.CancelAndWait();
  EXPECT_TRUE(done.load());
}

}  // namespace
}  // namespace tusk
