#include "dfs/datanode/pipeline/copy_pacer.h"

#include <gtest/gtest.h>

#include "common/base/units.h"
#include "dfs/datanode/pipeline/peer_latencies.h"

namespace tusk::dfs::datanode {
namespace {

using std::chrono::duration;
using std::chrono::seconds;

class CopyPacerTest : public ::testing::Test {
 protected:
  // Deals with so many MiB, sleeping when told, and answers the seconds it took.
  double Copy(int mebibytes, const CopyRate& rate) {
    const TimePoint begin = clock.Now();
    for (int i = 0; i < mebibytes; ++i) pacer.Pace(kMiB, rate);
    return duration<double>(clock.Now() - begin).count();
  }
  CopyPacerTest() { clock.Advance(seconds(10)); }
  SimulatedClock clock;
  CopyPacer pacer{clock, [this](Duration pause) { clock.Advance(pause); }};
};

TEST_F(CopyPacerTest, ARepairHasTheWholeNodeWhileNoClientUsesIt) { EXPECT_EQ(Copy(1000, {kMiB, false}), 0); }

TEST_F(CopyPacerTest, ARepairKeepsToItsShareWhileAClientUsesTheNode) {
  {
    const CopyPacer::ClientUse use(pacer);
    EXPECT_NEAR(Copy(100, {10 * kMiB, false}), 10, 0.2);
  }
  EXPECT_EQ(Copy(1000, {10 * kMiB, false}), 0) << "the client is gone";
}

TEST_F(CopyPacerTest, AMoveAlwaysKeepsToItsShare) { EXPECT_NEAR(Copy(100, {10 * kMiB, true}), 10, 0.2); }

TEST_F(CopyPacerTest, WithoutARateThereIsNoLimit) {
  const CopyPacer::ClientUse use(pacer);
  EXPECT_EQ(Copy(1000, {0, false}), 0);
  EXPECT_EQ(Copy(1000, {0, true}), 0);
}

TEST_F(CopyPacerTest, MovesAndRepairsHaveAllowancesOfTheirOwn) {
  const CopyPacer::ClientUse use(pacer);
  pacer.Take(kMiB, {kMiB, true});
  EXPECT_LT(pacer.Take(kMiB / 100, {kMiB, false}), std::chrono::milliseconds(20));
}

TEST_F(CopyPacerTest, APauseGivesNoCreditBeyondAMoment) {
  Copy(10, {10 * kMiB, true});
  clock.Advance(std::chrono::hours(1));
  EXPECT_NEAR(Copy(100, {10 * kMiB, true}), 10, 0.2);
}

TEST_F(CopyPacerTest, KeepsToALowRateToo) {
  constexpr uint32_t kChunk = 16 << 10;
  const CopyRate slow{200 << 10, true};
  const uint64_t piece = PieceBytes(slow, kChunk, kMiB);
  EXPECT_EQ(piece % kChunk, 0u);
  const TimePoint begin = clock.Now();
  for (uint64_t sent = 0; sent < 2 * kMiB; sent += piece) pacer.Pace(piece, slow);
  EXPECT_NEAR(duration<double>(clock.Now() - begin).count(), 2048 / 200.0, 0.3);
}

TEST_F(CopyPacerTest, PiecesAreAtMostAPacketAndAtLeastAChunk) {
  EXPECT_EQ(PieceBytes({0, true}, 16 << 10, kMiB), kMiB);
  EXPECT_EQ(PieceBytes({20 * kMiB, true}, 16 << 10, kMiB), kMiB);
  EXPECT_EQ(PieceBytes({1, true}, 16 << 10, kMiB), 16u << 10);
  EXPECT_EQ(PieceBytes({20 * kMiB, true}, kMiB, kMiB), kMiB);
  EXPECT_EQ(PieceBytes({kMiB, true}, 512 * 3, kMiB) % (512 * 3), 0u);
}

TEST_F(CopyPacerTest, NeverSleepsSoLongThatThePeerGivesUp) {
  EXPECT_LE(pacer.Take(kGiB, {1, true}), seconds(1));
  EXPECT_LE(pacer.Take(kGiB, {1, true}), seconds(1));
}

TEST(PeerLatencies, TakesTheMedianOfEachNodeSinceTheLastHeartbeat) {
  PeerLatencies latencies;
  for (int i = 1; i <= 5; ++i) latencies.Add(DataNodeId(7), std::chrono::microseconds(100 * i));
  latencies.Add(DataNodeId(8), -std::chrono::microseconds(5));
  const auto taken = latencies.Take();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].node, DataNodeId(7));
  EXPECT_EQ(taken[0].packets, 5u);
  EXPECT_EQ(taken[0].median_micros, 300u);
  EXPECT_EQ(taken[1].median_micros, 0u);
  EXPECT_TRUE(latencies.Take().empty());
}

TEST(PeerLatencies, RemembersABoundedNumberOfSamples) {
  PeerLatencies latencies;
  for (int i = 0; i < 100'000; ++i) latencies.Add(DataNodeId(7), std::chrono::microseconds(i < 50'000 ? 1 : 1000));
  const auto taken = latencies.Take();
  EXPECT_EQ(taken[0].packets, 100'000u);
  EXPECT_EQ(taken[0].median_micros, 1000u);
}

}  // namespace
}  // namespace tusk::dfs::datanode
