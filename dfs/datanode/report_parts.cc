#include "dfs/datanode/report_parts.h"

#include <algorithm>
#include <array>

#include "dfs/protocol/inventory_digest.h"

namespace tusk::dfs::datanode {

std::vector<ReportPart> CutReport(std::vector<Block>& replicas, const std::vector<uint16_t>& buckets, size_t max_replicas) {
  std::vector<ReportPart> parts;
  if (replicas.size() <= max_replicas) {
    parts.push_back({buckets, replicas});
    return parts;
  }
  std::sort(replicas.begin(), replicas.end(), [](const Block& a, const Block& b) {
    const uint16_t bucket_a = InventoryDigest::BucketOf(a.id);
    const uint16_t bucket_b = InventoryDigest::BucketOf(b.id);
    return bucket_a != bucket_b ? bucket_a < bucket_b : a.id < b.id;
  });
  std::array<size_t, kInventoryBuckets> sizes{};
  for (const Block& replica : replicas) ++sizes[InventoryDigest::BucketOf(replica.id)];
  std::vector<bool> wanted(kInventoryBuckets, buckets.empty());
  for (const uint16_t bucket : buckets) {
    if (bucket < kInventoryBuckets) wanted[bucket] = true;
  }
  size_t begin = 0;
  size_t end = 0;
  ReportPart part;
  const auto finish = [&] {
    part.replicas = std::span(replicas).subspan(begin, end - begin);
    parts.push_back(std::move(part));
    part = {};
    begin = end;
  };
  for (uint16_t bucket = 0; bucket < kInventoryBuckets; ++bucket) {
    if (!wanted[bucket]) continue;
    if (!part.buckets.empty() && end - begin + sizes[bucket] > max_replicas) finish();
    part.buckets.push_back(bucket);
    end += sizes[bucket];
  }
  finish();
  return parts;
}

}  // namespace tusk::dfs::datanode
