// Checksums of the chunks of a byte range, as they travel in packets and lie in .meta files: chunks are aligned to multiples of
// chunk_bytes in the block, so the first and the last of a range may be short.
//
// Thread: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/status.h"

namespace tusk::dfs::datanode {

// kCorruption names the first chunk of `data` (which begins at `offset` of the block) whose crc32c is not the one in `crcs`
// (u32 each). kInvalidArgument: the number of crcs does not fit.
Status VerifyChunks(std::span<const std::byte> data, uint64_t offset, uint32_t chunk_bytes, std::span<const std::byte> crcs);

// The crcs of `data`, which begins at `offset`.
std::vector<std::byte> ComputeChunks(std::span<const std::byte> data, uint64_t offset, uint32_t chunk_bytes);

}  // namespace tusk::dfs::datanode
