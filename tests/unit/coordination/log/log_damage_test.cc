// Bit rot: whatever single bit flips, no wrong entry, term or vote is ever answered, and no acknowledged entry vanishes silently.
#include <gtest/gtest.h>

#include "tests/unit/coordination/log/log_fixture.h"

namespace tusk::coordination {
namespace {

using FileBytes = std::map<std::string, std::vector<std::byte>>;

Result<std::unique_ptr<SegmentedLog>> OpenByHand(storage::Disk& disk) {
  auto options = SmallOptions();
  options.spare_segments = 0;
  return SegmentedLog::Open(disk, options, {.on_fatal = [](const Status&) {}, .by_hand = true});
}

FileBytes Image(storage::Disk& disk) {
  FileBytes image;
  const auto files = disk.List(kLogFolder).value();
  for (const auto& info : files) {
    std::vector<std::byte> bytes(info.size);
    auto file = disk.Open(storage::JoinPath(kLogFolder, info.name), storage::OpenMode::kRead);
    EXPECT_EQ((*file)->ReadAt(0, bytes).value(), bytes.size());
    image[info.name] = std::move(bytes);
  }
  return image;
}

std::unique_ptr<storage::MemoryDisk> DiskOf(const FileBytes& image) {
  auto disk = std::make_unique<storage::MemoryDisk>();
  EXPECT_EQ(disk->CreateDirectories(kLogFolder), OkStatus());
  for (const auto& [name, bytes] : image) {
    auto file = disk->Open(storage::JoinPath(kLogFolder, name), storage::OpenMode::kCreate);
    EXPECT_EQ((*file)->WriteAt(0, bytes), OkStatus());
  }
  return disk;
}

struct Sample {
  FileBytes image;
  Entries entries;
  HardState hard_state;
};

// Two segments, several batches; `closed` as after an orderly end, else as after the death of the process.
Sample MakeSample(bool closed) {
  storage::MemoryDisk disk;
  Sample sample;
  auto log = OpenByHand(disk).value();
  EXPECT_EQ(log->SetHardState({.term = 3, .voted_for = 1}), OkStatus());
  EXPECT_EQ(log->SetHardState({.term = 4, .voted_for = 2}), OkStatus());
  for (int i = 1; i <= 7; ++i) {
    const std::string text = std::string(i == 4 ? 4000 : static_cast<size_t>(i), static_cast<char>('a' + i));
    EXPECT_TRUE(log->Append(static_cast<Term>(i), EntryType::kData, Bytes(text), {}).ok());
    if (i == 5) continue;  // with the sixth, one batch
    EXPECT_EQ(log->Flush(), OkStatus());
  }
  sample.entries = ReadAll(*log);
  sample.hard_state = log->hard_state();
  if (closed) log.reset();
  sample.image = Image(disk);
  return sample;
}

// What stands in the file where a flip could matter: everything but long runs of zeroes, of which one bit in each 64 bytes.
std::vector<uint64_t> InterestingBits(const std::vector<std::byte>& bytes) {
  std::vector<uint64_t> bits;
  for (uint64_t at = 0; at < bytes.size(); ++at) {
    bool quiet = true;
    for (uint64_t near = at < 8 ? 0 : at - 8; near < std::min<uint64_t>(at + 8, bytes.size()); ++near) {
      quiet = quiet && (bytes[near] == std::byte{0} || bytes[near] == std::byte{'e'});  // 'e': the 4,000-byte payload
    }
    if (!quiet) {
      for (uint64_t bit = 0; bit < 8; ++bit) bits.push_back(at * 8 + bit);
    } else if (at % 64 == 0) {
      bits.push_back(at * 8 + at / 64 % 8);
    }
  }
  return bits;
}

void EraseHint(Sample& sample) {
  auto& meta = sample.image.at("meta");
  std::fill(meta.begin() + kHintOffset, meta.end(), std::byte{0});
}

struct Tally {
  int same = 0;
  int refused = 0;
  int cut = 0;
};

void FlipEveryBit(const Sample& sample, bool may_cut_last, Tally* tally) {
  for (const auto& [name, bytes] : sample.image) {
    for (const uint64_t bit : InterestingBits(bytes)) {
      FileBytes image = sample.image;
      image[name][bit / 8] ^= std::byte{1} << (bit % 8);
      const auto disk = DiskOf(image);
      auto log = OpenByHand(*disk);
      if (!log.ok()) {
        ASSERT_TRUE(log.status().code() == Code::kCorruption) << name << " bit " << bit << ": " << log.status();
        ASSERT_NE(log.status().message().find(name), std::string::npos) << log.status();
        ++tally->refused;
        // The evidence is left as it is.
        ASSERT_EQ(Image(*disk), image) << name << " bit " << bit;
        continue;
      }
      ASSERT_EQ((*log)->hard_state(), sample.hard_state) << name << " bit " << bit;
      const Entries entries = ReadAll(**log);
      if (entries == sample.entries) {
        ++tally->same;
        continue;
      }
      ASSERT_TRUE(may_cut_last) << name << " bit " << bit << ": an acknowledged entry is gone";
      Entries expected = sample.entries;
      expected.erase(std::prev(expected.end()));
      ASSERT_EQ(entries, expected) << name << " bit " << bit;
      ++tally->cut;
    }
  }
}

TEST(LogDamage, IsNoticedAtEveryBitOfAnOrderlyClosedLog) {
  Sample sample = MakeSample(true);
  EraseHint(sample);  // the meta knows by itself
  Tally tally;
  FlipEveryBit(sample, false, &tally);
  EXPECT_GT(tally.refused, 3000);
  EXPECT_GT(tally.same, 500);  // meta slots, of which there are two; and bytes that mean nothing
}

TEST(LogDamage, IsNoticedAtEveryBitAfterTheProcessDied) {
  Tally tally;
  FlipEveryBit(MakeSample(false), false, &tally);  // the hint tells that the last entry was acknowledged
  EXPECT_GT(tally.refused, 3000);
}

TEST(LogDamage, CutsAtMostTheLastBatchWhenTheHintIsLostToo) {
  Sample sample = MakeSample(false);
  EraseHint(sample);
  Tally tally;
  FlipEveryBit(sample, true, &tally);
  EXPECT_GT(tally.refused, 2500);
  EXPECT_GT(tally.cut, 100);
}

TEST(LogDamage, OfAMissingLastSegmentIsNoticedWithoutAnyHint) {
  Sample sample = MakeSample(false);
  EraseHint(sample);
  const std::string name = std::prev(std::prev(sample.image.end()))->first;  // the last is the meta
  ASSERT_TRUE(name.ends_with(".seg") && name != "0000000000000001.seg") << name;
  sample.image.erase(name);
  const auto status = OpenByHand(*DiskOf(sample.image)).status();
  EXPECT_EQ(status.code(), Code::kCorruption);
  EXPECT_NE(status.message().find(name + " is missing"), std::string::npos) << status;
}

TEST(LogDamage, ThatAppearsAfterOpeningIsNoticedByReads) {
  storage::MemoryDisk disk;
  auto log = OpenByHand(disk).value();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(log->Append(1, EntryType::kData, Bytes("payload"), {}).ok());
  ASSERT_EQ(log->Flush(), OkStatus());
  disk.CorruptByte("/log/0000000000000001.seg", kPageBytes + 2 * RecordBytes(7) + kRecordHeaderBytes, std::byte{4});
  Status status;
  const Entries entries = ReadAll(*log, 1, &status);
  EXPECT_EQ(entries.size(), 2u);
  EXPECT_EQ(status.code(), Code::kCorruption);
  EXPECT_NE(status.message().find("/log/0000000000000001.seg is damaged at offset 4208"), std::string::npos) << status;
}

TEST(LogDamage, ATornBatchNeverComesBackBehindTheSameEntryAppendedAgain) {
  storage::MemoryDisk disk;
  auto log = OpenByHand(disk).value();
  ASSERT_TRUE(log->Append(1, EntryType::kData, Bytes("first"), {}).ok());
  ASSERT_EQ(log->Flush(), OkStatus());
  const FileBytes before = Image(disk);
  for (const char* text : {"second", "third", "fourth"}) ASSERT_TRUE(log->Append(1, EntryType::kData, Bytes(text), {}).ok());
  ASSERT_EQ(log->Flush(), OkStatus());
  // Of that batch the disk has everything but one sector, which held the second entry's payload.
  const std::string name = "0000000000000001.seg";
  FileBytes torn = before;
  torn.at(name) = Image(disk).at(name);
  torn.at(name)[kPageBytes + RecordBytes(5) + kRecordHeaderBytes] = std::byte{0};
  const auto after = DiskOf(torn);
  auto reopened = OpenByHand(*after);
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  EXPECT_EQ((*reopened)->last_index(), 1u);
  // The same entry at the same place: the old third would follow it in every respect.
  ASSERT_TRUE((*reopened)->Append(1, EntryType::kData, Bytes("second"), {}).ok());
  ASSERT_EQ((*reopened)->Flush(), OkStatus());
  reopened->reset();
  reopened = OpenByHand(*after);
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  EXPECT_EQ((*reopened)->last_index(), 2u);
}

TEST(LogDamage, TornTailsAreCutAtEveryByteOfTheLastRecord) {
  storage::MemoryDisk disk;
  auto log = OpenByHand(disk).value();
  for (const char* text : {"one", "two"}) {
    ASSERT_TRUE(log->Append(1, EntryType::kData, Bytes(text), {}).ok());
    ASSERT_EQ(log->Flush(), OkStatus());
  }
  const FileBytes before = Image(disk);
  ASSERT_TRUE(log->Append(1, EntryType::kData, Bytes("the third one, torn"), {}).ok());
  ASSERT_EQ(log->Flush(), OkStatus());
  const FileBytes after = Image(disk);
  const std::string name = "0000000000000001.seg";
  const size_t begin = kPageBytes + 2 * RecordBytes(3);
  for (size_t kept = begin; kept <= begin + RecordBytes(19); ++kept) {
    FileBytes image = before;
    std::copy(after.at(name).begin(), after.at(name).begin() + static_cast<ptrdiff_t>(kept), image.at(name).begin());
    const bool whole = image.at(name) == after.at(name);
    const auto torn = DiskOf(image);
    auto reopened = OpenByHand(*torn);
    ASSERT_TRUE(reopened.ok()) << kept << ": " << reopened.status();
    ASSERT_EQ((*reopened)->last_index(), whole ? 3u : 2u) << kept;
    // And the log goes on behind the cut.
    ASSERT_TRUE((*reopened)->Append(2, EntryType::kData, Bytes("next"), {}).ok());
    ASSERT_EQ((*reopened)->Flush(), OkStatus());
    reopened->reset();
    auto again = OpenByHand(*torn);
    ASSERT_TRUE(again.ok()) << kept << ": " << again.status();
    ASSERT_EQ((*again)->last_index(), whole ? 4u : 3u) << kept;
    ASSERT_EQ(ReadAll(**again).rbegin()->second.text, "next");
  }
}

}  // namespace
}  // namespace tusk::coordination
