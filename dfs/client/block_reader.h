// One range of one replica, streamed from its DataNode; every chunk is verified before its bytes are handed out.
//
// Whole chunks go from the socket straight into the caller's memory; edges and small reads pass through a buffer.
// Start sends the request, Await takes the answer: between the two other replicas may be asked. Thread: one at a time.
// Owner: an input stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dfs/client/block_source.h"
#include "dfs/client/data_connections.h"
#include "dfs/protocol/packet.h"

namespace tusk::dfs {

// Memory that only grows and is not cleared.
class ReadBuffer {
 public:
  std::byte* Ensure(size_t bytes);

 private:
  std::unique_ptr<std::byte[]> memory_;
  size_t bytes_ = 0;
};

class BlockReader final : public BlockSource {
 public:
  // What to do when the DataNode has sent nothing for `patience`; true: wait on, at most for the data timeout in all.
  struct Watch {
    std::chrono::milliseconds patience{0};  // 0: nobody watches
    std::function<bool(BlockReader&)> on_stall;
  };
  static Result<std::unique_ptr<BlockReader>> Start(DataConnections& connections, const DataNodeInfo& node,
                                                    const BlockRange& range, const std::string& client);
  ~BlockReader() override;  // gives the connection back if the range was read to its end

  Status Await();  // once, before the first Read
  void SetWatch(Watch watch) { watch_ = std::move(watch); }
  Result<size_t> Read(std::span<std::byte> out) override;
  // Reads what is left of the answer, so that the connection can serve again. A failure costs only that.
  void Finish() override;
  int fd() const { return socket_.fd(); }  // readable: something has come

 private:
  BlockReader(DataConnections& connections, const DataNodeInfo& node, const BlockRange& range, std::string client)
      : BlockSource(node, range), connections_(connections), range_(range), client_(std::move(client)) {}
  Status Request(bool only_new);
  Status ReadReply();
  Status NextPacket();
  uint32_t WholeChunksWithin(size_t room) const;
  Status Fetch(std::byte* out, uint32_t bytes);  // whole chunks of the current packet, verified
  Status Receive(std::span<std::byte> out);
  Status ReadToTheEnd();

  DataConnections& connections_;
  const BlockRange range_;
  const std::string client_;
  Watch watch_;
  ReadBuffer buffer_;
  net::Socket socket_;
  bool reused_ = false;  // the connection may have been closed meanwhile
  uint32_t chunk_bytes_ = 0;
  uint64_t block_length_ = 0;  // of the replica
  uint64_t arriving_ = 0;      // the next byte in the socket, in the block
  uint32_t payload_left_ = 0;  // of the current packet, in the socket
  uint64_t sequence_ = 0;      // of the next packet
  bool last_ = false;          // the current packet is the last
  bool finished_ = false;
  std::vector<uint32_t> checksums_;
  size_t next_checksum_ = 0;
  uint64_t buffered_from_ = 0, buffered_to_ = 0;  // what the buffer holds, in the block
};

}  // namespace tusk::dfs
