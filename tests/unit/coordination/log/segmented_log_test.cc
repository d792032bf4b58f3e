// What the log on disk does beyond the contract: reopening, batches, segments, spares, failures.
#include "coordination/log/segmented_log.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "tests/unit/coordination/log/log_fixture.h"

namespace tusk::coordination {
namespace {

class SegmentedLogTest : public ::testing::Test {
 protected:
  void Open(Log::Options options = SmallOptions(), bool by_hand = true) {
    log_.reset();
    SegmentedLog::Seams seams;
    seams.by_hand = by_hand;
    seams.on_fatal = [this](const Status& status) { fatal_.push_back(status); };
    auto opened = SegmentedLog::Open(disk_, std::move(options), std::move(seams));
    ASSERT_TRUE(opened.ok()) << opened.status();
    log_ = std::move(opened).value();
  }
  Status OpenStatus(Log::Options options = SmallOptions()) {
    log_.reset();
    return SegmentedLog::Open(disk_, std::move(options), {.on_fatal = {}, .by_hand = true}).status();
  }
  void Append(int count, Term term = 1, size_t size = 300) {
    for (int i = 0; i < count; ++i) {
      const std::string text = std::to_string(log_->last_index() + 1) + "/" + std::to_string(term) + std::string(size, '.');
      ASSERT_TRUE(log_->Append(term, EntryType::kData, Bytes(text), {}).ok());
    }
    ASSERT_EQ(log_->Flush(), OkStatus());
  }
  std::vector<std::string> Files(std::string_view suffix) {
    std::vector<std::string> names;
    const auto files = disk_.List(kLogFolder).value();
    for (const auto& file : files) {
      if (file.name.ends_with(suffix)) names.push_back(file.name);
    }
    return names;
  }

  std::vector<Status> fatal_;
  CuttingDisk disk_{1};
  std::unique_ptr<SegmentedLog> log_;
};

TEST_F(SegmentedLogTest, FindsEverythingAgainAfterAReopen) {
  Open();
  Append(100, 1);
  Append(3, 7, 3000);
  ASSERT_EQ(log_->SetHardState({.term = 9, .voted_for = 2}), OkStatus());
  const Entries before = ReadAll(*log_);
  ASSERT_EQ(before.size(), 103u);
  EXPECT_GT(Files(".seg").size(), 4u);
  for (int i = 0; i < 3; ++i) {
    Open();
    EXPECT_EQ(ReadAll(*log_), before);
    EXPECT_EQ(log_->last_index(), 103u);
    EXPECT_EQ(log_->durable_index(), 103u);
    EXPECT_EQ(log_->last_term(), 7u);
    EXPECT_EQ(log_->hard_state(), (HardState{.term = 9, .voted_for = 2}));
  }
  Append(1, 7);
  Open();
  EXPECT_EQ(log_->last_index(), 104u);
}

TEST_F(SegmentedLogTest, SyncsOnceForAllThatWaits) {
  Open();
  Append(1);
  const int64_t syncs = disk_.syncs();
  const int64_t writes = disk_.writes();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(log_->Append(1, EntryType::kData, Bytes("entry"), {}).ok());
  EXPECT_EQ(log_->durable_index(), 1u);
  ASSERT_TRUE(log_->Step());
  EXPECT_EQ(log_->durable_index(), 21u);
  EXPECT_EQ(disk_.syncs() - syncs, 1);
  EXPECT_EQ(disk_.writes() - writes, 2);  // the batch, and the hint that it is durable
  EXPECT_FALSE(log_->Step());
}

TEST_F(SegmentedLogTest, SplitsBatchesAtTheirLimit) {
  auto options = SmallOptions();
  options.segment_bytes = 1 << 20;
  options.max_batch_bytes = 1000;
  options.spare_segments = 0;
  Open(options);
  const int64_t syncs = disk_.syncs();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(log_->Append(1, EntryType::kData, Bytes(std::string(352, 'x')), {}).ok());
  ASSERT_EQ(log_->Flush(), OkStatus());
  EXPECT_EQ(disk_.syncs() - syncs, 5);  // two records of 400 bytes each time
}

TEST_F(SegmentedLogTest, CompletesABatchOnlyAfterItsSync) {
  Open();
  std::vector<std::pair<LogIndex, int64_t>> completed;
  const int64_t syncs = disk_.syncs();
  for (LogIndex i = 1; i <= 3; ++i) {
    ASSERT_TRUE(log_->Append(1, EntryType::kData, Bytes("entry"),
                             [&, i](const Status& status) {
                               EXPECT_EQ(status, OkStatus());
                               completed.emplace_back(i, disk_.syncs() - syncs);
                             })
                    .ok());
  }
  EXPECT_TRUE(completed.empty());
  ASSERT_EQ(log_->Flush(), OkStatus());
  EXPECT_EQ(completed, (std::vector<std::pair<LogIndex, int64_t>>{{1, 1}, {2, 1}, {3, 1}}));
}

TEST_F(SegmentedLogTest, GathersABatchWhileTheOneBeforeIsCompleting) {
  Open(SmallOptions(), false);
  std::mutex mutex;
  std::condition_variable changed;
  bool first_running = false;
  bool release = false;
  ASSERT_TRUE(log_->Append(1, EntryType::kData, Bytes("first"),
                           [&](const Status&) {
                             std::unique_lock lock(mutex);
                             first_running = true;
                             changed.notify_all();
                             changed.wait(lock, [&] { return release; });
                           })
                  .ok());
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return first_running; });
  }
  const int64_t syncs = disk_.syncs();
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(log_->Append(1, EntryType::kData, Bytes("more"), {}).ok());
  {
    const std::lock_guard lock(mutex);
    release = true;
  }
  changed.notify_all();
  ASSERT_EQ(log_->Flush(), OkStatus());
  const int64_t made = disk_.syncs() - syncs;
  EXPECT_LE(made, 2);  // one for thirty entries; one more if a spare was being made just then
}

TEST_F(SegmentedLogTest, BlocksAppendersBeyondTheQueueLimitAndLetsThemGoOn) {
  auto options = SmallOptions();
  options.max_queued_bytes = 1000;
  Open(options, false);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) EXPECT_TRUE(log_->Append(1, EntryType::kData, Bytes(std::string(900, 'x')), {}).ok());
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_EQ(log_->Flush(), OkStatus());
  EXPECT_EQ(ReadAll(*log_).size(), 200u);
}

TEST_F(SegmentedLogTest, LetsACompletionAppendButNotWait) {
  Open(SmallOptions(), false);
  std::mutex mutex;
  std::condition_variable changed;
  int done = 0;
  Status flushed;
  ASSERT_TRUE(log_->Append(1, EntryType::kData, Bytes("a"),
                           [&](const Status&) {
                             const Status answer = log_->Flush();
                             EXPECT_TRUE(log_->Append(1, EntryType::kData, Bytes("b"),
                                                      [&](const Status&) {
                                                        const std::lock_guard lock(mutex);
                                                        ++done;
                                                        changed.notify_all();
                                                      })
                                             .ok());
                             const std::lock_guard lock(mutex);
                             flushed = answer;
                           })
                  .ok());
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done == 1; });
  EXPECT_EQ(flushed.code(), Code::kFailedPrecondition);
}

TEST_F(SegmentedLogTest, DestructorMakesTheQueueDurable) {
  Open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(log_->Append(1, EntryType::kData, Bytes("entry"), {}).ok());
  log_.reset();
  disk_.inner().PowerCutLosingAll();
  Open();
  EXPECT_EQ(log_->last_index(), 10u);
}

TEST_F(SegmentedLogTest, RefusesTheLogOfAnotherClusterNodeOrGroup) {
  Open();
  Append(1);
  auto options = SmallOptions();
  options.cluster_id = 0xC2;
  Status status = OpenStatus(options);
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_NE(status.message().find("belongs to cluster c1"), std::string::npos) << status;
  options = SmallOptions();
  options.node_id = 8;
  EXPECT_EQ(OpenStatus(options).code(), Code::kFailedPrecondition);
  options = SmallOptions();
  options.group = "other";
  EXPECT_EQ(OpenStatus(options).code(), Code::kFailedPrecondition);
  EXPECT_EQ(OpenStatus(), OkStatus());

  // One foreign segment among one's own.
  ASSERT_EQ(disk_.CreateDirectories("/other"), OkStatus());
  options = SmallOptions();
  options.directory = "/other";
  options.node_id = 8;
  { ASSERT_TRUE(SegmentedLog::Open(disk_, options, {.on_fatal = {}, .by_hand = true}).ok()); }
  ASSERT_EQ(disk_.Rename("/other/0000000000000001.seg", std::string(kLogFolder) + "/0000000000000001.seg"), OkStatus());
  EXPECT_EQ(OpenStatus().code(), Code::kFailedPrecondition);
}

TEST_F(SegmentedLogTest, RefusesImpossibleOptions) {
  for (const uint64_t bytes : {uint64_t{0}, uint64_t{4096}, uint64_t{8193}, uint64_t{8} << 30}) {
    auto options = SmallOptions();
    options.segment_bytes = bytes;
    EXPECT_EQ(OpenStatus(options).code(), Code::kInvalidArgument) << bytes;
  }
  auto options = SmallOptions();
  options.group = std::string(65, 'g');
  EXPECT_EQ(OpenStatus(options).code(), Code::kInvalidArgument);
  options = SmallOptions();
  options.directory = "";
  EXPECT_EQ(OpenStatus(options).code(), Code::kInvalidArgument);
}

TEST_F(SegmentedLogTest, KeepsSparesReadyAndUsesThem) {
  auto options = SmallOptions();
  options.spare_segments = 2;
  Open(options);
  Append(1);
  EXPECT_EQ(log_->spare_count(), 2);
  EXPECT_EQ(Files(".spare").size(), 2u);
  disk_.inner().SetCapacity(8192 * 3 + 3 * 4096);  // what there is and no more
  Append(8 + 8);                                   // fills this segment and begins the next
  EXPECT_EQ(Files(".seg").size(), 2u);
  EXPECT_EQ(log_->spare_count(), 1);
  Append(10);
  EXPECT_EQ(log_->spare_count(), 0);
  EXPECT_EQ(log_->last_index(), 27u);
}

TEST_F(SegmentedLogTest, RecyclesDroppedSegmentsWithoutEverReadingTheirRecords) {
  Open();
  Append(40);
  ASSERT_EQ(Files(".seg").size(), 4u);
  // With a full disk only recycled files can serve.
  disk_.inner().SetCapacity(0);
  for (int round = 0; round < 12; ++round) {
    ASSERT_EQ(log_->TruncatePrefix(log_->last_index() + 1), OkStatus());
    EXPECT_EQ(Files(".seg").size(), 1u);
    EXPECT_LE(log_->spare_count(), 1);
    const LogIndex first = log_->first_index();
    Append(3 + round % 5, 1, static_cast<size_t>(100 + round * 37));
    const Entries before = ReadAll(*log_);
    EXPECT_EQ(before.begin()->first, first);
    Open();
    EXPECT_EQ(ReadAll(*log_), before) << "round " << round;
  }
}

TEST_F(SegmentedLogTest, RecyclesASegmentWhoseStaleRecordsWouldFit) {
  // The hardest stale record: a recycled file holds, at the right place, the very entry that would come next, of the same term.
  Open();
  Append(11, 1);
  ASSERT_EQ(Files(".seg").size(), 1u);
  const std::string old_path = std::string(kLogFolder) + "/0000000000000001.seg";
  auto file = disk_.Open(old_path, storage::OpenMode::kReadWrite);
  ASSERT_TRUE(file.ok());
  std::vector<std::byte> bytes(8192);
  ASSERT_EQ(*(*file)->ReadAt(0, bytes), bytes.size());
  // A second log of the same identity, whose next segment file is a copy of the first one's.
  log_.reset();
  ASSERT_EQ(disk_.RemoveAll(kLogFolder), OkStatus());
  ASSERT_EQ(disk_.CreateDirectories(kLogFolder), OkStatus());
  auto spare = disk_.Open(std::string(kLogFolder) + "/0000000000000001.spare", storage::OpenMode::kCreate);
  ASSERT_TRUE(spare.ok());
  ASSERT_EQ((*spare)->WriteAt(0, bytes), OkStatus());
  Open();
  EXPECT_EQ(log_->last_index(), 0u);
  Append(1, 1);  // equal to the first stale record, byte for byte but for the salt
  Open();
  EXPECT_EQ(log_->last_index(), 1u);
}

TEST_F(SegmentedLogTest, GivesALargeEntryASegmentOfItsOwn) {
  Open();
  Append(1);
  Append(1, 1, 100'000);
  Append(1);
  Append(1, 1, 50'000);
  const Entries before = ReadAll(*log_);
  EXPECT_EQ(before.at(2).text.size(), 100'003u);
  Open();
  EXPECT_EQ(ReadAll(*log_), before);
  ASSERT_EQ(log_->TruncatePrefix(100), OkStatus());
  Open();
  EXPECT_EQ(log_->last_index(), 4u);
  // As the very first entry: its segment replaces the empty one.
  log_.reset();
  ASSERT_EQ(disk_.RemoveAll(kLogFolder), OkStatus());
  Open();
  Append(1, 1, 20'000);
  EXPECT_EQ(Files(".seg").size(), 1u);
  Open();
  EXPECT_EQ(ReadAll(*log_).at(1).text.size(), 20'003u);
}

TEST_F(SegmentedLogTest, ForgetsADroppedSuffixForGood) {
  Open();
  Append(40, 1);
  for (const LogIndex from : {35, 20, 12, 11, 1}) {
    ASSERT_EQ(log_->TruncateSuffix(from), OkStatus());
    disk_.inner().PowerCutLosingAll();
    Open();
    EXPECT_EQ(log_->last_index(), from - 1);
    EXPECT_EQ(ReadAll(*log_).size(), from - 1);
  }
  Append(30, 1);  // the same entries again, over and among the old bytes
  ASSERT_EQ(log_->TruncateSuffix(5), OkStatus());
  Append(1, 1);
  Open();
  EXPECT_EQ(log_->last_index(), 5u);
}

TEST_F(SegmentedLogTest, RefusesToDropASuffixWhileEntriesWait) {
  Open();
  ASSERT_TRUE(log_->Append(1, EntryType::kData, Bytes("x"), {}).ok());
  EXPECT_EQ(log_->TruncateSuffix(1).code(), Code::kFailedPrecondition);
  ASSERT_EQ(log_->Flush(), OkStatus());
  EXPECT_EQ(log_->TruncateSuffix(1), OkStatus());
}

TEST_F(SegmentedLogTest, ReopensAfterAPrefixWasDropped) {
  Open();
  Append(100, 3);
  ASSERT_EQ(log_->TruncatePrefix(60), OkStatus());
  const LogIndex first = log_->first_index();
  EXPECT_GT(first, 40u);
  const Entries before = ReadAll(*log_);
  Open();
  EXPECT_EQ(log_->first_index(), first);
  EXPECT_EQ(ReadAll(*log_), before);
  EXPECT_EQ(log_->last_term(), 3u);
}

TEST_F(SegmentedLogTest, LetsAReadFinishOnASegmentThatIsDropped) {
  auto options = SmallOptions();
  options.spare_segments = 0;
  Open(options);
  Append(40);
  options.spare_segments = 3;  // so that each dropped segment would be a welcome spare
  Open(options);
  const Entries before = ReadAll(*log_);
  Entries seen;
  EXPECT_EQ(log_->Read(1,
                       [&](const EntryView& entry) {
                         seen[entry.index] = {.term = entry.term, .type = entry.type, .text = Text(entry.payload)};
                         if (entry.index == 1) {
                           EXPECT_EQ(log_->TruncatePrefix(40), OkStatus());
                           Append(40, 2);  // would overwrite a recycled file
                         }
                         return OkStatus();
                       }),
            OkStatus());
  EXPECT_EQ(seen, before);
}

TEST_F(SegmentedLogTest, TellsAReadThatItsEntriesWereDropped) {
  auto options = SmallOptions();
  options.segment_bytes = 1 << 20;
  Open(options);
  Append(900, 1, 1000);  // more than a read's window
  Status status;
  status = log_->Read(1, [&](const EntryView& entry) {
    if (entry.index == 1) {
      EXPECT_EQ(log_->TruncateSuffix(2), OkStatus());
      Append(1, 1, 10);
    }
    return OkStatus();
  });
  EXPECT_EQ(status.code(), Code::kAborted) << status;
}

TEST_F(SegmentedLogTest, RefusesToStartWithoutMetaOrSegments) {
  Open();
  Append(40);
  log_.reset();
  const std::string folder = kLogFolder;
  for (const std::string name : {"meta", "0000000000000001.seg", "000000000000000c.seg", "0000000000000022.seg"}) {
    ASSERT_TRUE(disk_.Stat(folder + "/" + name).ok()) << name;
    ASSERT_EQ(disk_.Rename(folder + "/" + name, "/aside"), OkStatus());
    const Status status = OpenStatus();
    EXPECT_EQ(status.code(), Code::kCorruption) << name;
    EXPECT_NE(status.message().find(name == "meta" ? "meta" : ".seg"), std::string::npos) << status;
    ASSERT_EQ(disk_.Rename("/aside", folder + "/" + name), OkStatus());
  }
  EXPECT_EQ(OpenStatus(), OkStatus());
}

TEST_F(SegmentedLogTest, RemovesHalfMadeFilesAndLeavesStrangersAlone) {
  Open();
  Append(1);
  log_.reset();
  for (const char* name : {"/log/0000000000000009.spare.tmp", "/log/meta.tmp", "/log/notes.txt"}) {
    ASSERT_TRUE(disk_.Open(name, storage::OpenMode::kCreate).ok());
  }
  Open();
  EXPECT_TRUE(Files(".tmp").empty());
  EXPECT_EQ(Files(".txt").size(), 1u);
}

TEST_F(SegmentedLogTest, FailsEverythingAfterAFailedSync) {
  Open();
  Append(1);
  std::vector<Status> completed;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(log_->Append(1, EntryType::kData, Bytes("x"), [&](const Status& status) { completed.push_back(status); }).ok());
  }
  disk_.inner().FailNextSyncs(1);
  EXPECT_EQ(log_->Flush().code(), Code::kIoError);
  ASSERT_EQ(fatal_.size(), 1u);
  EXPECT_NE(fatal_[0].message().find("/log/0000000000000001.seg"), std::string::npos) << fatal_[0];
  ASSERT_EQ(completed.size(), 3u);
  for (const auto& status : completed) EXPECT_EQ(status.code(), Code::kIoError);
  EXPECT_EQ(log_->Append(1, EntryType::kData, Bytes("x"), {}).status().code(), Code::kIoError);
  EXPECT_EQ(log_->durable_index(), 1u);
  const int64_t writes = disk_.writes();
  log_.reset();
  EXPECT_EQ(disk_.writes(), writes) << "a failed log must not be written any more";
}

TEST(SegmentedLogOnTheMachinesDisk, IsUsedByOneAtATimeAndFoundAgain) {
  std::string folder = (std::filesystem::temp_directory_path() / "tusk-log-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  auto options = SmallOptions();
  options.directory = folder + "/deep/log";
  Entries before;
  {
    auto log = Log::Open(storage::Disk::Posix(), options);
    ASSERT_TRUE(log.ok()) << log.status();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE((*log)->Append(1, EntryType::kData, Bytes(std::string(300, 'x')), {}).ok());
    ASSERT_EQ((*log)->Flush(), OkStatus());
    before = ReadAll(**log);
    const Status second = Log::Open(storage::Disk::Posix(), options).status();
    EXPECT_EQ(second.code(), Code::kFailedPrecondition);
    EXPECT_NE(second.message().find(options.directory), std::string::npos) << second;
  }
  {
    auto log = Log::Open(storage::Disk::Posix(), options);
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ(before.size(), 50u);
    EXPECT_EQ(ReadAll(**log), before);
    EXPECT_EQ((*log)->TruncatePrefix(40), OkStatus());
    EXPECT_EQ((*log)->TruncateSuffix(45), OkStatus());
  }
  auto log = Log::Open(storage::Disk::Posix(), options);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ((*log)->last_index(), 44u);
  log->reset();
  std::filesystem::remove_all(folder);
}

TEST(SegmentedLogDeathTest, EndsTheProcessWhenASyncFails) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        storage::MemoryDisk disk;
        auto log = Log::Open(disk, SmallOptions());
        disk.FailNextSyncs(1000);
        (*log)->Append(1, EntryType::kData, Bytes("x"), {}).status().ok();
        (*log)->Flush().ok();
      },
      "the log in /log cannot go on.*cannot sync /log/0000000000000001.seg");
}

TEST(SegmentedLogDeathTest, EndsTheProcessWhenTheDiskIsFullAndNoSpareIsLeft) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        storage::MemoryDisk disk;
        auto options = SmallOptions();
        options.spare_segments = 0;
        auto log = Log::Open(disk, options);
        disk.SetCapacity(0);
        for (int i = 0; i < 100; ++i) (*log)->Append(1, EntryType::kData, Bytes(std::string(300, 'x')), {}).status().ok();
        (*log)->Flush().ok();
      },
      "no room for the log's next segment /log/000000000000000c.seg: .*free space on this disk");
}

}  // namespace
}  // namespace tusk::coordination
