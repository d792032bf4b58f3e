#include "common/runtime/stall_watchdog.h"

#include <gtest/gtest.h>

#include <future>

namespace tusk {
namespace {

using namespace std::chrono_literals;
using Event = StallDetector::Event;

const TimePoint kStart{1h};

TEST(StallDetector, IsSilentWhileAnswersCome) {
  StallDetector detector(2s);
  for (int i = 0; i < 10; ++i) {
    const TimePoint now = kStart + i * 500ms;
    EXPECT_EQ(detector.Check(now, true), Event::kNone);
    EXPECT_FALSE(detector.owes_answer());
    detector.BeatSent(now);
  }
}

TEST(StallDetector, ReportsAStallOnceAndItsEnd) {
  StallDetector detector(2s);
  detector.BeatSent(kStart);
  EXPECT_EQ(detector.Check(kStart + 1999ms, false), Event::kNone);
  EXPECT_EQ(detector.Check(kStart + 2s, false), Event::kStalled);
  EXPECT_EQ(detector.lasted(), 2s);
  EXPECT_EQ(detector.Check(kStart + 9s, false), Event::kNone);
  EXPECT_EQ(detector.Check(kStart + 10s, true), Event::kRecovered);
  EXPECT_EQ(detector.lasted(), 10s);
  EXPECT_EQ(detector.Check(kStart + 11s, false), Event::kNone);  // no beat is out
}

TEST(StallWatchdog, NamesTheLoopThatBlocks) {
  LoopThread loop("blocked");
  std::promise<std::string> stalled;
  StallWatchdog::Options options;
  options.interval = 1ms;
  options.limit = 5ms;
  bool told = false;
  options.on_stall = [&](const std::string& name, Duration) {
    if (!told) stalled.set_value(name);
    told = true;
  };
  StallWatchdog watchdog({&loop}, options);
  std::promise<void> go;
  auto released = go.get_future();
  loop.Post([&] { released.wait(); });
  EXPECT_EQ(stalled.get_future().get(), "blocked");
  go.set_value();
  loop.CallBlocking([] {});  // nothing waits for `released` any more
  watchdog.Stop();
  EXPECT_GE(watchdog.stalls(), 1U);
}

}  // namespace
}  // namespace tusk
