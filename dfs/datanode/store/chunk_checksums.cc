#include "dfs/datanode/store/chunk_checksums.h"

#include <algorithm>
#include <string>

#include "common/storage/crc32c.h"
#include "dfs/datanode/store/little_endian.h"

namespace tusk::dfs::datanode {

Status VerifyChunks(std::span<const std::byte> data, uint64_t offset, uint32_t chunk_bytes, std::span<const std::byte> crcs) {
  while (!data.empty()) {
    if (crcs.size() < 4) return InvalidArgument("fewer checksums than chunks");
    const size_t n = std::min<uint64_t>(data.size(), chunk_bytes - offset % chunk_bytes);
    if (storage::Crc32c(data.first(n)) != LoadLe<uint32_t>(crcs.data())) {
      return Corruption("checksum mismatch in the " + std::to_string(n) + " bytes at offset " + std::to_string(offset));
    }
    data = data.subspan(n);
    crcs = crcs.subspan(4);
    offset += n;
  }
  return crcs.empty() ? OkStatus() : InvalidArgument("more checksums than chunks");
}

std::vector<std::byte> ComputeChunks(std::span<const std::byte> data, uint64_t offset, uint32_t chunk_bytes) {
  std::vector<std::byte> crcs;
  while (!data.empty()) {
    const size_t n = std::min<uint64_t>(data.size(), chunk_bytes - offset % chunk_bytes);
    crcs.resize(crcs.size() + 4);
    StoreLe<uint32_t>(crcs.data() + crcs.size() - 4, storage::Crc32c(data.first(n)));
    data = data.subspan(n);
    offset += n;
  }
  return crcs;
}

}  // namespace tusk::dfs::datanode
