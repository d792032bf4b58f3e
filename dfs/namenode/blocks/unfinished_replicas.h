// Which unfinished replicas of a DataNode are of no use to anybody, and how many blocks are surely safe after a restart.
//
// Thread: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dfs/namenode/blocks/block_records.h"

namespace tusk::dfs::namenode {

struct UnfinishedReplica {
  Generation generation;
  bool known = false;  // the block to the namespace
  bool open = false;   // it is being written
  Generation block_generation;
  size_t readable = 0;  // finished replicas of the block on other nodes that are here
  uint16_t expected = 0;
  bool being_copied = false;  // it is the beginning of a copy that was ordered
};
// Never of a block being written, unless it is older than the block: a recovery may need it. Never while the block lacks
// replicas.
bool IsUseless(const UnfinishedReplica& replica);

// Blocks that have enough replicas even if everything on `doubtful` nodes is gone: a block with more replicas than that many
// nodes can hold keeps enough on the others.
uint64_t DefinitelySafe(const BlockCounts& counts, size_t doubtful, uint32_t min_replication);

}  // namespace tusk::dfs::namenode
