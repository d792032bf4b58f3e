// One range of one replica, streamed from its DataNode; every chunk is verified before its bytes are handed out.
//
// Whole chunks go from the socket straight into the caller's memory; edges and small reads pass through the stream's buffer.
// Errors: kCorruption means that bytes did not match their checksums (this replica is bad); anything else that this DataNode
// cannot serve the range now. Thread: one at a time. Owner: an input stream; `buffer` must outlive the reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

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

class BlockReader {
 public:
  struct Range {
    Block block;
    uint64_t offset = 0;  // in the block
    uint64_t length = 0;  // within the block's length
    std::string token;    // the right to read it
  };
  static Result<std::unique_ptr<BlockReader>> Open(DataConnections& connections, const DataNodeInfo& node, const Range& range,
                                                   const std::string& client, ReadBuffer& buffer);
  ~BlockReader();  // gives the connection back if the range was read to its end

  Result<size_t> Read(std::span<std::byte> out);  // 0 only at the end of the range
  // At the end of the range: reads what is left of the answer, so that the connection can serve again. A failure costs only that.
  void Finish();
  uint64_t position() const { return position_; }
  uint64_t end() const { return end_; }
  const DataNodeInfo& node() const { return node_; }
  const Block& block() const { return block_; }

 private:
  BlockReader(DataConnections& connections, const DataNodeInfo& node, const Range& range, ReadBuffer& buffer);
  Status Request(const Range& range, const std::string& client, bool only_new, bool* stale);
  Status NextPacket();
  uint32_t WholeChunksWithin(size_t room) const;
  Status Fetch(std::byte* out, uint32_t bytes);  // whole chunks of the current packet, verified
  Status ReadToTheEnd();

  DataConnections& connections_;
  const DataNodeInfo node_;
  const Block block_;
  ReadBuffer& buffer_;
  net::Socket socket_;
  uint64_t position_;  // the next byte for the caller, in the block
  const uint64_t end_;
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
