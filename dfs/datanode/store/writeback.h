// When the bytes of a block go to the disk, and whether their pages stay in memory. Files without a descriptor ignore it.
//
// Thread: any.
#pragma once

#include <cstdint>

#include "common/storage/disk.h"

namespace tusk::dfs::datanode {

inline constexpr uint64_t kWritebackBytes = 8ull << 20;

// Asks the kernel to begin writing these bytes to the disk now, without waiting.
void StartWriteback(const storage::File& file, uint64_t offset, uint64_t length);

// Waits until these bytes are on the disk and gives their pages of the page cache back. An error is the one that a later
// fdatasync of the file would have told: the kernel tells it once, so it must be treated as a failed sync.
Status DropBehind(const storage::File& file, uint64_t offset, uint64_t length);

// Reserves room for a file of this size in one extent, without zeroing it and without changing the file's size. False: it has
// not.
bool ReserveExtent(const storage::File& file, uint64_t bytes);

}  // namespace tusk::dfs::datanode
