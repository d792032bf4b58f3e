#include "dfs/datanode/store/replica_reader.h"

#include "common/base/try.h"
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

Status ReplicaReader::ReadData(uint64_t offset, std::span<std::byte> out) { return ReadExactly(*data_, offset, out); }

Status ReplicaReader::ReadChecksums(uint64_t first, std::span<std::byte> out) {
  TUSK_TRY(ReadExactly(*meta_, kMetaHeaderBytes + 4 * first, out));
  const uint64_t chunks = ChunkCount(block_.length, chunk_bytes_);
  if (last_crc_ && chunks > first && chunks - first <= out.size() / 4) {
    StoreLe<uint32_t>(out.data() + 4 * (chunks - 1 - first), *last_crc_);
  }
  return OkStatus();
}

}  // namespace tusk::dfs::datanode
