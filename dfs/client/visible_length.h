// How much of a file that is being written may be read: its DataNodes are asked for the last block (ReplicaQuery of
// data_transfer.capnp), since the NameNode learns of its bytes only when it ends.
//
// Thread: any; blocks, for a few seconds when DataNodes do not answer.
#pragma once

#include "dfs/client/client_context.h"
#include "dfs/client/file_system.h"

namespace tusk::dfs {

// Sets the length of the block under construction, and with it that of the file, to what a replica has for readers. Nothing
// changes without such a block. When nobody answers, the block ends where the NameNode knows it to end.
void LearnVisibleLength(const ClientContext& context, LocatedFile* file);

}  // namespace tusk::dfs
