#include "common/rpc/deadline_queue.h"

#include <gtest/gtest.h>

#include <list>
#include <set>

#include "common/base/random.h"

namespace tusk::rpc {
namespace {

using namespace std::chrono_literals;

TimePoint At(std::chrono::milliseconds millis) { return TimePoint(millis); }

TEST(DeadlineQueue, GivesWhatIsDueInOrder) {
  DeadlineQueue queue;
  DeadlineQueue::Entry late;
  DeadlineQueue::Entry early;
  DeadlineQueue::Entry same;
  queue.Add(late, At(30ms));
  queue.Add(early, At(10ms));
  queue.Add(same, At(10ms));
  EXPECT_EQ(queue.earliest(), At(10ms));
  EXPECT_EQ(queue.PopDue(At(9ms)), nullptr);
  EXPECT_EQ(queue.PopDue(At(10ms)), &early);  // those of one time in the order they came
  EXPECT_EQ(queue.PopDue(At(10ms)), &same);
  EXPECT_EQ(queue.PopDue(At(29ms)), nullptr);
  EXPECT_EQ(queue.PopDue(At(1h)), &late);
  EXPECT_EQ(queue.earliest(), std::nullopt);
}

TEST(DeadlineQueue, ForgetsRemovedEntries) {
  DeadlineQueue queue;
  DeadlineQueue::Entry entry;
  queue.Remove(entry);  // not in it
  queue.Add(entry, At(1ms));
  queue.Remove(entry);
  queue.Remove(entry);
  EXPECT_EQ(queue.PopDue(At(1h)), nullptr);
  queue.Add(entry, At(2ms));
  EXPECT_EQ(queue.PopDue(At(2ms)), &entry);
}

TEST(DeadlineQueue, AgreesWithASortedListUnderRandomUse) {
  Random random(77);
  DeadlineQueue queue;
  std::list<DeadlineQueue::Entry> entries(200);
  std::multiset<TimePoint> expected;
  for (auto& entry : entries) {
    const TimePoint at = At(std::chrono::milliseconds(random.Below(50)));
    queue.Add(entry, at);
    expected.insert(at);
  }
  for (auto& entry : entries) {
    if (!random.OneIn(3)) continue;
    expected.erase(expected.find(entry.at()));
    queue.Remove(entry);
  }
  while (DeadlineQueue::Entry* entry = queue.PopDue(At(1h))) {
    ASSERT_FALSE(expected.empty());
    EXPECT_EQ(entry->at(), *expected.begin());
    expected.erase(expected.begin());
  }
  EXPECT_TRUE(expected.empty());
}

}  // namespace
}  // namespace tusk::rpc
