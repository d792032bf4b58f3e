// What the namespace keeps in its key-value store: keys and records. Byte by byte in docs/formats/namespace.md.
//
//   D | be64(parent) | name                   -> Dirent
//   I | be64(inode)                           -> Inode
//   B | be64(inode) | be32(index in the file) -> BlockRecord
//   L | be64(inode)                           -> Lease: who writes this file
//   Q | be64(inode)                           -> QuotaRecord: of a directory (quota.h)
//   X | be64(inode)                           -> extended attributes (xattrs.h)
//   Z | be64(high) | be64(low) | be64(seq)    -> RetryRecord: the answer to a mutation (retry_answers.h)
//   G | be64(inode)                           -> Garbage: what a deleted tree has left behind, to be removed in steps
//   J | job                                   -> highest epoch that has published this job
//   A | be64(DataNode)                        -> NodeAdminRecord: a node in decommission or maintenance
//   M                                         -> Meta: counters and the applied index
//
// Thread: pure functions and values. Decode answers nullopt for bytes that break the format.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::namenode {

class ByteWriter;

struct ClientId {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const ClientId&) const = default;
};
// Who holds the lease of a file whose last block DataNodes are recovering: the NameNode itself. No client has these ids.
inline constexpr ClientId kRecoveryHolder{0, 0};  // to the length that the replicas agree on
inline constexpr ClientId kTruncateHolder{0, 1};  // to BlockRecord::length
inline bool IsRecovery(const ClientId& holder) { return holder == kRecoveryHolder || holder == kTruncateHolder; }

struct Lease {
  ClientId holder;
  std::string user;  // of the writer, for those who are refused
  std::string host;
  bool operator==(const Lease&) const = default;
};

struct Dirent {
  InodeId inode;
  bool is_directory = false;
};

struct Inode {
  bool is_directory = false;
  InodeId parent;    // of the root: 0
  std::string name;  // of the root: empty
  int64_t modified_ms = 0;
  int64_t accessed_ms = 0;
  std::string owner;
  std::string group;
  uint16_t mode = 0;
  std::string acl;          // what the mode bits cannot say (acl.h); empty: nothing
  bool has_xattrs = false;  // there is a record of them
  bool has_quota = false;   // as well
  uint32_t children = 0;    // directories
  // Files:
  uint16_t replication = 0;
  uint64_t block_size = 0;
  uint64_t length = 0;  // bytes: the sum of its blocks' lengths
  uint32_t block_count = 0;
  bool under_construction = false;
  bool operator==(const Inode&) const = default;
};

struct BlockRecord {
  BlockId id;
  Generation generation;
  Generation next_generation;  // handed out for a pipeline recovery that has not ended; 0: none
  uint64_t length = 0;       // while under construction: what is known to be in it (what it had before an append; 0 of a new one)
  uint16_t replication = 0;  // of its file
  bool under_construction = false;
  std::vector<DataNodeId> nodes{};  // under construction: its pipeline as last agreed; these may have replicas
  bool operator==(const BlockRecord&) const = default;
};

// What an operator has ordered for a DataNode. No record: in service.
enum class NodeOrder : uint8_t { kInService = 0, kDecommission = 1, kMaintenance = 2 };
struct NodeAdminRecord {
  NodeOrder order = NodeOrder::kInService;
  int64_t until_ms = 0;  // maintenance: wall clock at which it ends; 0: never
  bool operator==(const NodeAdminRecord&) const = default;
};

// What a tree uses of its quotas: names (directories and files), and bytes times replicas.
struct Usage {
  int64_t names = 0, space = 0;
  Usage operator-() const { return {-names, -space}; }
  Usage& operator+=(Usage more) {
    names += more.names;
    space += more.space;
    return *this;
  }
};
struct QuotaRecord {
  int64_t names_limit = kNoQuota, space_limit = kNoQuota;
  int64_t names = 0, space = 0;  // used now, by what is deleted and not yet reclaimed too
  uint64_t made = 0;             // by this entry: a quota that was taken away and given again is another one
  bool operator==(const QuotaRecord&) const = default;
};
struct QuotaRef {
  InodeId directory;
  uint64_t made = 0;
  bool operator==(const QuotaRef&) const = default;
};
using QuotaChain = std::vector<QuotaRef>;

// The root of a tree that no path leads to any more. It is removed from its first child on; a file from its last block.
struct Garbage {
  std::string after;    // of a directory: the children up to this name are gone
  QuotaChain quotas{};  // that it is charged to
  bool operator==(const Garbage&) const = default;
};

struct Meta {
  uint64_t format = 2;   // 1 had inodes without fixed places
  uint64_t applied = 0;  // index of the last applied entry
  uint64_t next_inode = 2;
  uint64_t next_block = 1u << 30;
  uint64_t next_generation = 1001;
  uint64_t files = 0;
  uint64_t directories = 1;  // the root too
  uint64_t blocks = 0;
  int64_t last_time_ms = 0;  // of entries; never goes back
  uint64_t quotas = 0;       // directories that have one
  bool operator==(const Meta&) const = default;
};

// The answer to a mutation, as it is kept for a repeated request. Operations use the fields they need.
struct Answer {
  Status status;
  InodeId inode;
  std::optional<Inode> record;
  Block block;
  uint64_t offset = 0;
  std::vector<DataNodeId> nodes;
  bool deleted = false;
  bool operator==(const Answer&) const = default;
  void Clear() {
    if (!status.ok()) status = Status();
    inode = InodeId();
    record.reset();
    block = Block();
    offset = 0;
    nodes.clear();
    deleted = false;
  }
};
inline Answer AnswerOf(Status status) {
  Answer answer;
  answer.status = std::move(status);
  return answer;
}

struct RetryMark {
  uint64_t index = 0;   // of the entry
  int64_t time_ms = 0;  // of the entry
  uint64_t acked = 0;   // the client's highest acknowledged sequence then
};
struct RetryRecord {
  uint64_t index = 0;  // as above
  int64_t time_ms = 0;
  uint64_t acked = 0;
  Answer answer;
};

std::string DirentKey(InodeId parent, std::string_view name);
std::string DirentPrefix(InodeId parent);
std::string_view DirentName(std::string_view key);  // of a key made by DirentKey
// The same key without an allocation, for the time of a look-up or a change.
class DirentKeyHere {
 public:
  DirentKeyHere(InodeId parent, std::string_view name);
  operator std::string_view() const { return {large_ ? large_.get() : inline_, size_}; }  // NOLINT(google-explicit-constructor)

 private:
  static constexpr size_t kHeadBytes = 9;
  size_t size_;
  std::unique_ptr<char[]> large_;  // for names longer than a path may have
  char inline_[kHeadBytes + kMaxNameBytes];
};
std::string InodeKey(InodeId inode);
std::string BlockKey(InodeId inode, uint32_t index);
std::string BlockPrefix(InodeId inode);
InodeId BlockKeyInode(std::string_view key);
uint32_t BlockKeyIndex(std::string_view key);
std::string LeaseKey(InodeId inode);
std::string XattrKey(InodeId inode);
std::string QuotaKey(InodeId inode);
std::string RetryKey(ClientId client, uint64_t sequence);
std::string FenceKey(std::string_view job);
std::string GarbageKey(InodeId inode);
InodeId GarbageKeyInode(std::string_view key);
std::string NodeAdminKey(DataNodeId node);
DataNodeId NodeAdminKeyNode(std::string_view key);
inline constexpr std::string_view kNodeAdminPrefix = "A";
inline constexpr std::string_view kGarbagePrefix = "G";  // the root's inode comes next: a scan ends at once
inline constexpr std::string_view kMetaKey = "M";
inline constexpr char kRetryTag = 'Z';

// Appends the bytes that Encode gives.
void Write(const Dirent& dirent, ByteWriter* out);
void Write(const Inode& inode, ByteWriter* out);
void Write(const Lease& lease, ByteWriter* out);
void Write(const RetryMark& mark, const Answer& answer, ByteWriter* out);
// Makes the record of a directory that of one with `more` children, changed at this time, in place: each new name comes here.
// False: it breaks the format, or is of a file.
bool ChangeChildren(char* directory, size_t bytes, int32_t more, int64_t modified_ms);
bool Read(std::string_view bytes, Inode* inode);  // into a new one; false: it breaks the format
// Where an inode lies: the head of its record, for what walks up the tree.
struct InodePlace {
  InodeId parent;
  std::string_view name;  // in the record
};
bool ReadHasQuota(std::string_view inode);   // false if it breaks the format
uint32_t ReadCount(std::string_view inode);  // of a file its blocks, of a directory its children
std::optional<InodePlace> ReadPlace(std::string_view inode);
// What the names in a directory have of it: pieces of the record.
struct Inherited {
  std::string_view group, acl;
};
std::optional<Inherited> ReadInherited(std::string_view directory);
std::optional<ClientId> ReadHolder(std::string_view lease);

std::string Encode(const Dirent& dirent);
std::string Encode(const Inode& inode);
std::string Encode(const BlockRecord& block);
std::string Encode(const Lease& lease);
std::string Encode(const RetryRecord& record);
std::string Encode(const NodeAdminRecord& record);
std::string Encode(const Garbage& garbage);
std::string Encode(const QuotaRecord& quota);
std::string Encode(const Meta& meta);
std::optional<Dirent> DecodeDirent(std::string_view bytes);
std::optional<Inode> DecodeInode(std::string_view bytes);
std::optional<BlockRecord> DecodeBlock(std::string_view bytes);
std::optional<Lease> DecodeLease(std::string_view bytes);
std::optional<RetryRecord> DecodeRetry(std::string_view bytes);
std::optional<NodeAdminRecord> DecodeNodeAdmin(std::string_view bytes);
std::optional<Garbage> DecodeGarbage(std::string_view bytes);
std::optional<QuotaRecord> DecodeQuota(std::string_view bytes);
std::optional<Meta> DecodeMeta(std::string_view bytes);

}  // namespace tusk::dfs::namenode

template <>
struct std::hash<tusk::dfs::namenode::ClientId> {
  size_t operator()(const tusk::dfs::namenode::ClientId& id) const noexcept { return id.high * 0x9E3779B97F4A7C15 ^ id.low; }
};
