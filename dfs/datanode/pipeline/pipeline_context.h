// What every conversation on the data port needs. Thread: shared by all; its members say more.
#pragma once

#include <chrono>

#include "common/net/socket.h"
#include "dfs/datanode/block_keys.h"
#include "dfs/datanode/datanode_metrics.h"
#include "dfs/datanode/pipeline/buffer_pool.h"
#include "dfs/datanode/pipeline/copy_pacer.h"
#include "dfs/datanode/pipeline/open_sockets.h"
#include "dfs/datanode/pipeline/peer_latencies.h"
#include "dfs/datanode/pipeline/upstream.h"
#include "dfs/datanode/store/data_folders.h"
#include "dfs/protocol/packet.h"

namespace tusk::dfs::datanode {

// A header, the checksums of the smallest chunks, and the payload.
inline constexpr size_t kMaxPacketChecksums = kMaxPacketBytes / kMinChunkBytes + 1;
inline constexpr size_t kPacketBufferBytes = kPacketHeaderBytes + 4 * kMaxPacketChecksums + kMaxPacketBytes;

struct PipelineContext {
  DataFolders& store;
  DataNodeMetrics& metrics;
  BufferPool& buffers;
  OpenSockets& sockets;
  DataNodeId self;
  std::chrono::milliseconds timeout;  // dfs.data_timeout
  std::chrono::milliseconds silence;  // dfs.peer_silence
  net::SocketOptions socket;
  const BlockKeys& keys;  // of block tokens
  CopyPacer& pacer;
  PeerLatencies& latencies;
  SignsOfLife& signs;
};

// How long a node waits for its direct peer, as long as that gives signs of life, that has `below` nodes behind it: less than its
// own upstream waits for it, so that the node next to the one that hangs is the first to say so, and the right one is blamed.
inline std::chrono::milliseconds PeerTimeout(const PipelineContext& context, size_t below) {
  return context.timeout * (6 + std::min<size_t>(below, 3)) / 10;
}

}  // namespace tusk::dfs::datanode
