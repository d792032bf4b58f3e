#include "dfs/datanode/store/replica_reader.h"

#include <algorithm>
#include <array>
#include <vector>

#include "common/base/try.h"
#include "common/storage/crc32c.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/little_endian.h"
#include "dfs/datanode/store/meta_file.h"

namespace tusk::dfs::datanode {
namespace {

Status ReadExactly(storage::File& file, uint64_t offset, std::span<std::byte> out) {
  TUSK_ASSIGN(const size_t got, file.ReadAt(offset, out));
  if (got == out.size()) return OkStatus();
  return Corruption(file.path() + " ends at " + std::to_string(offset + got) + ", expected " + std::to_string(out.size()) +
                    " bytes from " + std::to_string(offset));
}

}  // namespace

Status ReplicaReader::Shorten(uint64_t length) {
  if (length > block_.length) {
    return FailedPrecondition("block " + std::to_string(block_.id.value()) + " has " + std::to_string(block_.length) +
                              " bytes here, not " + std::to_string(length));
  }
  if (length == block_.length) return OkStatus();
  std::optional<uint32_t> last_crc;
  if (const uint64_t start = length / chunk_bytes_ * chunk_bytes_; start != length) {
    std::vector<std::byte> bytes(std::min<uint64_t>(chunk_bytes_, block_.length - start));
    std::array<std::byte, 4> crc{};
    TUSK_TRY(ReadData(start, bytes));
    TUSK_TRY(ReadChecksums(start / chunk_bytes_, crc));
    TUSK_TRY(VerifyChunks(bytes, start, chunk_bytes_, crc));
    last_crc = storage::Crc32c(std::span<const std::byte>(bytes).first(length - start));
  }
  block_.length = length;
  last_crc_ = last_crc;
  return OkStatus();
}

Status ReplicaReader::ReadData(uint64_t offset, std::span<std::byte> out) {
  return ReadExactly(*data_, data_offset_ + offset, out);
}

Status ReplicaReader::ReadChecksums(uint64_t first, std::span<std::byte> out) {
  TUSK_TRY(ReadExactly(*meta_, meta_offset_ + 4 * first, out));
  if (unstored_ && unstored_->chunk >= first && unstored_->chunk - first < out.size() / 4) {
    StoreLe<uint32_t>(out.data() + 4 * (unstored_->chunk - first), unstored_->crc);
  }
  const uint64_t chunks = ChunkCount(block_.length, chunk_bytes_);
  if (last_crc_ && chunks > first && chunks - first <= out.size() / 4) {
    StoreLe<uint32_t>(out.data() + 4 * (chunks - 1 - first), *last_crc_);
  }
  return OkStatus();
}

}  // namespace tusk::dfs::datanode
