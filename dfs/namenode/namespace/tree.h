// The tree of inodes: finding paths, and changing it inside a transaction.
//
// Invariants: each inode but the root has exactly one directory entry, in its parent, under its own name; `children` counts a
//             directory's entries; Meta counts files, directories and blocks; a file has blocks 0 .. block_count - 1, of which
//             only the last may be under construction; a file is under construction exactly while it has a lease record. A tree
//             that was deleted and is too large for one entry has a Garbage record instead of a directory entry; no path leads
//             there, and the counts fall as it is reclaimed.
// Thread:     namespace loop.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "dfs/namenode/namespace/records.h"
#include "dfs/namenode/namespace/state_store.h"

namespace tusk::dfs::namenode {

// What one entry did to blocks and leases: for the volatile tables, which are rebuilt at start from the state.
struct BlockChange {
  enum class Kind { kAllocated, kChanged, kRemoved };
  Kind kind = Kind::kChanged;
  InodeId inode;
  BlockRecord record;
  std::vector<DataNodeId> targets;  // kAllocated, and kChanged by a pipeline recovery
};
struct LeaseChange {
  InodeId inode;
  ClientId holder;
  bool held = false;
};
struct NodeChange {
  DataNodeId node;
  NodeAdminRecord record;
};
struct Effects {
  std::vector<BlockChange> blocks;
  boost::container::small_vector<LeaseChange, 1> leases;
  std::vector<NodeChange> nodes;
  std::vector<InodeId> garbage;  // left to be reclaimed
  void Clear() {
    blocks.clear();
    leases.clear();
    nodes.clear();
    garbage.clear();
  }
};

struct QuotaCharge {
  QuotaRef quota;
  Usage more;
};

// One entry's work: its changes, the counters, the effects and what it owes to quotas so far.
class Transaction : public Changes {
 public:
  Transaction(StateStore& store, const Meta& before, Effects& into) : Changes(store), meta(before), effects(into) {}
  Meta meta;
  Effects& effects;
  std::vector<QuotaCharge> charges{};  // one for each quota
};

// As far as a path leads.
class Walk {
 public:
  explicit Walk(std::string_view path) : path_(path == "/" ? std::string_view() : path) {}

  bool is_root() const { return path_.empty(); }
  bool exists() const { return end_ == path_.size(); }
  bool parent_exists() const { return exists() || path_.find('/', end_ + 1) == std::string_view::npos; }
  bool last_is_directory() const { return last_is_directory_; }   // the last inode
  InodeId inode() const { return inode_; }                        // the last that exists
  InodeId parent() const { return exists() ? parent_ : inode_; }  // of the path's last component, when that parent exists
  std::string_view name() const { return is_root() ? path_ : path_.substr(path_.rfind('/') + 1); }  // the last component
  // The component after the last that exists: there must be one.
  std::string_view next() const { return path_.substr(end_ + 1, path_.find('/', end_ + 1) - end_ - 1); }
  std::string_view walked() const { return path_.substr(0, end_); }

  // The next component is this inode.
  void Step(InodeId inode, bool is_directory) {
    end_ += next().size() + 1;
    parent_ = inode_;
    inode_ = inode;
    last_is_directory_ = is_directory;
  }
  // What the path names is gone.
  void StepBack() {
    end_ -= name().size() + 1;
    inode_ = parent_;
    last_is_directory_ = true;
  }

 private:
  std::string_view path_;  // empty: the root
  size_t end_ = 0;         // so many of its bytes lead to what exists
  InodeId inode_ = kRootInode;
  InodeId parent_;  // of inode_
  bool last_is_directory_ = true;
};

// kNotADirectory when a component before the last is a file. A path that ends early is not an error: see Walk::exists.
Result<Walk> WalkPath(const View& view, std::string_view path);
// The inode at the path. kNotFound, kNotADirectory.
struct Found {
  InodeId id;
  Inode inode;
};
Result<Found> FindPath(const View& view, std::string_view path);

std::optional<Inode> FindInode(const View& view, InodeId id);
bool FindInode(const View& view, InodeId id, Inode& inode);  // into a new one
Inode GetInode(const View& view, InodeId id);                // it must exist: CHECK
std::optional<Dirent> FindDirent(const View& view, InodeId parent, std::string_view name);
std::optional<BlockRecord> FindBlock(const View& view, InodeId inode, uint32_t index);
std::vector<BlockRecord> FileBlocks(const View& view, InodeId inode);
std::optional<Lease> FindLease(const View& view, InodeId inode);
std::optional<ClientId> FindHolder(const View& view, InodeId inode);  // of its lease
std::string FullPath(const View& view, InodeId inode);

void PutInode(Transaction& tx, InodeId id, const Inode& inode);
void PutBlock(Transaction& tx, InodeId inode, uint32_t index, const BlockRecord& block);

struct Attributes {
  std::string_view owner;
  uint16_t mode = 0;
  int64_t time_ms = 0;
  uint16_t unmasked = 0;  // the mode before the maker's umask, for directories with default ACLs
};
// Adds an entry for a new inode below an existing directory. The name must be free.
InodeId AddDirectory(Transaction& tx, InodeId parent, std::string_view name, const Attributes& attributes);
// Fills in what a file has in common with a directory.
InodeId AddFile(Transaction& tx, InodeId parent, std::string_view name, const Attributes& attributes, Inode& file);
// Make the missing directories above what the path names, and with it; the walk steps on. Its last inode must be a directory.
void AddMissingParents(Transaction& tx, Walk& walk, const Attributes& attributes);
void AddMissingDirectories(Transaction& tx, Walk& walk, const Attributes& attributes);
// Takes an inode out of its directory and puts it into another (or the same) one.
void Move(Transaction& tx, InodeId id, InodeId new_parent, std::string_view new_name, int64_t time_ms);
// Removes the inode with all below it, its blocks and leases (reclaim.cc): at once from sight; of a large tree most is left as
// garbage. Not the root.
void RemoveTree(Transaction& tx, InodeId id, int64_t time_ms);
// Removes of these roots of garbage as much as one entry may.
void ReclaimSome(Transaction& tx, const std::vector<InodeId>& roots);
// The change of a directory whose number of entries changes; `made`, a new one, gets its group and what its ACL says of new
// names.
void ChangeChildren(Transaction& tx, InodeId directory, int32_t by, int64_t time_ms, Inode* made = nullptr,
                    uint16_t unmasked = 0);
void GrantLease(Transaction& tx, InodeId inode, const Lease& lease);  // nobody has it
void EndLease(Transaction& tx, InodeId inode);
void EndLease(Transaction& tx, InodeId inode, const ClientId& holder);  // who is known to have it
bool IsBelow(const View& view, InodeId id, InodeId ancestor);           // or the same

}  // namespace tusk::dfs::namenode
