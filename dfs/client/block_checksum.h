// The crc32c of a file's content, from the checksums that the DataNodes keep: no data is read. Thread: any.
#pragma once

#include "dfs/client/client_context.h"
#include "dfs/client/file_system.h"

namespace tusk::dfs {

Result<FileChecksum> ComputeChecksum(ClientContext& context, const LocatedFile& file);

}  // namespace tusk::dfs
