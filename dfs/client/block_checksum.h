// The checksum of a file's content, put together from those of its blocks. The crc32c comes from what the DataNodes keep, and no
// data is read; for HDFS's MD5 they read their replicas. Thread: any.
#pragma once

#include "dfs/client/client_context.h"
#include "dfs/client/file_system.h"

namespace tusk::dfs {

Result<FileChecksum> ComputeChecksum(ClientContext& context, const LocatedFile& file, ChecksumKind kind);

}  // namespace tusk::dfs
