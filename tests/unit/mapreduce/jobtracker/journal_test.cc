#include "mapreduce/jobtracker/journal.h"

#include <gtest/gtest.h>

#include "coordination/log/memory_log.h"

namespace tusk::mr::jobtracker {
namespace {

TEST(Journal, AppliesFactsInOrderOnceTheyAreDurable) {
  SimulatedClock clock;
  LoopThread loop("journal-test");
  auto log = coordination::OpenMemoryLog(coordination::MemoryCompletion::kOnFlush);
  coordination::Log* raw = log.get();
  Journal journal(loop, std::move(log), clock);
  ASSERT_EQ(journal.BeginTerm().value(), 1u);
  std::vector<std::string> applied;
  journal.Run(
      [&](auto, auto term, const Entry& entry) {
        EXPECT_EQ(term, 1u);
        applied.push_back(std::get<TrackerJoined>(entry.fact).name);
      },
      [] {});
  const auto last = loop.CallBlocking([&] {
    (void)journal.Append(TrackerJoined{"a"});
    return journal.Append(TrackerJoined{"b"}).value();
  });
  EXPECT_TRUE(loop.CallBlocking([&] { return applied.empty(); }));
  ASSERT_TRUE(raw->Flush().ok());
  const Status waited = loop.RunBlocking(journal.WaitApplied(last));
  EXPECT_TRUE(waited.ok());
  EXPECT_EQ(applied, (std::vector<std::string>{"a", "b"}));
  std::vector<std::string> replayed;
  ASSERT_TRUE(
      journal.Replay([&](auto, auto, const Entry& entry) { replayed.push_back(std::get<TrackerJoined>(entry.fact).name); }).ok());
  EXPECT_EQ(replayed, applied);
  journal.Close();
}

TEST(Journal, AWaitThatBeginsBeforeTheSyncEndsAfterIt) {
  SimulatedClock clock;
  LoopThread loop("journal-test");
  auto log = coordination::OpenMemoryLog(coordination::MemoryCompletion::kOnFlush);
  coordination::Log* raw = log.get();
  Journal journal(loop, std::move(log), clock);
  ASSERT_TRUE(journal.BeginTerm().ok());
  journal.Run([](auto, auto, const Entry&) {}, [] {});
  const Status waited = loop.RunBlocking([](Journal* j, coordination::Log* l, LoopThread* lp) -> Task<Status> {
    auto index = j->Append(TrackerJoined{"a"});
    lp->Post([l] { (void)l->Flush(); });
    co_return co_await j->WaitApplied(*index);
  }(&journal, raw, &loop));
  EXPECT_TRUE(waited.ok()) << waited;
  journal.Close();
}

}  // namespace
}  // namespace tusk::mr::jobtracker
