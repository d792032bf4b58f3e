// Replicas read from their files, on the machine of their DataNode: no packets, and each chunk is verified once.
//
// Invariant: a byte is handed out only after its chunk matched its checksum in the file as it is now. A DataNode may delete a
// replica, or use its file for another one, while a reader has it open: a change of the file's times makes every chunk be
// verified again, and what does not match then is read from elsewhere. Errors: any of LocalReplica means "read it over the
// network"; only that path tells which replica is bad. Thread: any. Owner: ClientContext.
#pragma once

#include <ctime>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include "common/net/local_socket.h"
#include "dfs/client/block_source.h"
#include "dfs/client/data_connections.h"
#include "dfs/client/verified_chunks.h"

namespace tusk::dfs {

class LocalReplica {
 public:
  struct Files {
    net::Descriptor data, meta;
    uint64_t length = 0;  // of the block
    uint32_t chunk_bytes = 0;
    uint64_t data_offset = 0, meta_offset = 0;
  };
  // Reads all checksums.
  static Result<std::shared_ptr<LocalReplica>> Open(Files files);

  // Exactly these bytes, verified. Thread: any.
  Status ReadAt(uint64_t offset, std::span<std::byte> out);
  uint64_t length() const { return files_.length; }

 private:
  LocalReplica(Files files, size_t chunks);
  Status ReadFile(uint64_t offset, std::span<std::byte> out) const;
  // Whole chunks at `offset`, just read in this era: verifies those that are not known to be good; all of them unless `steady`.
  Status Verify(uint64_t offset, std::span<const std::byte> bytes, VerifiedChunks::Era era, bool steady);
  Status ReadPartOfChunk(uint64_t offset, std::span<std::byte> out);
  // After a read that began in this era: whether its bytes are those that were verified before; if not, nothing is known to be
  // good any more.
  bool Steady(VerifiedChunks::Era era);
  uint64_t ChunkEnd(uint64_t chunk) const;

  const Files files_;
  std::vector<uint32_t> crcs_;
  VerifiedChunks verified_;
};

class LocalReplicas {
 public:
  LocalReplicas(DataConnections& connections, bool enabled) : connections_(connections), enabled_(enabled) {}

  // The replica on `node` when that is this machine; null: read it over the network.
  std::shared_ptr<LocalReplica> Find(const DataNodeInfo& node, const BlockRange& range);
  void Forget(const DataNodeInfo& node, const Block& block);

 private:
  static constexpr size_t kOpenReplicas = 128;
  static constexpr std::chrono::seconds kAskAgainAfter{30};
  using Key = std::tuple<uint64_t, uint64_t, uint64_t>;  // node, block, generation
  struct Entry {
    std::shared_ptr<LocalReplica> replica;
    std::list<Key>::iterator place;
  };
  Result<std::shared_ptr<LocalReplica>> Ask(const DataNodeInfo& node, const BlockRange& range);
  Result<LocalReplica::Files> Request(net::Socket& socket, const DataNodeInfo& node, const BlockRange& range);

  DataConnections& connections_;
  const bool enabled_;
  std::mutex mutex_;
  std::map<Key, Entry> open_;
  std::list<Key> order_;                                                 // least recently used first
  std::map<uint64_t, std::chrono::steady_clock::time_point> elsewhere_;  // nodes that cannot be reached locally, since when
};

// A range of an open local replica.
class LocalBlockReader final : public BlockSource {
 public:
  LocalBlockReader(std::shared_ptr<LocalReplica> replica, const DataNodeInfo& node, const BlockRange& range)
      : BlockSource(node, range), replica_(std::move(replica)) {}
  Result<size_t> Read(std::span<std::byte> out) override;

 private:
  const std::shared_ptr<LocalReplica> replica_;
};

}  // namespace tusk::dfs
