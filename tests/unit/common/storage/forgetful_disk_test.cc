#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/storage/disk.h"
#include "common/storage/memory_disk.h"

namespace tusk::storage {
namespace {

constexpr std::string_view kPath = "/d/a";

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
std::string Get(Disk& disk, const std::string& path) {
  auto text = ReadFile(disk, path);
  return text.ok() ? *text : std::string(CodeName(text.status().code()));
}

std::unique_ptr<File> Create(Disk& disk, std::string_view path, std::string_view text = "") {
  EXPECT_EQ(disk.CreateDirectories("/d"), OkStatus());
  auto file = disk.Open(std::string(path), OpenMode::kCreate);
  EXPECT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->WriteAt(0, Bytes(text)), OkStatus());
  return std::move(file).value();
}

TEST(MemoryDisk, AnswersNoSpaceBeyondItsCapacityAndKeepsWhatItHas) {
  MemoryDisk disk;
  auto file = Create(disk, kPath, "1234");
  disk.SetCapacity(10);
  EXPECT_EQ(disk.Space("/")->available, 6u);
  EXPECT_EQ(file->WriteAt(4, Bytes("567890")), OkStatus());
  const Status full = file->WriteAt(10, Bytes("x"));
  EXPECT_EQ(full.code(), Code::kNoSpace);
  EXPECT_NE(full.message().find(kPath), std::string::npos) << full;
  EXPECT_EQ(file->Allocate(11).code(), Code::kNoSpace);
  EXPECT_EQ(file->WriteAt(0, Bytes("abc")), OkStatus());  // in place
  EXPECT_EQ(Get(disk, std::string(kPath)), "abc4567890");
  EXPECT_EQ(file->Truncate(3), OkStatus());
  EXPECT_EQ(file->WriteAt(3, Bytes("x")), OkStatus());
}

TEST(MemoryDisk, FailsAsManySyncsAsAsked) {
  MemoryDisk disk;
  auto file = Create(disk, kPath, "x");
  disk.FailNextSyncs(2);
  EXPECT_EQ(file->Sync().code(), Code::kIoError);
  EXPECT_EQ(file->Sync().code(), Code::kIoError);
  EXPECT_EQ(file->Sync(), OkStatus());
}

TEST(MemoryDisk, FlipsBits) {
  MemoryDisk disk;
  auto file = Create(disk, kPath, "abc");
  disk.CorruptByte(std::string(kPath), 1, std::byte{0x20});
  EXPECT_EQ(Get(disk, std::string(kPath)), "aBc");
}

TEST(ForgetfulDisk, KeepsSyncedBytesUnderSyncedNames) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    ForgetfulDisk disk(seed);
    auto file = Create(disk, kPath, "text");
    ASSERT_EQ(file->Sync(), OkStatus());
    ASSERT_EQ(disk.SyncDirectory("/d"), OkStatus());
    seed % 2 == 0 ? disk.PowerCut() : disk.PowerCutLosingAll();
    EXPECT_EQ(Get(disk, std::string(kPath)), "text") << "seed " << seed;
  }
}

TEST(ForgetfulDisk, LosesUnsyncedNamesAndBytesInTheHarshestCut) {
  ForgetfulDisk disk(1);
  auto file = Create(disk, kPath, "text");
  ASSERT_EQ(file->Sync(), OkStatus());
  disk.PowerCutLosingAll();
  EXPECT_EQ(Get(disk, std::string(kPath)), "NOT_FOUND");

  file = Create(disk, kPath, "text");
  ASSERT_EQ(file->Sync(), OkStatus());
  ASSERT_EQ(disk.SyncDirectory("/d"), OkStatus());
  ASSERT_EQ(file->WriteAt(0, Bytes("TEXT and more")), OkStatus());
  disk.PowerCutLosingAll();
  EXPECT_EQ(Get(disk, std::string(kPath)), "text");

  ASSERT_EQ(disk.Remove(std::string(kPath)), OkStatus());
  disk.PowerCutLosingAll();
  EXPECT_EQ(Get(disk, std::string(kPath)), "text");  // a removal is forgotten as well
}

TEST(ForgetfulDisk, CreatesFoldersForGood) {
  ForgetfulDisk disk(1);
  ASSERT_EQ(disk.CreateDirectories("/a/b/c"), OkStatus());
  disk.PowerCutLosingAll();
  EXPECT_TRUE(disk.Stat("/a/b/c").ok());
}

TEST(ForgetfulDisk, LetsUnsyncedNamesSurviveSometimes) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    ForgetfulDisk disk(seed);
    ASSERT_EQ(Create(disk, kPath, "old")->Sync(), OkStatus());
    ASSERT_EQ(disk.SyncDirectory("/d"), OkStatus());
    ASSERT_EQ(Create(disk, "/d/b", "new")->Sync(), OkStatus());
    ASSERT_EQ(disk.Rename("/d/b", std::string(kPath)), OkStatus());
    disk.PowerCut();
    outcomes.insert(Get(disk, std::string(kPath)) + " " + Get(disk, "/d/b"));
  }
  // The rename happened or not, and without it the new name is there or not; never is the old file lost.
  EXPECT_EQ(outcomes, (std::set<std::string>{"new NOT_FOUND", "old NOT_FOUND", "old new"}));
}

TEST(ForgetfulDisk, MovesAFileToOneNameOrTheOther) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    ForgetfulDisk disk(seed);
    ASSERT_EQ(disk.CreateDirectories("/e"), OkStatus());
    ASSERT_EQ(Create(disk, kPath, "text")->Sync(), OkStatus());
    ASSERT_EQ(disk.SyncDirectory("/d"), OkStatus());
    ASSERT_EQ(disk.Rename(std::string(kPath), "/e/a"), OkStatus());
    disk.PowerCut();
    outcomes.insert(Get(disk, std::string(kPath)) + " " + Get(disk, "/e/a"));
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"text NOT_FOUND", "NOT_FOUND text"}));
}

TEST(ForgetfulDisk, TearsUnsyncedWritesAtSectors) {
  const std::string old_text(4096, 'o');
  const std::string new_text(4096, 'n');
  int torn = 0;
  int none = 0;
  int whole = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    ForgetfulDisk disk(seed);
    auto file = Create(disk, kPath, old_text);
    ASSERT_EQ(file->Sync(), OkStatus());
    ASSERT_EQ(disk.SyncDirectory("/d"), OkStatus());
    ASSERT_EQ(file->WriteAt(100, Bytes(new_text)), OkStatus());
    disk.PowerCut();
    const std::string left = Get(disk, std::string(kPath));
    ASSERT_GE(left.size(), old_text.size()) << "seed " << seed;
    EXPECT_EQ(left.substr(0, 100), old_text.substr(0, 100));
    for (size_t sector = 0; sector < 8; ++sector) {  // within a sector all is old or all is new
      const std::string_view piece = std::string_view(left).substr(std::max<size_t>(sector * 512, 100), sector == 0 ? 412 : 512);
      EXPECT_EQ(piece.find_first_not_of(piece.front()), std::string_view::npos) << "seed " << seed;
    }
    const auto changed = std::count(left.begin(), left.end(), 'n');
    (changed == 0 ? none : changed == 4096 ? whole : torn)++;
  }
  EXPECT_GT(none, 20);
  EXPECT_GT(whole, 20);
  EXPECT_GT(torn, 20);
}

TEST(ForgetfulDisk, KillsFilesThatWereOpen) {
  ForgetfulDisk disk(1);
  auto file = Create(disk, kPath, "text");
  ASSERT_EQ(file->Sync(), OkStatus());
  ASSERT_EQ(disk.SyncDirectory("/d"), OkStatus());
  disk.PowerCut();
  std::string out(4, ' ');
  EXPECT_EQ(file->ReadAt(0, std::as_writable_bytes(std::span(out))).status().code(), Code::kIoError);
  EXPECT_EQ(file->WriteAt(0, Bytes("x")).code(), Code::kIoError);
  EXPECT_EQ(file->Sync().code(), Code::kIoError);
  EXPECT_TRUE(disk.Open(std::string(kPath), OpenMode::kRead).ok());
}

TEST(ForgetfulDisk, NeverWritesBackWhatAFailedSyncDropped) {
  ForgetfulDisk disk(1);
  auto file = Create(disk, kPath, "text");
  ASSERT_EQ(file->Sync(), OkStatus());
  ASSERT_EQ(disk.SyncDirectory("/d"), OkStatus());
  ASSERT_EQ(file->WriteAt(0, Bytes("TEXT")), OkStatus());
  disk.FailNextSyncs(1);
  EXPECT_EQ(file->Sync().code(), Code::kIoError);
  EXPECT_EQ(file->Sync(), OkStatus());  // a lie, as on Linux
  EXPECT_EQ(Get(disk, std::string(kPath)), "TEXT");
  disk.PowerCut();
  EXPECT_EQ(Get(disk, std::string(kPath)), "text");
}

TEST(ForgetfulDisk, ReplacesAFileAtomically) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    ForgetfulDisk disk(seed);
    ASSERT_EQ(disk.CreateDirectories("/d"), OkStatus());
    ASSERT_EQ(WriteFileAtomically(disk, std::string(kPath), "one"), OkStatus());
    disk.PowerCut();
    ASSERT_EQ(Get(disk, std::string(kPath)), "one") << "seed " << seed;
    disk.FailNextSyncs(1);
    ASSERT_EQ(WriteFileAtomically(disk, std::string(kPath), "two").code(), Code::kIoError);
    disk.PowerCut();
    ASSERT_EQ(Get(disk, std::string(kPath)), "one") << "seed " << seed;
  }
}

TEST(ForgetfulDisk, ChoosesTheSameForTheSameSeed) {
  const auto run = [](uint64_t seed) {
    ForgetfulDisk disk(seed);
    auto file = Create(disk, kPath, std::string(5000, 'x'));
    EXPECT_EQ(disk.SyncDirectory("/d"), OkStatus());
    EXPECT_EQ(file->WriteAt(2000, Bytes(std::string(5000, 'y'))), OkStatus());
    disk.PowerCut();
    return Get(disk, std::string(kPath));
  };
  for (uint64_t seed = 0; seed < 20; ++seed) EXPECT_EQ(run(seed), run(seed));
}

}  // namespace
}  // namespace tusk::storage
