#include "mapreduce/task/collector.h"

#include <gtest/gtest.h>

#include <map>

#include "common/base/random.h"
#include "common/storage/memory_disk.h"
#include "mapreduce/shuffle/segment_reader.h"

namespace tusk::mr {
namespace {

using Record = std::pair<std::string, std::string>;
uint64_t Add(uint64_t a, uint64_t b) { return a + b; }
std::string_view Larger(std::string_view a, std::string_view b) { return std::max(a, b); }
const CombinerOf<uint64_t, &Add> kAdd;
const CombinerOf<std::string_view, &Larger> kLarger;

struct Setting {
  uint64_t sort_bytes = 1 << 20;
  uint32_t partitions = 3;
  const Combiner* combiner = nullptr;
  size_t fan_in = 64;
};

struct Collected {
  std::vector<std::vector<Record>> partitions;
  CollectorCounts counts;
  std::vector<std::string> files;
};

// Emits as a task does, and reads what lies in output.seg and output.idx, digests checked.
Collected Collect(const std::vector<Record>& records, const Setting& setting) {
  storage::MemoryDisk disk;
  EXPECT_TRUE(disk.CreateDirectories("/task").ok());
  const Partitioner partitioner(setting.partitions, {});
  CollectorOptions options;
  options.output.disk = &disk;
  options.output.directory = "/task";
  options.output.combiner = setting.combiner;
  options.output.fan_in = setting.fan_in;
  options.partitioner = &partitioner;
  options.sort_bytes = setting.sort_bytes;
  const auto collector = MakeCollector(options);
  Emitter emitter(Framing::kRecords, 4096, *collector);
  Out<std::string_view, std::string_view> out(emitter);
  for (const auto& [key, value] : records) out(key, value);
  EXPECT_TRUE(emitter.Flush().ok()) << emitter.status();
  const auto finished = collector->Finish();
  EXPECT_TRUE(finished.ok()) << finished.status();
  Collected run;
  run.counts = collector->counts();
  const auto index = ReadIndex(disk, "/task/output.idx");
  EXPECT_TRUE(index.ok()) << index.status();
  EXPECT_EQ(*index, *finished);
  const auto file = std::move(disk.Open("/task/output.seg", storage::OpenMode::kRead)).value();
  for (uint32_t p = 0; p < setting.partitions; ++p) {
    auto& to = run.partitions.emplace_back();
    SegmentReader reader(*file, (*index)[p], SegmentReader::Digest::kCheck);
    while (reader.Next()) {
      to.emplace_back(reader.key(), reader.value());
      EXPECT_EQ(partitioner.Of(reader.key(), Hash64(reader.key())), p);
      if (to.size() > 1) {
        EXPECT_LE(to[to.size() - 2].first, to.back().first);
      }
    }
    EXPECT_TRUE(reader.status().ok()) << reader.status();
  }
  const auto files = disk.List("/task");
  for (const auto& info : *files) run.files.push_back(info.name);
  return run;
}

std::multimap<std::string, std::string> All(const Collected& run) {
  std::multimap<std::string, std::string> all;
  for (const auto& partition : run.partitions) all.insert(partition.begin(), partition.end());
  return all;
}

// Sorted by key and value: the order of equal keys is free.
std::vector<Record> Sorted(std::vector<Record> records) {
  std::sort(records.begin(), records.end());
  return records;
}
std::vector<Record> Sorted(const Collected& run) {
  std::vector<Record> all;
  for (const auto& partition : run.partitions) all.insert(all.end(), partition.begin(), partition.end());
  return Sorted(std::move(all));
}

std::string RandomKey(Random& random) {
  switch (random.Below(5)) {
    case 0: return "";
    case 1: return std::string(random.Below(4), '\0');
    case 2: return "the same long beginning " + std::to_string(random.Below(50));
    case 3: return std::string(1, static_cast<char>(random()));
    default: {
      std::string key(random.Below(30), '\0');
      for (char& c : key) c = static_cast<char>(random());
      return key;
    }
  }
}

std::vector<Record> RandomRecords(uint64_t seed, size_t count) {
  Random random(seed);
  std::vector<Record> records;
  for (size_t i = 0; i < count; ++i) records.emplace_back(RandomKey(random), std::string(random.Below(20), static_cast<char>(i)));
  return records;
}

std::string Number(uint64_t v) { return Encode<ValueCodec, uint64_t>(v); }

TEST(SortCollector, KeepsEveryRecordInOrderForEveryBufferSize) {
  const auto records = RandomRecords(1, 4000);
  for (const uint64_t sort_bytes : {1u << 20, 60'000u, 20'000u, 8'000u, 4'096u}) {
    SCOPED_TRACE(sort_bytes);
    Setting setting;
    setting.sort_bytes = sort_bytes;
    setting.fan_in = 5;
    const Collected run = Collect(records, setting);
    EXPECT_TRUE(Sorted(run) == Sorted(records));
    EXPECT_EQ(run.counts.records, records.size());
    EXPECT_EQ(run.files, (std::vector<std::string>{"output.idx", "output.seg"})) << "spills were left behind";
    if (sort_bytes == 1u << 20) {
      EXPECT_EQ(run.counts.spilled_records, records.size()) << "one spill is renamed, not merged";
    } else {
      EXPECT_GT(run.counts.spilled_records, records.size());
    }
  }
}

TEST(SortCollector, TakesRecordsLargerThanItsBuffer) {
  std::vector<Record> records{{"small", "1"}, {std::string(50'000, 'k'), "v"}, {"k", std::string(100'000, 'v')}, {"small", "2"}};
  Setting setting;
  setting.sort_bytes = 4096;
  EXPECT_TRUE(Sorted(Collect(records, setting)) == Sorted(records));
}

TEST(SortCollector, SortsManyEqualKeys) {
  std::vector<Record> records;
  for (int i = 0; i < 30'000; ++i)
    records.emplace_back(i % 10 == 0 ? "another key " + std::to_string(i % 100) : "the one hot key", "");
  Setting setting;
  setting.partitions = 2;
  setting.sort_bytes = 8 << 20;
  EXPECT_TRUE(Sorted(Collect(records, setting)) == Sorted(records));
}

TEST(SortCollector, OfNothingMakesEmptySegments) {
  const Collected run = Collect({}, {});
  EXPECT_TRUE(All(run).empty());
  EXPECT_EQ(run.files, (std::vector<std::string>{"output.idx", "output.seg"}));
}

TEST(SortCollector, FoldsRunsWithValuesOfAnySize) {
  const auto records = RandomRecords(2, 3000);
  std::map<std::string, std::string> expected;
  for (const auto& [key, value] : records) expected[key] = std::max(expected[key], value);
  for (const uint64_t sort_bytes : {1u << 20, 10'000u}) {
    Setting setting;
    setting.sort_bytes = sort_bytes;
    setting.combiner = &kLarger;
    const Collected run = Collect(records, setting);
    const auto all = All(run);
    EXPECT_TRUE((std::map<std::string, std::string>(all.begin(), all.end()) == expected));
    EXPECT_EQ(all.size(), expected.size());
  }
}

TEST(CombineCollector, SumsLikeAMapForEveryTableSize) {
  Random random(3);
  std::vector<Record> records;
  std::map<std::string, uint64_t> sums;
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = random.OneIn(3) ? RandomKey(random) : "w" + std::to_string(random.Below(random.Below(900) + 1));
    const uint64_t value = random.Below(1000);
    records.emplace_back(key, Number(value));
    sums[key] += value;
  }
  std::map<std::string, std::string> expected;
  for (const auto& [key, sum] : sums) expected[key] = Number(sum);
  for (const uint64_t sort_bytes : {8u << 20, 200'000u, 30'000u, 4'096u}) {
    SCOPED_TRACE(sort_bytes);
    Setting setting;
    setting.sort_bytes = sort_bytes;
    setting.combiner = &kAdd;
    const Collected run = Collect(records, setting);
    const auto all = All(run);
    EXPECT_EQ(all.size(), expected.size());
    EXPECT_TRUE((std::map<std::string, std::string>(all.begin(), all.end()) == expected));
    EXPECT_EQ(run.counts.records, records.size());
    EXPECT_GE(run.counts.combine_in, records.size());
  }
}

TEST(CombineCollector, GivesUpOnKeysThatDoNotRepeatAndKeepsThemAll) {
  std::vector<Record> records;
  for (int i = 0; i < 100'000; ++i) records.emplace_back("k" + std::to_string(i % 99'000), Number(1));
  Setting setting;
  setting.sort_bytes = 32 << 20;
  setting.combiner = &kAdd;
  const Collected run = Collect(records, setting);
  const auto all = All(run);
  EXPECT_EQ(all.size(), 99'000u);
  EXPECT_EQ(all.find("k500")->second, Number(2));
  EXPECT_EQ(all.find("k98000")->second, Number(1));
  EXPECT_EQ(run.counts.records, records.size());
}

TEST(CombineCollector, TakesKeysLargerThanItsTable) {
  Setting setting;
  setting.sort_bytes = 4096;
  setting.combiner = &kAdd;
  const std::string large(20'000, 'x');
  const Collected run = Collect({{large, Number(1)}, {"a", Number(2)}, {large, Number(3)}, {"a", Number(4)}}, setting);
  const auto all = All(run);
  EXPECT_EQ(all.find(large)->second, Number(4));
  EXPECT_EQ(all.find("a")->second, Number(6));
}

TEST(Collector, TellsThatTheDiskIsFull) {
  storage::MemoryDisk disk;
  ASSERT_TRUE(disk.CreateDirectories("/task").ok());
  disk.SetCapacity(1000);
  const Partitioner partitioner(1, {});
  CollectorOptions options;
  options.output.disk = &disk;
  options.output.directory = "/task";
  options.partitioner = &partitioner;
  options.sort_bytes = 8192;
  const auto collector = MakeCollector(options);
  Emitter emitter(Framing::kRecords, 1024, *collector);
  Out<std::string_view, std::string_view> out(emitter);
  for (int i = 0; i < 10'000 && !emitter.failed(); ++i) out("key", "a value of some length");
  EXPECT_EQ(emitter.Flush().code(), Code::kNoSpace) << emitter.status();
}

}  // namespace
}  // namespace tusk::mr
