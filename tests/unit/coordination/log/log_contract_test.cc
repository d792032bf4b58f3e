// What every Log does, run against the one on disk and the one in memory.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "coordination/log/memory_log.h"
#include "tests/unit/coordination/log/log_fixture.h"

namespace tusk::coordination {
namespace {

struct OnDisk {
  storage::MemoryDisk disk;
  std::unique_ptr<Log> Open() {
    auto log = Log::Open(disk, SmallOptions());
    if (!log.ok()) throw std::runtime_error(log.status().ToString());
    return std::move(log).value();
  }
};
struct InMemory {
  std::unique_ptr<Log> Open() { return OpenMemoryLog(); }
};
struct InMemoryOnFlush {
  std::unique_ptr<Log> Open() { return OpenMemoryLog(MemoryCompletion::kOnFlush); }
};

template <class Body>
class LogContract : public ::testing::Test {
 protected:
  LogIndex Append(Term term, std::string_view text, EntryType type = EntryType::kData) {
    auto index = log_->Append(term, type, Bytes(text), {});
    EXPECT_TRUE(index.ok()) << index.status();
    return index.ok() ? *index : 0;
  }
  Body body_;
  std::unique_ptr<Log> log_ = body_.Open();
};

using Bodies = ::testing::Types<OnDisk, InMemory, InMemoryOnFlush>;
TYPED_TEST_SUITE(LogContract, Bodies);

TYPED_TEST(LogContract, StartsEmpty) {
  EXPECT_EQ(this->log_->first_index(), 1u);
  EXPECT_EQ(this->log_->last_index(), 0u);
  EXPECT_EQ(this->log_->durable_index(), 0u);
  EXPECT_EQ(this->log_->last_term(), 0u);
  EXPECT_EQ(this->log_->hard_state(), HardState{});
  EXPECT_EQ(this->log_->Flush(), OkStatus());
  EXPECT_TRUE(ReadAll(*this->log_).empty());
}

TYPED_TEST(LogContract, ReadsBackWhatWasAppendedFromAnyIndex) {
  EXPECT_EQ(this->Append(1, "", EntryType::kNoop), 1u);
  EXPECT_EQ(this->Append(1, "one"), 2u);
  EXPECT_EQ(this->Append(3, std::string(1000, 'x'), EntryType::kConfiguration), 3u);
  ASSERT_EQ(this->log_->Flush(), OkStatus());
  EXPECT_EQ(this->log_->last_index(), 3u);
  EXPECT_EQ(this->log_->durable_index(), 3u);
  EXPECT_EQ(this->log_->last_term(), 3u);
  const Entries expected = {{1, {1, EntryType::kNoop, ""}},
                            {2, {1, EntryType::kData, "one"}},
                            {3, {3, EntryType::kConfiguration, std::string(1000, 'x')}}};
  EXPECT_EQ(ReadAll(*this->log_), expected);
  EXPECT_EQ(ReadAll(*this->log_, 3), (Entries{*expected.rbegin()}));
  EXPECT_TRUE(ReadAll(*this->log_, 4).empty());
}

TYPED_TEST(LogContract, StopsReadingWhenTheVisitorSaysSo) {
  for (int i = 0; i < 5; ++i) this->Append(1, "x");
  ASSERT_EQ(this->log_->Flush(), OkStatus());
  int visits = 0;
  EXPECT_EQ(this->log_->Read(1, [&](const EntryView&) { return ++visits == 3 ? Cancelled("enough") : OkStatus(); }),
            Cancelled("enough"));
  EXPECT_EQ(visits, 3);
}

TYPED_TEST(LogContract, CompletesInIndexOrderOnceDurable) {
  std::mutex mutex;
  std::vector<LogIndex> completed;
  Log* const log = this->log_.get();
  for (LogIndex i = 1; i <= 200; ++i) {
    auto index = this->log_->Append(1, EntryType::kData, Bytes("entry"), [&, i](const Status& status) {
      EXPECT_EQ(status, OkStatus());
      EXPECT_GE(log->durable_index(), i);
      const std::lock_guard lock(mutex);
      completed.push_back(i);
    });
    ASSERT_EQ(*index, i);
  }
  ASSERT_EQ(this->log_->Flush(), OkStatus());
  this->log_.reset();  // all completions have run
  ASSERT_EQ(completed.size(), 200u);
  EXPECT_TRUE(std::is_sorted(completed.begin(), completed.end()));
}

TYPED_TEST(LogContract, RefusesEntriesThatAreTooLargeOrOfAnOlderTerm) {
  const std::vector<std::byte> large((32 << 20) + 1);
  EXPECT_EQ(this->log_->Append(1, EntryType::kData, large, {}).status().code(), Code::kResourceExhausted);
  this->Append(5, "x");
  EXPECT_EQ(this->log_->Append(4, EntryType::kData, Bytes("x"), {}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(this->log_->last_index(), 1u);
}

TYPED_TEST(LogContract, DropsASuffixAndGoesOn) {
  for (int i = 1; i <= 60; ++i) this->Append(static_cast<Term>(i), std::string(300, static_cast<char>('A' + i)));
  ASSERT_EQ(this->log_->Flush(), OkStatus());
  ASSERT_EQ(this->log_->TruncateSuffix(61), OkStatus());
  EXPECT_EQ(this->log_->last_index(), 60u);
  ASSERT_EQ(this->log_->TruncateSuffix(31), OkStatus());
  EXPECT_EQ(this->log_->last_index(), 30u);
  EXPECT_EQ(this->log_->durable_index(), 30u);
  EXPECT_EQ(this->log_->last_term(), 30u);
  EXPECT_EQ(ReadAll(*this->log_).size(), 30u);
  EXPECT_EQ(this->Append(70, "new"), 31u);
  ASSERT_EQ(this->log_->Flush(), OkStatus());
  const auto entries = ReadAll(*this->log_);
  ASSERT_EQ(entries.size(), 31u);
  EXPECT_EQ(entries.at(31), (Entry{70, EntryType::kData, "new"}));
  EXPECT_EQ(entries.at(30).text, std::string(300, static_cast<char>('A' + 30)));
  ASSERT_EQ(this->log_->TruncateSuffix(1), OkStatus());
  EXPECT_EQ(this->log_->last_index(), 0u);
  EXPECT_EQ(this->log_->last_term(), 0u);
  EXPECT_EQ(this->Append(1, "again"), 1u);
}

TYPED_TEST(LogContract, DropsAPrefixButNeverWhatIsAskedFor) {
  for (int i = 1; i <= 100; ++i) this->Append(1, std::string(300, 'x'));
  ASSERT_EQ(this->log_->Flush(), OkStatus());
  ASSERT_EQ(this->log_->TruncatePrefix(50), OkStatus());
  const LogIndex first = this->log_->first_index();
  EXPECT_GT(first, 1u);
  EXPECT_LE(first, 50u);
  Status status;
  ReadAll(*this->log_, first - 1, &status);
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_EQ(ReadAll(*this->log_, first).size(), 100 - first + 1);
  EXPECT_EQ(this->log_->TruncateSuffix(first - 1).code(), Code::kInvalidArgument);
  ASSERT_EQ(this->log_->TruncatePrefix(1000), OkStatus());
  EXPECT_EQ(this->log_->last_index(), 100u);
  EXPECT_EQ(this->log_->last_term(), 1u);
  EXPECT_EQ(this->Append(1, "next"), 101u);
}

TYPED_TEST(LogContract, BeginsAnewBehindASnapshot) {
  for (int i = 1; i <= 60; ++i) this->Append(static_cast<Term>(i), std::string(300, 'x'));
  ASSERT_EQ(this->log_->Flush(), OkStatus());
  // Behind its end, then inside what it holds by now, then where it begins.
  for (const auto& [first, term] : {std::pair<LogIndex, Term>(1001, 7), {1010, 7}, {1010, 9}}) {
    ASSERT_EQ(this->log_->Reset(first, term), OkStatus());
    EXPECT_EQ(this->log_->first_index(), first);
    EXPECT_EQ(this->log_->last_index(), first - 1);
    EXPECT_EQ(this->log_->durable_index(), first - 1);
    EXPECT_EQ(this->log_->last_term(), term);
    EXPECT_TRUE(ReadAll(*this->log_).empty());
    EXPECT_EQ(this->log_->Append(term - 1, EntryType::kData, Bytes("old"), {}).status().code(), Code::kInvalidArgument);
    for (LogIndex i = 0; i < 40; ++i) EXPECT_EQ(this->Append(term, std::string(300, 'y')), first + i);
    ASSERT_EQ(this->log_->Flush(), OkStatus());
    EXPECT_EQ(ReadAll(*this->log_).size(), 40u);
  }
  EXPECT_EQ(this->log_->Reset(1009, 9).code(), Code::kInvalidArgument);
  EXPECT_EQ(this->log_->last_index(), 1049u);
}

TYPED_TEST(LogContract, RemembersTermAndVote) {
  ASSERT_EQ(this->log_->SetHardState({.term = 4, .voted_for = 2}), OkStatus());
  EXPECT_EQ(this->log_->hard_state(), (HardState{.term = 4, .voted_for = 2}));
}

TYPED_TEST(LogContract, GivesConcurrentAppendersEachTheirOwnIndex) {
  constexpr int kThreads = 4;
  constexpr int kEach = 250;
  std::vector<std::vector<LogIndex>> indexes(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i)
        indexes[static_cast<size_t>(t)].push_back(this->Append(1, std::to_string(t) + "." + std::to_string(i)));
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_EQ(this->log_->Flush(), OkStatus());
  const Entries entries = ReadAll(*this->log_);
  ASSERT_EQ(entries.size(), static_cast<size_t>(kThreads * kEach));
  for (int t = 0; t < kThreads; ++t) {
    const auto& mine = indexes[static_cast<size_t>(t)];
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    for (int i = 0; i < kEach; ++i)
      EXPECT_EQ(entries.at(mine[static_cast<size_t>(i)]).text, std::to_string(t) + "." + std::to_string(i));
  }
}

TYPED_TEST(LogContract, ReadsWhileAppendsGoOn) {
  std::thread appender([&] {
    for (int i = 1; i <= 400; ++i) {
      this->Append(1, std::to_string(i) + std::string(100, '.'));
      if (i % 20 != 0) continue;
      EXPECT_EQ(this->log_->Flush(), OkStatus());
    }
  });
  size_t seen = 0;
  while (seen < 400) {
    const Entries entries = ReadAll(*this->log_, 1);
    EXPECT_GE(entries.size(), seen);
    seen = entries.size();
    for (const auto& [index, entry] : entries) ASSERT_EQ(entry.text, std::to_string(index) + std::string(100, '.'));
  }
  appender.join();
}

TEST(MemoryLog, WaitsForFlushWhenTold) {
  const auto log = OpenMemoryLog(MemoryCompletion::kOnFlush);
  int done = 0;
  ASSERT_TRUE(log->Append(1, EntryType::kData, Bytes("x"), [&](const Status&) { ++done; }).ok());
  EXPECT_EQ(done, 0);
  EXPECT_EQ(log->durable_index(), 0u);
  EXPECT_TRUE(ReadAll(*log).empty());
  EXPECT_EQ(log->TruncateSuffix(1).code(), Code::kFailedPrecondition);
  ASSERT_EQ(log->Flush(), OkStatus());
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace tusk::coordination
