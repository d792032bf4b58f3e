// Hints that keep the final fdatasync of a block short. They change nothing but time; files without a descriptor ignore them.
//
// Thread: any.
#pragma once

#include <cstdint>

#include "common/storage/disk.h"

namespace tusk::dfs::datanode {

inline constexpr uint64_t kWritebackBytes = 8ull << 20;

// Asks the kernel to begin writing these bytes to the disk now, without waiting.
void StartWriteback(const storage::File& file, uint64_t offset, uint64_t length);

// Reserves room for a file of this size in one extent, without zeroing it and without changing the file's size. False: it has
// not.
bool ReserveExtent(const storage::File& file, uint64_t bytes);

}  // namespace tusk::dfs::datanode
