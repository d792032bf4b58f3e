// All bytes of a replica against its stored checksums.
#pragma once

#include <functional>

#include "dfs/datanode/store/replica_reader.h"

namespace tusk::dfs::datanode {

// pace: called with the number of bytes before each piece is read; an error of it ends the check and is returned.
// kCorruption: the bytes do not match; other errors: nothing can be said. Thread: any; blocks.
Status CheckReplica(ReplicaReader& replica, const std::function<Status(uint64_t)>& pace = nullptr);

}  // namespace tusk::dfs::datanode
