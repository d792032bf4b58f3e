#include "dfs/datanode/report_parts.h"

#include <gtest/gtest.h>

#include <set>

#include "dfs/protocol/inventory_digest.h"

namespace tusk::dfs::datanode {
namespace {

std::vector<Block> Replicas(uint64_t count) {
  std::vector<Block> replicas;
  for (uint64_t id = 1; id <= count; ++id) replicas.push_back({BlockId(id), Generation(1), id});
  return replicas;
}

TEST(ReportParts, ASmallReportIsOnePart) {
  auto replicas = Replicas(10);
  const auto all = CutReport(replicas, {}, 10);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all[0].buckets.empty());
  EXPECT_EQ(all[0].replicas.size(), 10u);
  std::vector<Block> none;
  const auto some = CutReport(none, {3, 5}, 10);
  ASSERT_EQ(some.size(), 1u);
  EXPECT_EQ(some[0].buckets, (std::vector<uint16_t>{3, 5}));
}

TEST(ReportParts, ALargeReportIsCutBetweenBucketsAndNamesEachOnce) {
  auto replicas = Replicas(5000);
  const std::set<Block> expected(replicas.begin(), replicas.end());
  const auto parts = CutReport(replicas, {}, 100);
  std::set<uint16_t> buckets;
  std::set<Block> named;
  for (const ReportPart& part : parts) {
    EXPECT_TRUE(part.replicas.size() <= 100 || part.buckets.size() == 1);
    const std::set<uint16_t> here(part.buckets.begin(), part.buckets.end());
    for (const uint16_t bucket : here) EXPECT_TRUE(buckets.insert(bucket).second);
    for (const Block& replica : part.replicas) {
      EXPECT_TRUE(here.contains(InventoryDigest::BucketOf(replica.id)));
      named.insert(replica);
    }
  }
  EXPECT_EQ(buckets.size(), kInventoryBuckets);
  EXPECT_EQ(named, expected);
}

TEST(ReportParts, BucketsWithoutReplicasAreNamedToo) {
  auto replicas = Replicas(5000);
  std::erase_if(replicas, [](const Block& block) { return InventoryDigest::BucketOf(block.id) != 7; });
  ASSERT_GT(replicas.size(), 1u);
  const auto parts = CutReport(replicas, {6, 7, 8}, 1);
  std::vector<uint16_t> buckets;
  for (const ReportPart& part : parts) buckets.insert(buckets.end(), part.buckets.begin(), part.buckets.end());
  EXPECT_EQ(buckets, (std::vector<uint16_t>{6, 7, 8}));
}

}  // namespace
}  // namespace tusk::dfs::datanode
