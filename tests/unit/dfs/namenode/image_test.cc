// fsimages: their bytes, what a reader makes of damaged ones, and from what a start builds the state.
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <map>

#include "common/storage/memory_disk.h"
#include "coordination/log/segmented_log.h"
#include "dfs/namenode/image/image_reader.h"
#include "dfs/namenode/image/image_writer.h"
#include "dfs/namenode/image/snapshots.h"
#include "dfs/namenode/image/state_recovery.h"
#include "dfs/namenode/journal/journal.h"
#include "dfs/namenode/ops/apply.h"

namespace tusk::dfs::namenode {
namespace {

constexpr uint64_t kCluster = 42;
using Entries = std::map<std::string, std::string>;

Result<Entries> ReadAll(storage::Disk& disk, const std::string& path) {
  auto reader = ImageReader::Open(disk, path, kCluster);
  if (!reader.ok()) return reader.status();
  Entries entries;
  const Status read = (*reader)->Read([&](std::string_view key, std::string_view value) {
    entries.emplace(key, value);
    return OkStatus();
  });
  if (!read.ok()) return read;
  return entries;
}

uint64_t WriteImage(storage::Disk& disk, const std::string& path, const Entries& entries) {
  auto writer = ImageWriter::Create(disk, path, {kCluster, 7});
  EXPECT_TRUE(writer.ok()) << writer.status();
  for (const auto& [key, value] : entries) EXPECT_TRUE((*writer)->Add(key, value).ok());
  const auto bytes = (*writer)->Finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return *bytes;
}

TEST(FsImage, GivesBackWhatWasWritten) {
  storage::MemoryDisk disk;
  Entries entries;
  for (int i = 0; i < 30'000; ++i) entries["I" + std::to_string(i)] = std::string(static_cast<size_t>(i % 300), 'v');
  WriteImage(disk, "/image", entries);
  const auto read = ReadAll(disk, "/image");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, entries);
  EXPECT_FALSE(disk.Stat("/image.tmp").ok());
  WriteImage(disk, "/empty", {});
  EXPECT_TRUE(ReadAll(disk, "/empty")->empty());
}

TEST(FsImage, OfOldVersionsIsReadToday) {
  // Written by the first version; docs/formats/fsimage.md explains it.
  static constexpr unsigned char kGolden[] = {
      0x74, 0x75, 0x73, 0x6b, 0x66, 0x73, 0x69, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x2a, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x8a, 0x12, 0xb9, 0x41,
      0x0c, 0x00, 0x00, 0x00, 0x15, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x0c,
      0x61, 0x00, 0x00, 0x02, 0x44, 0x61, 0x01, 0x31, 0x01, 0x4d, 0x04, 0x6d, 0x65, 0x74, 0x61, 0x3f, 0x60, 0xf0,
      0xb9, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd8, 0xce, 0x42, 0x84};
  storage::MemoryDisk disk;
  {
    auto file = disk.Open("/golden", storage::OpenMode::kCreate);
    ASSERT_TRUE(file.ok() && (*file)->WriteAt(0, std::as_bytes(std::span(kGolden))).ok());
  }
  const auto read = ReadAll(disk, "/golden");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, (Entries{{"Da", "1"}, {"M", "meta"}}));
  EXPECT_EQ((*ImageReader::Open(disk, "/golden", kCluster))->header().applied, 7u);
}

TEST(FsImage, AnyFlippedBitIsFound) {
  storage::MemoryDisk disk;
  const uint64_t bytes = WriteImage(disk, "/image", {{"Da", "1"}, {"Db", std::string(200, 'x')}, {"M", "meta"}});
  for (uint64_t at = 0; at < bytes; ++at) {
    for (const int bit : {0, 7}) {
      disk.CorruptByte("/image", at, static_cast<std::byte>(1 << bit));
      const auto read = ReadAll(disk, "/image");
      EXPECT_FALSE(read.ok()) << "bit " << bit << " of byte " << at;
      EXPECT_NE(read.status().message().find("/image"), std::string::npos);
      disk.CorruptByte("/image", at, static_cast<std::byte>(1 << bit));
    }
  }
  EXPECT_TRUE(ReadAll(disk, "/image").ok());
}

TEST(FsImage, CutAnywhereOrContinuedIsRefused) {
  storage::MemoryDisk disk;
  const uint64_t bytes = WriteImage(disk, "/image", {{"Da", "1"}, {"M", "meta"}});
  auto file = std::move(*disk.Open("/image", storage::OpenMode::kReadWrite));
  ASSERT_TRUE(file->WriteAt(bytes, std::as_bytes(std::span("x", 1))).ok());
  EXPECT_EQ(ReadAll(disk, "/image").status().code(), Code::kCorruption);
  for (uint64_t size = bytes; size-- > 0;) {
    ASSERT_TRUE(file->Truncate(size).ok());
    EXPECT_EQ(ReadAll(disk, "/image").status().code(), Code::kCorruption) << size;
  }
}

TEST(FsImage, OfAnotherClusterIsRefused) {
  storage::MemoryDisk disk;
  WriteImage(disk, "/image", {{"M", "meta"}});
  EXPECT_EQ(ImageReader::Open(disk, "/image", kCluster + 1).status().code(), Code::kFailedPrecondition);
}

// A NameNode's folder whose state can be lost, with a log in small segments.
class Recovery : public ::testing::Test {
 protected:
  Recovery() : images_(disk_, "/image") {
    coordination::Log::Options options;
    options.directory = "/log";
    options.segment_bytes = 8 << 10;
    options.spare_segments = 0;
    auto log = coordination::SegmentedLog::Open(disk_, options, {.on_fatal = {}, .by_hand = true});
    EXPECT_TRUE(log.ok()) << log.status();
    log_ = std::move(*log);
    options_.background = false;
  }
  // The state is lost each time: its store is a new one.
  Result<std::unique_ptr<Namespace>> Start() {
    StatePlace place;
    place.name = "/state";
    place.open = [] {
      storage::KeyValueStore::Options memory;
      memory.in_memory = true;
      return storage::KeyValueStore::Open("/state", memory);
    };
    place.clear = [] { return OkStatus(); };
    place.trust = [] { return OkStatus(); };
    auto state = RecoverState(place, images_, kCluster, *log_, options_);
    if (!state.ok()) return state;
    const Status replayed = Journal::Replay(
        *log_, (*state)->applied(),
        [&](coordination::LogIndex index, edit::Edit::Reader edit) { return (*state)->Apply(index, edit).answer; });
    if (!replayed.ok()) return replayed;
    return state;
  }
  std::unique_ptr<Namespace> StartAndSaveTwice() {
    auto state = *Start();
    for (int i = 0; i < 2; ++i) {
      MakeDirectories(*state, 100);
      Save(*state);
    }
    return state;
  }
  void MakeDirectories(Namespace& state, int count) {
    for (int i = 0; i < count; ++i) {
      capnp::MallocMessageBuilder message;
      auto edit = message.initRoot<edit::Edit>();
      edit.setVersion(1);
      auto mkdirs = edit.initMkdirs();
      const std::string path = "/d" + std::to_string(state.applied());
      mkdirs.setPath(DataOf(path));
      const auto words = capnp::messageToFlatArray(message);
      const auto bytes = std::as_bytes(std::span(words.asBytes().begin(), words.asBytes().size()));
      const auto index = log_->Append(1, coordination::EntryType::kData, bytes, {});
      ASSERT_TRUE(index.ok()) << index.status();
      ASSERT_TRUE(log_->Flush().ok());
      state.Apply(*index, edit.asReader());
    }
  }
  void Save(Namespace& state) {
    state.store().FlushAndWait();
    const auto saved = SaveImage(state.store().store(), *log_, images_, kCluster);
    ASSERT_TRUE(saved.ok()) << saved.status();
    EXPECT_EQ(saved->applied, state.applied());
  }
  void Damage(const std::string& path) { disk_.CorruptByte(path, 60, std::byte{1}); }

  storage::MemoryDisk disk_;
  ImageFolder images_;
  std::unique_ptr<coordination::Log> log_;
  Namespace::Options options_;
};

TEST_F(Recovery, GoesOnFromTheNewestImageAndTheLogsTail) {
  auto state = *Start();
  MakeDirectories(*state, 100);
  Save(*state);
  EXPECT_EQ(log_->first_index(), 1u) << "one image alone does not replace the log";
  MakeDirectories(*state, 100);
  Save(*state);
  EXPECT_GT(log_->first_index(), 1u) << "the log keeps what two images hold";
  EXPECT_LE(log_->first_index(), 101u) << "the log has lost what the older image needs";
  MakeDirectories(*state, 50);
  const uint32_t digest = state->Digest();
  auto again = Start();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->applied(), 250u);
  EXPECT_EQ((*again)->Digest(), digest);
  // A third image: the oldest goes.
  Save(*state);
  EXPECT_EQ(images_.List()->size(), ImageFolder::kKept);
  EXPECT_EQ(images_.List()->front().applied, 250u);
}

TEST_F(Recovery, UsesTheOlderImageWhenTheNewerIsDamaged) {
  auto state = StartAndSaveTwice();
  MakeDirectories(*state, 10);
  Damage(images_.List()->front().path);
  auto again = Start();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->Digest(), state->Digest());
}

TEST_F(Recovery, ADamagedNewestImageIsSetAsideAndAnotherOneIsDue) {
  auto state = StartAndSaveTwice();
  const auto images = *images_.List();
  Damage(images[0].path);
  auto again = Start();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(disk_.Stat(images[0].path + ".damaged").ok());
  ASSERT_EQ(images_.List()->size(), 1u) << "it does not count any more";
  EXPECT_EQ(images_.List()->front().path, images[1].path);
  ASSERT_GT(log_->first_index(), 1u);

  Namespace& now = **again;
  SimulatedClock clock;
  asio::io_context context;
  Snapshots::Options options;
  options.cluster_id = kCluster;
  Snapshots snapshots(clock, options, now.store(), *log_, images_);
  const auto work = asio::make_work_guard(context);
  bool done = false;
  asio::co_spawn(
      context,
      [&]() -> Task<void> {
        co_await snapshots.SaveIfDue(now.applied());
        done = true;
      },
      asio::detached);
  while (!done && context.run_one_for(std::chrono::seconds(10)) > 0) {
  }
  ASSERT_TRUE(done);
  ASSERT_EQ(images_.List()->size(), 2u) << "two whole ones, at once";
  EXPECT_LE(log_->first_index(), images[1].applied + 1) << "the log has lost what the older image needs";
}

TEST_F(Recovery, AnImageDamagedSinceItWasWrittenDoesNotCountAsOneOfTwo) {
  auto state = StartAndSaveTwice();
  const auto images = *images_.List();
  const auto first = log_->first_index();
  Damage(images[0].path);  // nobody reads it while the applied state is whole
  MakeDirectories(*state, 100);
  Save(*state);
  ASSERT_EQ(images_.List()->size(), 2u);
  EXPECT_EQ(images_.List()->back().path, images[1].path) << "the older whole one stays";
  EXPECT_EQ(log_->first_index(), first);
  Damage(images_.List()->front().path);
  auto again = Start();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->Digest(), state->Digest());
}

TEST_F(Recovery, SaysWhatIsDamagedWhenNothingIsLeft) {
  auto state = StartAndSaveTwice();
  const auto images = *images_.List();
  for (const ImageName& image : images) Damage(image.path);
  const auto again = Start();
  ASSERT_EQ(again.status().code(), Code::kCorruption) << again.status();
  for (const ImageName& image : images) {
    EXPECT_NE(again.status().message().find(image.path), std::string::npos) << again.status();
  }
  EXPECT_EQ(images_.List()->size(), images.size()) << "they keep their names, so that the next start can say the same";
}

TEST_F(Recovery, UsesTheWholeLogWhenImagesAreDamagedButItIsWhole) {
  auto state = *Start();
  MakeDirectories(*state, 20);
  Save(*state);
  Damage(images_.List()->front().path);
  auto again = Start();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->Digest(), state->Digest());
}

TEST_F(Recovery, RefusesALogThatEndsBeforeTheImage) {
  auto state = *Start();
  MakeDirectories(*state, 20);
  Save(*state);
  ASSERT_TRUE(log_->TruncateSuffix(11).ok());
  const auto again = Start();
  EXPECT_EQ(again.status().code(), Code::kCorruption) << again.status();
}

TEST_F(Recovery, LeavesNoHalfImageBehind) {
  auto state = *Start();
  MakeDirectories(*state, 5);
  state->store().FlushAndWait();
  {
    ASSERT_TRUE(images_.Prepare().ok());
    auto writer = ImageWriter::Create(disk_, images_.PathOf(5), {kCluster, 5});
    ASSERT_TRUE(writer.ok() && (*writer)->Add("M", "half").ok());
  }
  EXPECT_TRUE(images_.List()->empty());
  Save(*state);
  EXPECT_EQ(disk_.List("/image")->size(), 1u);
}

}  // namespace
}  // namespace tusk::dfs::namenode
