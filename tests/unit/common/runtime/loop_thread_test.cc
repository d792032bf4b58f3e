#include "common/runtime/loop_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include "common/base/result.h"

namespace tusk {
namespace {

// Never ends by itself.
Task<Result<int>> WaitForEver(std::promise<void>* begun) {
  begun->set_value();
  const Status slept = co_await SleepFor(std::chrono::hours(24));
  co_return slept.ok() ? Result<int>(1) : Result<int>(slept);
}

TEST(LoopThread, RunsPostedWorkInOrderOnOneThread) {
  LoopThread loop("loop");
  std::vector<int> order;  // the loop's
  for (int i = 0; i < 1000; ++i) {
    loop.Post([&order, &loop, i] {
      EXPECT_TRUE(loop.InLoop());
      order.push_back(i);
    });
  }
  const size_t count = loop.CallBlocking([&] { return order.size(); });
  EXPECT_EQ(count, 1000U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_FALSE(loop.InLoop());
}

TEST(LoopThread, ReturnsTheValueOfACoroutine) {
  LoopThread loop("loop");
  const auto task = [](int number) -> Task<Result<int>> {
    if (number < 0) co_return InvalidArgument("negative");
    co_return number * 2;
  };
  EXPECT_EQ(*loop.RunBlocking(task(21)), 42);
  EXPECT_EQ(loop.RunBlocking(task(-1)).status(), InvalidArgument("negative"));
}

TEST(LoopThread, PassesExceptionsToTheCaller) {
  LoopThread loop("loop");
  const auto task = []() -> Task<void> {
    throw std::runtime_error("broken");
    co_return;
  };
  EXPECT_THROW(loop.RunBlocking(task()), std::runtime_error);
  EXPECT_THROW(loop.CallBlocking([]() -> int { throw std::runtime_error("broken"); }), std::runtime_error);
}

TEST(LoopThread, RunsWhatIsQueuedBeforeItStops) {
  LoopThread loop("loop");
  std::atomic<int> ran{0};
  for (int i = 0; i < 100; ++i) {
    loop.Post([&] {
      ran.fetch_add(1);
      loop.Post([&] { ran.fetch_add(1); });
    });
  }
  loop.Stop();
  EXPECT_EQ(ran.load(), 200);
  loop.Stop();
}

TEST(LoopThread, WakesABlockedCallerWhenItStops) {
  LoopThread loop("loop");
  std::promise<void> begun;
  std::thread caller([&] { EXPECT_EQ(loop.RunBlocking(WaitForEver(&begun)).status().code(), Code::kCancelled); });
  begun.get_future().wait();
  loop.Stop();
  caller.join();
}

TEST(LoopThread, RefusesCoroutinesAfterItHasStopped) {
  LoopThread loop("loop");
  loop.Stop();
  std::promise<void> begun;
  EXPECT_EQ(loop.RunBlocking(WaitForEver(&begun)).status().code(), Code::kCancelled);
  const auto nothing = []() -> Task<void> { co_return; };
  EXPECT_THROW(loop.RunBlocking(nothing()), std::future_error);
}

TEST(LoopThread, RunsPlainFunctionsOnTheCallerOnceItHasStopped) {
  LoopThread loop("loop");
  loop.Stop();
  EXPECT_EQ(loop.CallBlocking([] { return std::this_thread::get_id(); }), std::this_thread::get_id());
}

TEST(LoopThreadDeathTest, RefusesToWaitForItself) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        LoopThread loop("loop");
        loop.CallBlocking([&] { loop.CallBlocking([] {}); });
      },
      "co_await instead");
}

}  // namespace
}  // namespace tusk
