#include "dfs/namenode/blocks/node_admin.h"

#include <gtest/gtest.h>

namespace tusk::dfs::namenode {
namespace {

ReplicaTally Tally(size_t in_service, size_t leaving = 0, size_t maintenance = 0, size_t absent = 0) {
  return {in_service, leaving, maintenance, absent};
}

TEST(ReplicaTally, ALeavingNodesReplicaDoesNotCountARestingOnesDoesWhileOneIsInService) {
  EXPECT_EQ(Tally(3).Wanted(3), 0u);
  EXPECT_EQ(Tally(2, 1).Wanted(3), 1u);
  EXPECT_EQ(Tally(1, 0, 1, 1).Wanted(3), 0u);
  EXPECT_EQ(Tally(1, 0, 1, 0).Wanted(3), 1u);
  EXPECT_EQ(Tally(0, 0, 2, 1).Wanted(3), 1u) << "one that stays";
  EXPECT_EQ(Tally(0, 0, 0, 1).Wanted(3), 2u);
  EXPECT_EQ(Tally(0, 0, 1).Wanted(1), 1u);
  EXPECT_EQ(Tally(5).Wanted(3), 0u);
}

TEST(ReplicaTally, SurplusIsCountedAmongNodesInServiceAloneAndOneAlwaysStays) {
  EXPECT_EQ(Tally(5).Surplus(3), 2u);
  EXPECT_EQ(Tally(3, 2, 1, 1).Surplus(3), 0u);
  EXPECT_EQ(Tally(1).Surplus(0), 0u);
  EXPECT_EQ(Tally(2, 1, 1).readable(), 4u);
  EXPECT_EQ(Tally(0, 0, 0, 4).readable(), 0u);
}

TEST(NodeAdmin, MaintenanceEndsByItself) {
  const NodeAdminRecord record{NodeOrder::kMaintenance, 1000};
  EXPECT_EQ(EffectiveOrder(record, 999), NodeOrder::kMaintenance);
  EXPECT_EQ(EffectiveOrder(record, 1000), NodeOrder::kInService);
  EXPECT_EQ(EffectiveOrder({NodeOrder::kMaintenance, 0}, 1'000'000), NodeOrder::kMaintenance);
  EXPECT_EQ(EffectiveOrder({NodeOrder::kDecommission, 0}, 1'000'000), NodeOrder::kDecommission);
}

TEST(NodeAdmin, CountsWhatBlocksAndNamesAFileThatWantsMoreNodesThanThereAre) {
  BlockingFigures figures;
  const auto add = [&](uint64_t file, uint16_t expected, const ReplicaTally& tally) {
    figures.Add(NodeOrder::kDecommission, InodeId(file), 10, expected, tally, 3);
  };
  add(7, 3, Tally(3, 1));
  EXPECT_TRUE(figures.none());
  add(7, 3, Tally(2, 1));
  EXPECT_EQ(BlockedBy(figures, "", 3), "") << "it goes on";
  add(8, 4, Tally(3, 1));
  add(8, 4, Tally(3, 1));
  add(9, 5, Tally(3, 1));
  EXPECT_EQ(figures.blocks, 4u);
  EXPECT_EQ(figures.bytes, 40u);
  EXPECT_EQ(figures.starved_file, InodeId(8));
  EXPECT_EQ(BlockedBy(figures, "/x/y", 3), "2 blocks of /x/y need 4 nodes; 3 are in service");
  figures.open = 1;
  figures.missing = 2;
  EXPECT_EQ(
      BlockedBy(figures, "/x/y", 1),
      "2 blocks of /x/y need 4 nodes; 1 is in service; 2 blocks cannot be copied: no live node has a replica; 1 block is being "
      "written on it: close the files");
}

TEST(NodeAdmin, MaintenanceWaitsOnlyForBlocksWithoutAReplicaInService) {
  EXPECT_FALSE(Blocks(NodeOrder::kMaintenance, Tally(1, 0, 1), 3));
  EXPECT_TRUE(Blocks(NodeOrder::kMaintenance, Tally(0, 1, 2), 3));
  EXPECT_TRUE(Blocks(NodeOrder::kDecommission, Tally(2, 1), 3));
  EXPECT_FALSE(Blocks(NodeOrder::kInService, Tally(0, 1), 3));
}

TEST(ProgressEstimate, DividesWhatIsLeftByTheRateOfTheLastMinute) {
  ProgressEstimate estimate;
  TimePoint now{std::chrono::hours(1)};
  EXPECT_EQ(estimate.LeftMs(), -1);
  estimate.Add(now, 1000);
  EXPECT_EQ(estimate.LeftMs(), -1);
  estimate.Add(now + std::chrono::seconds(10), 900);
  EXPECT_EQ(estimate.LeftMs(), 90'000);
  for (int i = 11; i <= 200; ++i) estimate.Add(now + std::chrono::seconds(i), 900);
  EXPECT_EQ(estimate.LeftMs(), -1) << "nothing has moved for a minute";
  estimate.Add(now + std::chrono::seconds(201), 0);
  EXPECT_EQ(estimate.LeftMs(), 0);
}

TEST(NodeAdminRecord, ReadsTheBytesThatItWrote) {
  EXPECT_EQ(NodeAdminKey(DataNodeId(0x0102030405060708)), std::string("A\x01\x02\x03\x04\x05\x06\x07\x08"));
  EXPECT_EQ(NodeAdminKeyNode(NodeAdminKey(DataNodeId(77))), DataNodeId(77));
  const NodeAdminRecord record{NodeOrder::kMaintenance, 300};
  EXPECT_EQ(Encode(record), std::string("\x02\xd8\x04"));
  EXPECT_EQ(DecodeNodeAdmin("\x02\xd8\x04"), record);
  EXPECT_EQ(DecodeNodeAdmin("\x03\xd8\x04"), std::nullopt);
  EXPECT_EQ(DecodeNodeAdmin("\x02"), std::nullopt);
  EXPECT_EQ(DecodeNodeAdmin("\x02\xd8\x04\x04"), std::nullopt);
}

}  // namespace
}  // namespace tusk::dfs::namenode
