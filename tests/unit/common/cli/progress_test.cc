#include "common/cli/progress.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tusk::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uint64_t kMiB = 1 << 20;

ProgressState Half() {
  ProgressState state;
  state.label = "put";
  state.done = 64 * kMiB;
  state.total = 128 * kMiB;
  state.elapsed = seconds(2);
  return state;
}

TEST(FormatProgress, ShowsPercentAmountRateAndTimeLeft) {
  EXPECT_EQ(FormatProgress(Half()), "put   50%  64 M of 128 M  32 M/s  2.0 s left");
}

TEST(FormatProgress, DrawsABarThatFillsTheTerminalUpToItsWidth) {
  ProgressState state = Half();
  state.columns = 60;
  EXPECT_EQ(FormatProgress(state), "put [======>      ]  50%  64 M of 128 M  32 M/s  2.0 s left");
  state.columns = 200;
  EXPECT_EQ(FormatProgress(state), "put [====================>                   ]  50%  64 M of 128 M  32 M/s  2.0 s left");
}

TEST(FormatProgress, LeavesTheBarOutOfANarrowTerminalAndCutsTheRest) {
  ProgressState state = Half();
  state.columns = 50;
  EXPECT_EQ(FormatProgress(state), "put   50%  64 M of 128 M  32 M/s  2.0 s left");
  state.columns = 12;
  EXPECT_EQ(FormatProgress(state), "put   50%  ");
  for (size_t columns = 1; columns < 120; ++columns) {
    state.columns = columns;
    EXPECT_LT(FormatProgress(state).size(), columns);
  }
}

TEST(FormatProgress, ShowsAmountAndRateWhenTheTotalIsUnknown) {
  ProgressState state = Half();
  state.total = 0;
  state.columns = 80;
  EXPECT_EQ(FormatProgress(state), "put  64 M  32 M/s");
}

TEST(FormatProgress, CountsItems) {
  ProgressState state;
  state.label = "fsck";
  state.unit = ProgressUnit::kItems;
  state.done = 30;
  state.total = 40;
  state.elapsed = seconds(3);
  EXPECT_EQ(FormatProgress(state), "fsck   75%  30 of 40  10/s  1.0 s left");
}

TEST(FormatProgress, EndsWithTheTimeTaken) {
  ProgressState state = Half();
  state.done = state.total;
  state.elapsed = seconds(4);
  state.finished = true;
  EXPECT_EQ(FormatProgress(state), "put  100%  128 M  in 4.0 s  32 M/s");
}

TEST(FormatProgress, ReachesHundredPercentOnlyAtTheEnd) {
  ProgressState state = Half();
  state.done = state.total - 1;
  EXPECT_NE(FormatProgress(state).find(" 99%"), std::string::npos);
}

TEST(FormatProgress, StaysWithinItsBoundsOnOddFigures) {
  ProgressState state = Half();
  state.done = state.total * 2;  // a file that grew
  state.columns = 60;
  EXPECT_NE(FormatProgress(state).find("100%  128 M of 128 M"), std::string::npos);
  state.done = 0;
  state.elapsed = milliseconds(0);
  EXPECT_EQ(FormatProgress(state), "put [>                                 ]   0%  0 B of 128 M");
  state.done = 1;
  state.total = UINT64_MAX;
  state.elapsed = std::chrono::hours(24 * 365);
  EXPECT_FALSE(FormatProgress(state).empty());
}

TEST(Progress, WritesOnePlainLineAtTheEndOfAPipe) {
  testing::internal::CaptureStderr();
  {
    Progress progress(
        {.label = "put", .unit = Progress::Unit::kItems, .total = 3, .plain_every = milliseconds(0), .enabled = true});
    for (int i = 0; i < 3; ++i) progress.Add(1);
    progress.Finish();
    progress.Finish();
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.substr(0, 14), "put  100%  3  ");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(Progress, StaysSilentWhenDisabled) {
  testing::internal::CaptureStderr();
  {
    Progress progress(
        {.label = "put", .unit = Progress::Unit::kBytes, .total = 0, .plain_every = milliseconds(1), .enabled = false});
    progress.Add(1);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Progress, CountsTheAmountsOfAllThreads) {
  testing::internal::CaptureStderr();
  {
    Progress progress(
        {.label = "get", .unit = Progress::Unit::kItems, .total = 0, .plain_every = milliseconds(0), .enabled = true});
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&progress] {
        for (int n = 0; n < 1000; ++n) progress.Add(1);
        progress.SetTotal(4000);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr().substr(0, 15), "get  100%  4000");
}

}  // namespace
}  // namespace tusk::cli
