// Power cuts and killed processes: random work on a disk that loses its power in the middle of a random change, again and again.
// After each restart every acknowledged entry is there unchanged, nothing dropped comes back, and what follows the acknowledged
// entries is a prefix of what was appended.
//
// TUSK_LOG_CRASH_SEEDS sets how many seeds run, TUSK_LOG_CRASH_SEED picks one.
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <thread>

#include "tests/unit/coordination/log/log_fixture.h"

namespace tusk::coordination {
namespace {

class CrashRun {
 public:
  explicit CrashRun(uint64_t seed) : random_(seed), disk_(seed * 0x9E3779B97F4A7C15 + 1) {}

  void Run() {
    const uint64_t lives = 3 + random_.Below(6);
    for (uint64_t life = 0; life < lives && !::testing::Test::HasFatalFailure(); ++life) {
      disk_.Restart();
      // Cuts hit recovery as well as work.
      disk_.CutAfter(random_.OneIn(4) ? random_.Below(12) : random_.Below(200));
      Live();
    }
    disk_.Restart();
    disk_.CutAfter(~uint64_t{0} >> 1);
    auto log = Open();
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_NO_FATAL_FAILURE(Check(**log));
  }

 private:
  Result<std::unique_ptr<SegmentedLog>> Open() {
    auto options = SmallOptions();
    options.segment_bytes = 8192 + 512 * random_.Below(8);
    options.max_batch_bytes = 500 + random_.Below(4000);
    options.spare_segments = static_cast<int>(random_.Below(3));
    const auto on_fatal = [this](const Status& status) {
      EXPECT_TRUE(disk_.dead()) << "the log gave up on a disk that works: " << status;
    };
    return SegmentedLog::Open(disk_, options, {.on_fatal = on_fatal, .by_hand = true});
  }

  void Live() {
    auto opened = Open();
    if (!opened.ok()) {
      ASSERT_TRUE(disk_.dead()) << "recovery refused what a power cut can leave: " << opened.status();
      return;
    }
    SegmentedLog& log = **opened;
    ASSERT_NO_FATAL_FAILURE(Check(log));
    while (!disk_.dead()) {
      const uint64_t choice = random_.Below(100);
      if (choice < 70) {
        AppendSome(log);
      } else if (choice < 85) {
        log.Flush().ok();
      } else if (choice < 90) {
        DropSuffix(log);
      } else if (choice < 95) {
        DropPrefix(log);
      } else if (choice < 97) {
        SetHardState(log);
      } else if (choice < 98) {
        BeginAnew(log);
      } else {
        break;  // an orderly end
      }
    }
    opened->reset();  // an orderly end makes durable what waits; a dead disk takes nothing
    if (!disk_.dead()) acknowledged_ = appended_.empty() ? first_known_ - 1 : appended_.rbegin()->first;
  }

  void AppendSome(SegmentedLog& log) {
    const uint64_t count = 1 + random_.Below(5);
    for (uint64_t i = 0; i < count; ++i) {
      if (random_.OneIn(10)) ++term_;
      // Often short and equal, so that old bytes have every chance to be mistaken for new ones.
      const std::string text = random_.OneIn(3) ? "same"
                                                : std::string(random_.Below(random_.OneIn(20) ? 9000 : 600),
                                                              static_cast<char>('a' + random_.Below(26)));
      const auto index = log.Append(term_, EntryType::kData, Bytes(text), {});
      if (!index.ok()) return;
      appended_[*index] = {.term = term_, .type = EntryType::kData, .text = text};
    }
    if (random_.OneIn(2)) log.Step();
    acknowledged_ = std::max(acknowledged_, log.durable_index());
  }

  void DropSuffix(SegmentedLog& log) {
    if (!log.Flush().ok()) return;
    acknowledged_ = log.durable_index();
    if (acknowledged_ < log.first_index()) return;
    const LogIndex from = log.first_index() + random_.Below(acknowledged_ - log.first_index() + 1);
    maybe_dropped_from_ = from;
    if (!log.TruncateSuffix(from).ok()) return;  // then either the old or the new state is found
    maybe_dropped_from_ = 0;
    appended_.erase(appended_.lower_bound(from), appended_.end());
    acknowledged_ = from - 1;
    term_ = std::max<Term>(log.last_term(), 1);
  }

  void DropPrefix(SegmentedLog& log) {
    if (!log.Flush().ok()) return;
    acknowledged_ = log.durable_index();
    if (acknowledged_ == 0) return;
    const LogIndex keep = 1 + random_.Below(acknowledged_);
    if (keep < keep_from_) return;
    keep_from_ = keep;  // from here on the log may begin later, though not later than this
    if (log.TruncatePrefix(keep).ok()) first_known_ = log.first_index();
  }

  void BeginAnew(SegmentedLog& log) {
    if (!log.Flush().ok()) return;
    acknowledged_ = log.durable_index();
    maybe_anew_at_ = log.first_index() + random_.Below(acknowledged_ + 40 - log.first_index());
    maybe_anew_term_ = term_ + random_.Below(3);
    if (log.Reset(maybe_anew_at_, maybe_anew_term_).ok()) TakeAsAnew();
  }
  void TakeAsAnew() {
    appended_.clear();
    acknowledged_ = maybe_anew_at_ - 1;
    first_known_ = keep_from_ = maybe_anew_at_;
    term_ = std::max(term_, maybe_anew_term_);
    maybe_anew_at_ = 0;
  }

  void SetHardState(SegmentedLog& log) {
    HardState next = log.hard_state();
    next.term += 1;
    next.voted_for = random_.Below(5);
    maybe_hard_state_ = next;
    if (log.SetHardState(next).ok()) hard_state_ = next;
  }

  void Check(SegmentedLog& log) {
    const LogIndex first = log.first_index();
    const LogIndex last = log.last_index();
    if (maybe_anew_at_ != 0) {
      if (first == maybe_anew_at_ && last == first - 1) {
        TakeAsAnew();
      } else {  // the old log, or its head
        acknowledged_ = std::min(acknowledged_, maybe_anew_at_ - 1);
        maybe_anew_at_ = 0;
      }
    }
    ASSERT_GE(first, first_known_) << "a dropped prefix came back";
    ASSERT_LE(first, std::max<LogIndex>(keep_from_, 1)) << "entries vanished from the front";
    if (maybe_dropped_from_ != 0) {
      ASSERT_TRUE(last == maybe_dropped_from_ - 1 || last >= acknowledged_) << "half a suffix was dropped";
    } else {
      ASSERT_GE(last, acknowledged_) << "an acknowledged entry is lost";
    }
    ASSERT_LE(last, appended_.empty() ? acknowledged_ : appended_.rbegin()->first) << "an entry came from nowhere";
    Status status;
    const Entries entries = ReadAll(log, first, &status);
    ASSERT_EQ(status, OkStatus());
    ASSERT_EQ(entries.size(), last + 1 - first);
    for (const auto& [index, entry] : entries) ASSERT_EQ(entry, appended_.at(index)) << "entry " << index;
    ASSERT_TRUE(log.hard_state() == hard_state_ || log.hard_state() == maybe_hard_state_);
    ASSERT_GE(log.hard_state().term, hard_state_.term);
    // From now on this is the truth: what was found is durable.
    appended_.erase(appended_.upper_bound(last), appended_.end());
    appended_.erase(appended_.begin(), appended_.lower_bound(first));
    acknowledged_ = last;
    first_known_ = first;
    keep_from_ = std::max(keep_from_, first);
    maybe_dropped_from_ = 0;
    hard_state_ = log.hard_state();
    maybe_hard_state_ = hard_state_;
    term_ = std::max<Term>(log.last_term(), 1);
  }

  Random random_;
  CuttingDisk disk_;
  Entries appended_;
  LogIndex acknowledged_ = 0;
  LogIndex first_known_ = 1;
  LogIndex keep_from_ = 1;
  LogIndex maybe_dropped_from_ = 0;
  LogIndex maybe_anew_at_ = 0;
  Term maybe_anew_term_ = 0;
  HardState hard_state_;
  HardState maybe_hard_state_;
  Term term_ = 1;
};

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(LogCrash, LosesNothingAcknowledgedWhateverTheMomentOfThePowerCut) {
  const uint64_t only = FromEnvironment("TUSK_LOG_CRASH_SEED", 0);
  const uint64_t begin = only != 0 ? only : 1;
  const uint64_t end = only != 0 ? only : FromEnvironment("TUSK_LOG_CRASH_SEEDS", 1000);
  std::cout << "seeds " << begin << " to " << end << std::endl;
  for (uint64_t seed = begin; seed <= end; ++seed) {
    CrashRun run(seed);
    run.Run();
    ASSERT_FALSE(HasFailure()) << "again with TUSK_LOG_CRASH_SEED=" << seed;
  }
}

TEST(LogCrash, LosesNothingAcknowledgedToConcurrentAppenders) {
  // With the log's own threads: no seed decides the moment, so this finds less and repeats nothing, but it runs the real thing.
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    storage::ForgetfulDisk disk(seed);
    auto log = SegmentedLog::Open(disk, SmallOptions(), {.on_fatal = [](const Status&) {}, .by_hand = false});
    ASSERT_TRUE(log.ok()) << log.status();
    std::mutex mutex;
    std::condition_variable changed;
    std::map<LogIndex, std::string> acknowledged;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0;; ++i) {
          const std::string text = std::to_string(t) + "." + std::to_string(i) + std::string(static_cast<size_t>(i % 300), '.');
          // The completion may run before Append has told the index, so it finds it by the text.
          const auto index = (*log)->Append(1, EntryType::kData, Bytes(text), [&, text](const Status& status) {
            if (!status.ok()) return;
            const std::lock_guard lock(mutex);
            acknowledged[acknowledged.size() + 1] = text;  // completions come in index order, from index 1
            changed.notify_all();
          });
          if (!index.ok()) return;
        }
      });
    }
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return acknowledged.size() >= 40 * seed; });
    }
    disk.PowerCut();
    for (auto& thread : threads) thread.join();
    log->reset();
    auto reopened = SegmentedLog::Open(disk, SmallOptions(), {.on_fatal = {}, .by_hand = true});
    ASSERT_TRUE(reopened.ok()) << reopened.status();
    const Entries found = ReadAll(**reopened);
    ASSERT_GE(found.size(), acknowledged.size());
    for (const auto& [index, text] : acknowledged) ASSERT_EQ(found.at(index).text, text) << index;
  }
}

TEST(LogCrash, SurvivesACutAtEachChangeOfEachOperation) {
  // Systematic where the test above is random: one operation, the cut at its first, second, ... change.
  using Operation = std::function<Status(SegmentedLog&)>;
  const std::map<std::string, Operation> operations = {
      {"append over a segment's end",
       [](SegmentedLog& log) {
         for (int i = 0; i < 30; ++i) {
           if (auto index = log.Append(2, EntryType::kData, Bytes(std::string(300, 'n')), {}); !index.ok()) return index.status();
         }
         return log.Flush();
       }},
      {"drop a suffix", [](SegmentedLog& log) { return log.TruncateSuffix(15); }},
      {"drop a prefix", [](SegmentedLog& log) { return log.TruncatePrefix(30); }},
      {"vote", [](SegmentedLog& log) { return log.SetHardState({.term = 9, .voted_for = 3}); }},
      {"reopen", [](SegmentedLog&) { return OkStatus(); }}};
  for (const auto& [name, operation] : operations) {
    int cuts = 0;
    bool finished = false;
    for (uint64_t change = 0; !finished; ++change) {
      for (uint64_t seed = 0; seed < 8; ++seed) {
        CuttingDisk disk(seed);
        auto options = SmallOptions();
        const auto open = [&] { return SegmentedLog::Open(disk, options, {.on_fatal = [](const Status&) {}, .by_hand = true}); };
        Entries before;
        {
          auto log = open();
          ASSERT_TRUE(log.ok()) << log.status();
          for (int i = 1; i <= 40; ++i) {
            ASSERT_TRUE((*log)->Append(1, EntryType::kData, Bytes(std::to_string(i) + std::string(300, 'o')), {}).ok());
          }
          ASSERT_EQ((*log)->Flush(), OkStatus());
          before = ReadAll(**log);
          disk.CutAfter(change);
          finished = operation(**log).ok();
          if (finished && name == "reopen") {
            log->reset();
            auto reopened = open();
            finished = reopened.ok();
          }
        }
        if (disk.dead()) {
          ++cuts;
          disk.Restart();
        }
        disk.CutAfter(1'000'000);
        auto log = open();
        ASSERT_TRUE(log.ok()) << name << ", change " << change << ", seed " << seed << ": " << log.status();
        const Entries after = ReadAll(**log);
        const bool dropped_suffix = name == "drop a suffix" && (*log)->last_index() == 14;
        for (LogIndex i = (*log)->first_index(); i <= (dropped_suffix ? 14 : 40); ++i) {
          ASSERT_EQ(after.at(i), before.at(i)) << name << ", change " << change << ", seed " << seed;
        }
        ASSERT_LE((*log)->first_index(), name == "drop a prefix" ? 30u : 1u);
        if (finished && name == "vote") {
          ASSERT_EQ((*log)->hard_state().term, 9u);
        }
        if (finished && name == "drop a suffix") {
          ASSERT_EQ((*log)->last_index(), 14u);
        }
        if (finished && name == "append over a segment's end") {
          ASSERT_EQ((*log)->last_index(), 70u);
        }
      }
      ASSERT_LT(change, 500u);
    }
    EXPECT_GT(cuts, 8) << name;
  }
}

}  // namespace
}  // namespace tusk::coordination
