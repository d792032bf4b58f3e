#include "dfs/datanode/store/replica_check.h"

#include <algorithm>
#include <vector>

#include "common/base/try.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/meta_file.h"

namespace tusk::dfs::datanode {
namespace {

constexpr uint64_t kPieceBytes = 1 << 20;

}  // namespace

Status CheckReplica(ReplicaReader& replica, const std::function<Status(uint64_t)>& pace) {
  const uint64_t length = replica.block().length;
  const uint32_t chunk = replica.chunk_bytes();
  const uint64_t step = std::max<uint64_t>(kPieceBytes / chunk, 1) * chunk;
  std::vector<std::byte> data(std::min(step, length));
  std::vector<std::byte> crcs(4 * ChunkCount(data.size(), chunk));
  for (uint64_t at = 0; at < length; at += step) {
    const size_t n = std::min(step, length - at);
    if (pace) TUSK_TRY(pace(n));
    const auto bytes = std::span(data).first(n);
    const auto sums = std::span(crcs).first(4 * ChunkCount(n, chunk));
    TUSK_TRY(replica.ReadData(at, bytes));
    TUSK_TRY(replica.ReadChecksums(at / chunk, sums));
    TUSK_TRY(VerifyChunks(bytes, at, chunk, sums));
  }
  return OkStatus();
}

}  // namespace tusk::dfs::datanode
