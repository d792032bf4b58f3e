// Copies a finalized replica to other DataNodes through one pipeline (Command.transfer of datanode.capnp).
//
// Every chunk is verified before it is sent: a damaged replica is reported instead of spread. Thread: any; blocks.
#pragma once

#include <vector>

#include "dfs/datanode/pipeline/pipeline_context.h"

namespace tusk::dfs::datanode {

// `token`: the right to copy the block. Ok: on disk at every target (or there before). kCorruption: this node's replica is
// damaged; told to the store.
Status CopyBlock(PipelineContext& context, const Block& block, const std::vector<DataNodeInfo>& targets, std::string_view token,
                 const CopyRate& rate = {});
// The first block.length bytes of a replica that is being written, for a node that takes the place of one its pipeline has lost.
Status CopyBegunBlock(PipelineContext& context, const Block& block, const std::vector<DataNodeInfo>& targets,
                      std::string_view token);

}  // namespace tusk::dfs::datanode
