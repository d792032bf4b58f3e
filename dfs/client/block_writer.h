// Carries one file's packets to its blocks' pipelines and repairs the pipelines.
//
// Life of a block: AddBlock, pipeline set-up (a node that cannot be set up is excluded and another block asked for), packets, and
// the last packet, whose ack means that the block is on disk at every node left in the pipeline. When the pipeline breaks,
// PlanRecovery decides; survivors go on at the acknowledged length under a new generation stamp, and everything that was not
// acknowledged is sent again.
// Invariant: a packet is forgotten only when every node of the pipeline has acknowledged it.
// Thread: one caller at a time, besides KeepAlive from the client's loop. Owner: OutputStream.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dfs/client/client_context.h"
#include "dfs/client/packet_window.h"
#include "dfs/client/pipeline.h"

namespace tusk::dfs {

class BlockWriter {
 public:
  struct Options {
    uint16_t replication = 3;  // of the file
    bool durable = true;       // a block has ended when it is on disk at every node; else: in memory
  };
  BlockWriter(std::shared_ptr<ClientContext> context, std::string path, InodeId inode, const Options& options);

  // The file's first block was given when it was created. Before the first packet.
  void BeginWith(LocatedBlock first) { given_ = std::move(first); }
  // At the end: no packet came for it.
  Status GiveBackUnused();
  // Goes on with the file's last block, which has located.block.length bytes, under the generation handed out for it.
  Status Continue(const LocatedBlock& located, Generation generation);

  std::unique_ptr<PacketBuffer> TakeBuffer();
  // Sends the packet, which continues the current block or, after a last packet, begins the next. Returns when the window has
  // room; a last packet starts the block's finalisation without waiting for it.
  Status Ship(std::unique_ptr<PacketBuffer> packet);
  // Waits until every packet shipped so far is acknowledged.
  Status Settle();
  // Readers rely on what is acknowledged: a node that fails is replaced.
  void Promise() { promised_ = true; }
  // Bytes shipped to the current block and whether it was ended by a last packet.
  bool in_block() const { return in_block_; }
  // The block that ended last, with its length; id 0: none. After Settle.
  const Block& previous() const { return previous_; }

  void KeepAlive();

 private:
  using Failure = Pipeline::Failure;
  Status Drive(const std::function<bool()>& reached);
  std::optional<Failure> SendAndDrain();
  std::optional<Failure> ReadOneAck();
  std::optional<Failure> TakeWaitingAcks();  // without waiting
  std::optional<Failure> Note(Pipeline::Answer answer);
  // `whole`: the block's only packet, sent with the set-up.
  Status BeginBlock(PacketBuffer* whole);
  Status EndBlock();
  Status AllocatePipeline(PacketBuffer* whole);
  Status Recover(Failure failure);
  // Re-opens the current block on `nodes` under a generation that was handed out (none: asks for one); nullopt: done.
  Result<std::optional<Failure>> Resume(std::vector<DataNodeInfo> nodes, std::optional<Generation> generation);
  // Adds another node, with a copy of what is acknowledged. Without one the write goes on with those it has.
  void Replace(std::vector<DataNodeInfo>& nodes);
  Result<DataNodeInfo> AskForNode(const std::vector<DataNodeInfo>& nodes);
  Status CopyTo(const DataNodeInfo& from, const DataNodeInfo& to);
  Result<LocatedBlock> AddBlock();
  Status Abandon();
  Pipeline::Setup BaseSetup() const;
  Status Explain(const Status& status, const std::string& what) const;
  Status GiveUp(const Status& status, const std::string& what) const;

  const std::shared_ptr<ClientContext> context_;
  const std::string path_;
  const InodeId inode_;
  const Options options_;
  std::atomic<bool> promised_{false};

  std::mutex mutex_;  // guards what follows against KeepAlive
  PacketWindow window_;
  std::optional<LocatedBlock> given_;  // to be used instead of asking for the next
  std::unique_ptr<Pipeline> pipeline_;
  std::optional<Failure> broken_;  // found by KeepAlive; the next call recovers
  std::vector<DataNodeInfo> nodes_;
  std::string token_;  // the right to write the block
  Block block_;        // being written; length: bytes shipped
  Block previous_;
  Generation agreed_generation_;  // the NameNode's view; a replica left by a failed recovery may be newer
  bool in_block_ = false;         // block_ is allocated and its last packet not shipped
  bool ending_ = false;           // the last packet is shipped, not acknowledged
  uint32_t chunk_bytes_;          // of block_
  uint32_t recoveries_ = 0;
  uint32_t restarts_ = 0;  // blocks given up since one was finished
  std::set<uint64_t> excluded_;
  std::chrono::steady_clock::time_point last_send_;
};

}  // namespace tusk::dfs
