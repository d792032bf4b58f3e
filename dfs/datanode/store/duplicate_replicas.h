// One block found in two data folders of a node, which a move between them leaves behind when the machine stops at the wrong
// moment: one of the two replicas stays.
//
// The higher generation wins: the other is a name that a removal did not make durable. Of the same generation a finalized replica
// wins over one in rbw, an intact one over a damaged one: before the other is removed, the winner's bytes are verified. Two
// unfinished ones: the longer.
// Recovery: dying in between leaves both, and the next start decides again. Thread: before anything else uses the stores.
#pragma once

#include <span>

#include "dfs/datanode/store/block_store.h"

namespace tusk::dfs::datanode {

Status ResolveDuplicates(std::span<BlockStore* const> stores);

}  // namespace tusk::dfs::datanode
