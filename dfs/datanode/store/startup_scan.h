// What lies in a DataNode's folder when the process starts. Only folders are listed and sizes compared; a checksum file's header
// is read where the sizes leave a doubt and for the few replicas in rbw.
//
// Recovery: names may be in any mixture of before and after the renames that were under way when the machine stopped.
//   data and checksums in finalized       finalized; checksum files of other generations are leftovers
//   data in finalized, checksums in rbw   the finalization broke off between its two renames, both files were synced before: it
//   (or the other way round)              is completed, if the header's length is that of the data
//   data in finalized without checksums   left alone and logged: nobody can vouch for the bytes
//   data and checksums in rbw             kWaiting, as long as both go; without a readable header it was never synced: removed
//   one of the two in rbw                 never synced: removed
//   the same block in both                the higher generation counts, of equal ones the finalized replica; the other is removed
// A finalized replica whose data is shorter or longer than its checksums say is damaged: it is kept, and reported as corrupt.
// Dying during the scan is harmless: each step leaves one of these states.
// Thread: before anything else uses the folder.
#pragma once

#include <vector>

#include "common/storage/disk.h"
#include "dfs/datanode/store/layout.h"

namespace tusk::dfs::datanode {

struct FoundReplica {
  Block block;
  uint64_t stored_bytes = 0;
  bool finalized = false;
  bool damaged = false;
};

Result<std::vector<FoundReplica>> ScanFolder(storage::Disk& disk, const Layout& layout);

}  // namespace tusk::dfs::datanode
