#include "common/rpc/link_watch.h"

#include <gtest/gtest.h>

namespace tusk::rpc {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart{1h};
const LinkLimits kLimits{15'000ms, 60'000ms};

LinkState Fresh(size_t open_calls = 1) { return {kStart, kStart, std::nullopt, open_calls}; }

TEST(LinkWatch, LeavesALivelyConnectionAlone) {
  EXPECT_EQ(DecideLinkAction(kStart + 14'999ms, Fresh(), kLimits), LinkAction::kNone);
}

TEST(LinkWatch, PingsASilentPeer) {
  EXPECT_EQ(DecideLinkAction(kStart + 15s, Fresh(), kLimits), LinkAction::kPing);
  EXPECT_EQ(DecideLinkAction(kStart + 15s, Fresh(0), kLimits), LinkAction::kPing);
}

TEST(LinkWatch, PingsOnceAndBreaksAfterAnotherInterval) {
  LinkState state = Fresh();
  state.pinged = kStart + 15s;
  EXPECT_EQ(DecideLinkAction(kStart + 20s, state, kLimits), LinkAction::kNone);
  EXPECT_EQ(DecideLinkAction(kStart + 29'999ms, state, kLimits), LinkAction::kNone);
  EXPECT_EQ(DecideLinkAction(kStart + 30s, state, kLimits), LinkAction::kBreak);
}

TEST(LinkWatch, CountsAnewOnceSomethingCame) {
  LinkState state = Fresh();
  state.pinged = kStart + 15s;
  state.last_received = kStart + 15'100ms;
  EXPECT_EQ(DecideLinkAction(kStart + 30s, state, kLimits), LinkAction::kNone);
  EXPECT_EQ(DecideLinkAction(kStart + 30'100ms, state, kLimits), LinkAction::kPing);
}

TEST(LinkWatch, ClosesWhatNobodyUses) {
  LinkState state = Fresh(0);
  state.last_received = kStart + 59s;
  EXPECT_EQ(DecideLinkAction(kStart + 59'999ms, state, kLimits), LinkAction::kNone);
  EXPECT_EQ(DecideLinkAction(kStart + 60s, state, kLimits), LinkAction::kCloseIdle);
}

TEST(LinkWatch, NeverClosesUnderAnOpenCall) {
  LinkState state = Fresh(1);
  state.last_received = kStart + 1h;
  EXPECT_EQ(DecideLinkAction(kStart + 1h + 1s, state, kLimits), LinkAction::kNone);
}

}  // namespace
}  // namespace tusk::rpc
