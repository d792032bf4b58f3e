// Ids, values and limits of the DFS that cross folders.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/strong_id.h"
#include "common/base/units.h"

namespace tusk::dfs {

using BlockId = StrongId<struct BlockIdTag, uint64_t>;
using InodeId = StrongId<struct InodeIdTag, uint64_t>;
using DataNodeId = StrongId<struct DataNodeIdTag, uint64_t>;
using Generation = StrongId<struct GenerationTag, uint64_t>;

inline constexpr InodeId kRootInode{1};
inline constexpr size_t kMaxNameBytes = 255;
inline constexpr size_t kMaxPathBytes = 8000;
inline constexpr uint16_t kMaxReplication = 512;
inline constexpr int64_t kNoQuota = -1;           // no limit
inline constexpr int64_t kKeepQuota = INT64_MAX;  // of a change: the limit as it is
inline constexpr uint64_t kMinBlockSize = kKiB;
inline constexpr uint32_t kMaxBlocksPerFile = 1'000'000;

struct Block {
  BlockId id;
  Generation generation;
  uint64_t length = 0;  // bytes
  auto operator<=>(const Block&) const = default;
};

struct DataNodeInfo {
  DataNodeId id;
  std::string host;
  uint16_t data_port = 0;
  uint16_t http_port = 0;
  std::string rack;            // "/rack1"
  std::string name;            // "node1"
  std::string local_socket{};  // Unix socket of a node on this host that hands out descriptors; empty: none
  bool operator==(const DataNodeInfo&) const = default;
};

struct LocatedBlock {
  Block block;
  uint64_t offset = 0;                  // of its first byte in the file
  std::vector<DataNodeInfo> locations;  // nearest first
  bool corrupt = false;
  bool under_construction = false;  // replicas may have more than block.length
  std::string token{};              // right to use it (block_token.h)
};

struct FileStatus {
  std::string path;  // absolute
  InodeId inode;
  bool is_directory = false;
  uint64_t length = 0;
  uint64_t block_size = 0;
  uint16_t replication = 0;
  int64_t modified_ms = 0;
  int64_t accessed_ms = 0;
  std::string owner, group;
  uint16_t mode = 0;
  uint32_t children = 0;
  bool under_construction = false;
  bool has_acl = false;  // more rights than the mode can show (acl.h)
};

}  // namespace tusk::dfs
