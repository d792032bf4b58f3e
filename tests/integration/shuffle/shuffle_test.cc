// ShuffleServer and ShuffleClient over loopback: what one map wrote is what one reducer gets.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <map>

#include "common/storage/disk.h"
#include "mapreduce/shuffle/segment_reader.h"
#include "mapreduce/shuffle/segment_writer.h"
#include "mapreduce/shuffle/shuffle_client.h"
#include "mapreduce/shuffle/shuffle_server.h"

namespace tusk::mr {
namespace {

constexpr char kJob[] = "job_1_0001";

class Received final : public SegmentReceiver {
 public:
  Status Receive(const MapAttempt& map, const SegmentInfo& info, const ReadBytes& read) override {
    std::unique_ptr<char[]> bytes(new char[info.bytes]);
    if (info.bytes > 0) {
      if (Status status = read(std::span<char>(bytes.get(), info.bytes)); !status.ok()) return status;
    }
    SegmentInfo here = info;
    here.offset = 0;
    SegmentReader reader(std::move(bytes), here, SegmentReader::Digest::kCheck);
    auto& to = segments[map.map];
    while (reader.Next()) to.emplace_back(std::string(reader.key()) + "=" + std::string(reader.value()));
    return reader.status();
  }
  void Refused(const MapAttempt& map, const Status& why) override { refused.emplace(map.map, why); }

  std::map<uint32_t, std::vector<std::string>> segments;
  std::map<uint32_t, Status> refused;
};

class Shuffle : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "shuffle-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    server_ = std::make_unique<ShuffleServer>(
        ShuffleServer::Options{}, [this](const std::string& job, uint32_t map, uint32_t attempt) -> Result<std::string> {
          if (job != kJob || attempt != 0 || map > 90) return NotFound("no map " + std::to_string(map) + " of " + job + " here");
          return Directory(map);
        });
    ASSERT_TRUE(server_->Start({"127.0.0.1", 0}).ok());
  }
  void TearDown() override {
    server_->Stop();
    std::filesystem::remove_all(root_);
  }

  std::string Directory(uint32_t map) const { return root_ + "/m" + std::to_string(map); }

  // Two partitions; the second has `records` records.
  void WriteMap(uint32_t map, int records) {
    auto& disk = storage::Disk::Posix();
    ASSERT_TRUE(disk.CreateDirectories(Directory(map)).ok());
    const auto file = std::move(disk.Open(Directory(map) + "/output.seg", storage::OpenMode::kTruncate)).value();
    SegmentWriter writer(*file);
    std::vector<SegmentInfo> index;
    writer.Add("other", "partition");
    index.push_back(writer.EndPartition(RecordHash("other", "partition")).value());
    uint64_t digest = 0;
    for (int i = 0; i < records; ++i) {
      const std::string key = "k" + std::to_string(100'000 + i), value = std::to_string(map);
      writer.Add(key, value);
      digest += RecordHash(key, value);
    }
    index.push_back(writer.EndPartition(digest).value());
    ASSERT_TRUE(writer.Flush().ok());
    ASSERT_TRUE(storage::WriteFileAtomically(disk, Directory(map) + "/output.idx", EncodeIndex(index)).ok());
  }

  Status Fetch(ShuffleClient& client, const std::vector<MapAttempt>& maps, Received* received) {
    return client.Fetch("127.0.0.1", server_->port(), maps, *received);
  }
  static ShuffleClient::Options ClientOptions() {
    ShuffleClient::Options options;
    options.job = kJob;
    options.partition = 1;
    return options;
  }

  std::string root_;
  std::unique_ptr<ShuffleServer> server_;
};

TEST_F(Shuffle, BringsSeveralMapsInOneRequestAndReusesTheConnection) {
  for (uint32_t map = 0; map < 5; ++map) WriteMap(map, map == 3 ? 0 : 20'000);
  ShuffleClient client(ClientOptions());
  for (int round = 0; round < 3; ++round) {
    Received received;
    ASSERT_TRUE(Fetch(client, {{0, 0}, {3, 0}, {4, 0}}, &received).ok());
    EXPECT_EQ(received.segments[0].size(), 20'000u);
    EXPECT_EQ(received.segments[3].size(), 0u);
    EXPECT_EQ(received.segments[4].back(), "k119999=4");
  }
  EXPECT_EQ(server_->totals().requests, 3u);
  EXPECT_EQ(server_->totals().segments, 9u);
}

TEST_F(Shuffle, RefusesWhatIsNotThereAndServesTheRest) {
  WriteMap(1, 10);
  WriteMap(2, 10);
  std::filesystem::resize_file(Directory(2) + "/output.seg", 30);
  ShuffleClient client(ClientOptions());
  Received received;
  ASSERT_TRUE(Fetch(client, {{99, 0}, {1, 0}, {1, 7}, {2, 0}}, &received).ok());
  EXPECT_EQ(received.segments[1].size(), 10u);
  EXPECT_EQ(received.refused.at(99).code(), Code::kNotFound);
  EXPECT_EQ(received.refused.at(2).code(), Code::kCorruption);
}

TEST_F(Shuffle, ConnectsAgainWhenTheTrackerClosedAnIdleConnection) {
  WriteMap(1, 10);
  ShuffleClient client(ClientOptions());
  Received first;
  ASSERT_TRUE(Fetch(client, {{1, 0}}, &first).ok());
  const uint16_t port = server_->port();
  server_->Stop();
  server_ = std::make_unique<ShuffleServer>(
      ShuffleServer::Options{},
      [this](const std::string&, uint32_t map, uint32_t) -> Result<std::string> { return Directory(map); });
  ASSERT_TRUE(server_->Start({"127.0.0.1", port}).ok());
  Received second;
  EXPECT_TRUE(Fetch(client, {{1, 0}}, &second).ok());
  EXPECT_EQ(second.segments[1].size(), 10u);
}

TEST_F(Shuffle, SaysThatNobodyAnswers) {
  ShuffleClient client(ClientOptions());
  server_->Stop();
  Received received;
  EXPECT_EQ(client.Fetch("127.0.0.1", 1, std::vector<MapAttempt>{{1, 0}}, received).code(), Code::kUnavailable);
}

}  // namespace
}  // namespace tusk::mr
