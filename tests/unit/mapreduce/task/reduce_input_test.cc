#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "common/base/random.h"
#include "common/storage/memory_disk.h"
#include "mapreduce/task/segment_store.h"
#include "mapreduce/task/shuffle_input.h"

namespace tusk::mr {
namespace {

uint64_t Add(uint64_t a, uint64_t b) { return a + b; }
const CombinerOf<uint64_t, &Add> kAdd;

struct Encoded {
  SegmentInfo info;
  std::string bytes;
};

Encoded MakeSegment(const std::map<std::string, uint64_t>& counts) {
  storage::MemoryDisk disk;
  auto file = std::move(disk.Open("/s", storage::OpenMode::kCreateNew)).value();
  SegmentWriter writer(*file);
  uint64_t digest = 0;
  for (const auto& [key, count] : counts) {
    const std::string value = Encode<ValueCodec, uint64_t>(count);
    writer.Add(key, value);
    digest += RecordHash(key, value);
  }
  Encoded encoded;
  encoded.info = writer.EndPartition(digest).value();
  EXPECT_TRUE(writer.Flush().ok());
  encoded.bytes.resize(encoded.info.bytes);
  EXPECT_TRUE(file->ReadAt(0, std::as_writable_bytes(std::span<char>(encoded.bytes))).ok());
  return encoded;
}

// Trackers and JobTracker of a test: what they serve, and the trouble they make.
class FakeCluster final : public Umbilical, public SegmentFetcher {
 public:
  Result<bool> Progress(double, const CounterValues&) override { return false; }
  Result<bool> CanCommit() override { return true; }
  Status Done(const TaskResult&) override { return OkStatus(); }
  Status Failed(const std::string&) override { return OkStatus(); }
  Result<std::vector<MapEvent>> MapEvents(uint32_t from, std::chrono::milliseconds wait) override {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait, [&] { return events.size() > from; });
    if (events.size() <= from) return std::vector<MapEvent>();
    return std::vector<MapEvent>(events.begin() + from, events.end());
  }
  Status FetchFailed(uint32_t map, uint32_t attempt, const std::string&) override {
    std::lock_guard lock(mutex_);
    ++reports;
    // The JobTracker runs the map again, elsewhere.
    if (attempt == 0) {
      events.push_back({map, 0, "", 0, true});
      events.push_back({map, 1, "good", 1, false});
      changed_.notify_all();
    }
    return OkStatus();
  }
  Status Fetch(const std::string& host, uint16_t, std::span<const MapAttempt> maps, SegmentReceiver& receiver) override {
    ++fetches;
    if (host == "dead") return Unavailable("nobody answers");
    for (const MapAttempt& map : maps) {
      const Encoded& segment = segments.at(map.map);
      if (host == "refusing") {
        receiver.Refused(map, NotFound("no such map"));
        continue;
      }
      std::string bytes = segment.bytes;
      if (host == "rotten" && !bytes.empty()) bytes[bytes.size() / 2] ^= 1;
      size_t at = 0;
      const Status received = receiver.Receive(map, segment.info, [&](std::span<char> to) -> Status {
        std::copy_n(bytes.data() + at, to.size(), to.data());
        at += to.size();
        return OkStatus();
      });
      if (!received.ok()) return received;
    }
    return OkStatus();
  }

  std::vector<MapEvent> events;
  std::map<uint32_t, Encoded> segments;
  std::atomic<int> reports{0}, fetches{0};

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

struct ReduceInput {
  explicit ReduceInput(uint64_t memory_bytes, const Combiner* combiner = nullptr) {
    EXPECT_TRUE(disk.CreateDirectories("/r").ok());
    SegmentStore::Options options;
    options.disk = &disk;
    options.directory = "/r";
    options.memory_bytes = memory_bytes;
    options.combiner = combiner;
    options.fan_in = 4;
    store = std::make_unique<SegmentStore>(options);
    env.umbilical = &cluster;
    env.fetcher = &cluster;
    env.fetch_backoff = std::chrono::milliseconds(1);
  }
  void AddMaps(uint32_t maps, const std::string& host) {
    Random random(maps);
    for (uint32_t map = 0; map < maps; ++map) {
      std::map<std::string, uint64_t> counts;
      for (int i = 0; i < 200; ++i) ++counts["key" + std::to_string(random.Below(3000))];
      if (map == 3) counts.clear();
      for (const auto& [key, count] : counts) expected[key] += count;
      cluster.segments[map] = MakeSegment(counts);
      cluster.events.push_back({map, 0, host, 1, false});
    }
  }
  Status Fetch() { return FetchAll(env, static_cast<uint32_t>(cluster.segments.size()), *store, progress); }
  std::map<std::string, uint64_t> Sums() {
    auto stream = store->Open();
    EXPECT_TRUE(stream.ok()) << stream.status();
    std::map<std::string, uint64_t> sums;
    DecodeScratch scratch;
    std::string last;
    while ((*stream)->Next()) {
      uint64_t value = 0;
      EXPECT_TRUE((Decode<ValueCodec, uint64_t>((*stream)->value(), scratch, &value)));
      EXPECT_LE(last, (*stream)->key());
      last = (*stream)->key();
      sums[last] += value;
    }
    EXPECT_TRUE((*stream)->status().ok()) << (*stream)->status();
    return sums;
  }

  storage::MemoryDisk disk;
  FakeCluster cluster;
  TaskEnvironment env;
  TaskProgress progress;
  std::unique_ptr<SegmentStore> store;
  std::map<std::string, uint64_t> expected;
};

TEST(ShuffleInput, FetchesEverythingWhateverTheMemory) {
  for (const uint64_t memory : {64u << 20, 40'000u, 12'000u, 1'000u}) {
    for (const Combiner* combiner : {static_cast<const Combiner*>(nullptr), static_cast<const Combiner*>(&kAdd)}) {
      SCOPED_TRACE(memory);
      ReduceInput input(memory, combiner);
      input.AddMaps(40, "good");
      ASSERT_TRUE(input.Fetch().ok());
      EXPECT_TRUE(input.Sums() == input.expected);
    }
  }
}

TEST(ShuffleInput, ReportsAHostThatFailsAndTakesTheMapFromTheNextAttempt) {
  for (const char* host : {"dead", "refusing", "rotten"}) {
    SCOPED_TRACE(host);
    ReduceInput input(1 << 20);
    input.AddMaps(3, host);
    ASSERT_TRUE(input.Fetch().ok());
    EXPECT_GE(input.cluster.reports, 3);
    EXPECT_TRUE(input.Sums() == input.expected);
  }
}

TEST(ShuffleInput, NeverTakesAMapTwice) {
  ReduceInput input(1 << 20);
  input.AddMaps(5, "good");
  const auto events = input.cluster.events;
  for (MapEvent event : events) {
    event.attempt = 1;
    input.cluster.events.push_back(event);
  }
  ASSERT_TRUE(input.Fetch().ok());
  EXPECT_TRUE(input.Sums() == input.expected);
}

TEST(ShuffleInput, StopsWhenTheAttemptIsKilled) {
  ReduceInput input(1 << 20);
  input.AddMaps(2, "good");
  input.cluster.events.pop_back();  // the last map never comes
  input.progress.Kill();
  EXPECT_EQ(input.Fetch().code(), Code::kCancelled);
}

}  // namespace
}  // namespace tusk::mr
