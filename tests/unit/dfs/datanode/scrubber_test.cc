#include "dfs/datanode/store/scrubber.h"

#include "dfs/datanode/store/scrub_cursor.h"
#include "tests/unit/dfs/datanode/folders_fixture.h"

namespace tusk::dfs::datanode {
namespace {

constexpr auto kPeriod = std::chrono::hours(24);

class Scrub : public FoldersFixture {
 protected:
  Scrub() : FoldersFixture(1) {
    Open();
    for (uint64_t id = 1; id <= 10; ++id) WriteInFolder(0, MakeBlock(id, 5), Pattern(id, 3000));
    events_.clear();
    Begin();
  }
  void Begin(uint64_t rate = 1'000'000) {
    Scrubber::Options options;
    options.bytes_per_second = rate;
    options.period = kPeriod;
    options.client_bytes = [this] { return client_bytes_; };
    options.wait = [this](Duration duration) {
      clock_.Advance(duration);
      waited_ += duration;
      client_bytes_ += client_bytes_between_;
      return !stop_;
    };
    scrubber_ = std::make_unique<Scrubber>(*folders_, 0, clock_, std::move(options));
  }
  // Until there is nothing to do; how long that will be so.
  Duration RunDry() {
    while (true) {
      const Duration idle = scrubber_->Run();
      if (idle > Duration::zero()) return idle;
    }
  }
  std::string DataPath(uint64_t id) { return Root(0) + "/finalized/subdir0/subdir0/blk_" + std::to_string(id); }

  SimulatedClock clock_;
  Duration waited_{};
  uint64_t client_bytes_ = 0, client_bytes_between_ = 0;
  bool stop_ = false;
  std::unique_ptr<Scrubber> scrubber_;
};

TEST_F(Scrub, FindsEachDamagedReplicaOnce) {
  disks_[0]->CorruptByte(DataPath(4), 2999, std::byte{1});
  disks_[0]->CorruptByte(DataPath(9), 0, std::byte{128});
  RunDry();
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kCorrupt, MakeBlock(4, 5, 3000)},
                                              {ReplicaChange::kCorrupt, MakeBlock(9, 5, 3000)}}));
  EXPECT_EQ(scrubber_->checked(), 10u);
  EXPECT_EQ(scrubber_->found(), 2u);
  clock_.Advance(kPeriod);
  RunDry();
  EXPECT_EQ(events_.size(), 2u) << "a known damage is not told again";
  EXPECT_EQ(scrubber_->rounds(), 2u);
}

TEST_F(Scrub, FindsMissingAndShortFiles) {
  ASSERT_TRUE(disks_[0]->Remove(DataPath(3)).ok());
  ASSERT_TRUE((*disks_[0]->Open(DataPath(5), storage::OpenMode::kReadWrite))->Truncate(100).ok());
  RunDry();
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kCorrupt, MakeBlock(3, 5, 3000)},
                                              {ReplicaChange::kCorrupt, MakeBlock(5, 5, 3000)}}));
}

TEST_F(Scrub, BeginsARoundEachPeriod) {
  EXPECT_LE(RunDry(), std::chrono::hours(1));
  EXPECT_EQ(scrubber_->checked(), 10u);
  clock_.Advance(kPeriod / 2);
  RunDry();
  EXPECT_EQ(scrubber_->checked(), 10u);
  clock_.Advance(kPeriod / 2);
  RunDry();
  EXPECT_EQ(scrubber_->checked(), 20u);
}

TEST_F(Scrub, KeepsToItsRateAndYieldsToClients) {
  Begin(2'000'000);
  clock_.Advance(std::chrono::seconds(10));
  for (uint64_t id = 20; id < 30; ++id) WriteInFolder(0, MakeBlock(id, 5), Pattern(id, 900'000));
  RunDry();
  EXPECT_NEAR(std::chrono::duration<double>(waited_).count(), 9.03 / 2 - 1, 0.5) << "9 MB, a second of them at once";
  waited_ = {};
  client_bytes_between_ = 1;
  clock_.Advance(kPeriod);
  RunDry();
  EXPECT_NEAR(std::chrono::duration<double>(waited_).count(), 4 * 9.03 / 2 - 1, 2) << "a quarter as fast";
}

TEST_F(Scrub, GoesOnWhereAFormerProcessStopped) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(scrubber_->Run(), Duration::zero());
  ASSERT_TRUE(scrubber_->Save().ok());
  disks_[0]->PowerCutLosingAll();
  Open();
  Begin();
  RunDry();
  EXPECT_EQ(scrubber_->checked(), 6u);
  Begin();
  RunDry();
  EXPECT_EQ(scrubber_->checked(), 0u) << "the round is finished";
  EXPECT_EQ(scrubber_->rounds(), 1u);
}

TEST_F(Scrub, ADamagedCursorOnlyMeansToBeginAgain) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(scrubber_->Run(), Duration::zero());
  ASSERT_TRUE(scrubber_->Save().ok());
  disks_[0]->CorruptByte(Root(0) + "/scrub", 9, std::byte{1});
  Begin();
  RunDry();
  EXPECT_EQ(scrubber_->checked(), 10u);
}

TEST_F(Scrub, ChecksSuspectsFirstEvenWithoutARate) {
  Begin(0);
  EXPECT_GT(scrubber_->Run(), Duration::zero());
  disks_[0]->CorruptByte(DataPath(8), 10, std::byte{1});
  scrubber_->CheckFirst(MakeBlock(8, 5));
  scrubber_->CheckFirst(MakeBlock(2, 5));
  scrubber_->CheckFirst(MakeBlock(99, 5));
  RunDry();
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kCorrupt, MakeBlock(8, 5, 3000)}}));
  EXPECT_EQ(scrubber_->checked(), 2u);
}

TEST_F(Scrub, StopsInTheMiddleOfAReplica) {
  stop_ = true;
  EXPECT_EQ(scrubber_->Run(), Duration::zero());
  EXPECT_EQ(scrubber_->checked(), 0u);
  EXPECT_TRUE(events_.empty());
}

TEST(ScrubCursor, HasTheBytesOfTheDocument) {
  const ScrubCursor cursor{BlockId(0x0102030405060708), 1'700'000'000'123, 3};
  const auto bytes = EncodeScrubCursor(cursor);
  std::string hex;
  for (const std::byte b : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[static_cast<uint8_t>(b) >> 4];
    hex += kDigits[static_cast<uint8_t>(b) & 15];
  }
  EXPECT_EQ(hex.substr(0, 64),
            "544b534301000000"
            "0807060504030201"
            "7b68e5cf8b010000"
            "0300000000000000");
  EXPECT_EQ(DecodeScrubCursor(bytes), cursor);
  EXPECT_EQ(DecodeScrubCursor(std::span(bytes).first(35)), std::nullopt);
  for (size_t i = 0; i < bytes.size(); ++i) {
    auto flipped = bytes;
    flipped[i] ^= std::byte{1};
    EXPECT_EQ(DecodeScrubCursor(flipped), std::nullopt) << "byte " << i;
  }
}

// docs/formats/block-files.md: these bytes stay readable for ever.
TEST(ScrubCursorFormat, DecodesTheGoldenFile) {
  constexpr std::string_view kGolden =
      "544b534301000000080706050403020117161514131211002100000000000000"
      "fc41c90e";
  const ScrubCursor cursor{BlockId(0x0102030405060708), 0x11121314151617, 0x21};
  std::string hex;
  for (const std::byte byte : EncodeScrubCursor(cursor)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[std::to_integer<int>(byte) >> 4];
    hex += kDigits[std::to_integer<int>(byte) & 15];
  }
  EXPECT_EQ(hex, kGolden);
  std::array<std::byte, kScrubCursorBytes> golden{};
  for (size_t i = 0; i < golden.size(); ++i) {
    golden[i] = static_cast<std::byte>(std::stoul(std::string(kGolden.substr(2 * i, 2)), nullptr, 16));
  }
  EXPECT_EQ(DecodeScrubCursor(golden), cursor);
}

}  // namespace
}  // namespace tusk::dfs::datanode
