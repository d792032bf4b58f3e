#include "dfs/namenode/namespace/tree.h"

#include <glog/logging.h>

#include <algorithm>

#include "common/base/try.h"
#include "dfs/namenode/namespace/acl.h"
#include "dfs/namenode/namespace/byte_codec.h"
#include "dfs/namenode/namespace/quota.h"

namespace tusk::dfs::namenode {
namespace {

constexpr uint32_t kFewBlocks = 16;  // are looked up one by one: a scan costs as much as several

// A record that does not decode means that the store's bytes are not what was written.
void CheckDecoded(bool whole, std::string_view what) {
  CHECK(whole) << "a " << what << " record of the applied state is broken; remove the NameNode's state folder: it is rebuilt";
}
template <class T>
T Decoded(std::optional<T> record, std::string_view what) {
  CheckDecoded(record.has_value(), what);
  return std::move(*record);
}

void PutDirent(Transaction& tx, InodeId parent, std::string_view name, const Dirent& dirent, bool is_new) {
  ByteWriter value;
  Write(dirent, &value);
  const DirentKeyHere key(parent, name);
  is_new ? tx.PutNew(key, value.view()) : tx.Put(key, value.view());
}

InodeId AddInode(Transaction& tx, InodeId parent, std::string_view name, Inode& inode, const Attributes& attributes) {
  const InodeId id(tx.meta.next_inode++);
  inode.parent = parent;
  inode.name = name;
  inode.modified_ms = attributes.time_ms;
  inode.accessed_ms = attributes.time_ms;
  inode.owner = attributes.owner;
  inode.mode = attributes.mode;
  ChangeChildren(tx, parent, 1, attributes.time_ms, &inode, attributes.unmasked);
  ByteWriter value;
  Write(inode, &value);
  tx.PutNew(InodeKey(id), value.view());
  PutDirent(tx, parent, name, {id, inode.is_directory}, true);
  ++(inode.is_directory ? tx.meta.directories : tx.meta.files);
  Charge(tx, parent, {1, 0});
  return id;
}

// What moves from under one quota to another is counted, whatever its size.
void MoveUsage(Transaction& tx, InodeId id, const Inode& inode, InodeId new_parent) {
  const QuotaChain from = QuotasOf(tx, inode.parent), to = QuotasOf(tx, new_parent);
  if (from == to) return;
  const Usage usage = CountTree(tx, id, inode);
  Charge(tx, from, -usage);
  Charge(tx, to, usage);
}

}  // namespace

void ChangeChildren(Transaction& tx, InodeId directory, int32_t by, int64_t time_ms, Inode* made, uint16_t unmasked) {
  const auto changed = tx.Change(InodeKey(directory), [&](char* record, size_t bytes) {
    CheckDecoded(ChangeChildren(record, bytes, by, time_ms), "directory");
    if (made == nullptr) return;
    const auto inherited = *ReadInherited({record, bytes});
    made->group = inherited.group;  // the directory's, as BSD has it
    if (!inherited.acl.empty()) InheritAcl(inherited.acl, unmasked, *made);
  });
  CHECK(changed) << "inode " << directory << " is named by a directory entry but has no record";
}

std::optional<Inode> FindInode(const View& view, InodeId id) {
  std::optional<Inode> inode(std::in_place);
  if (!FindInode(view, id, *inode)) inode.reset();
  return inode;
}

bool FindInode(const View& view, InodeId id, Inode& inode) {
  const auto bytes = view.Look(InodeKey(id));
  if (bytes) CheckDecoded(Read(*bytes, &inode), "inode");
  return bytes.has_value();
}

Inode GetInode(const View& view, InodeId id) {
  const auto bytes = view.Look(InodeKey(id));
  CHECK(bytes) << "inode " << id << " is named by a directory entry but has no record";
  Inode inode;
  CheckDecoded(Read(*bytes, &inode), "inode");
  return inode;
}

std::optional<Dirent> FindDirent(const View& view, InodeId parent, std::string_view name) {
  const auto bytes = view.Look(DirentKeyHere(parent, name));
  if (!bytes) return std::nullopt;
  return Decoded(DecodeDirent(*bytes), "directory entry");
}

std::optional<BlockRecord> FindBlock(const View& view, InodeId inode, uint32_t index) {
  const auto bytes = view.Look(BlockKey(inode, index));
  if (!bytes) return std::nullopt;
  return Decoded(DecodeBlock(*bytes), "block");
}

std::vector<BlockRecord> FileBlocks(const View& view, InodeId inode) {
  std::vector<BlockRecord> blocks;
  const auto file = FindInode(view, inode);
  if (!file || file->block_count == 0) return blocks;
  if (file->block_count <= kFewBlocks) {
    while (blocks.size() < file->block_count) {
      auto block = FindBlock(view, inode, static_cast<uint32_t>(blocks.size()));
      if (!block) break;
      blocks.push_back(std::move(*block));
    }
    if (blocks.size() == file->block_count) return blocks;
    blocks.clear();  // an operation has changed the blocks and not yet the inode
  }
  view.Scan(BlockPrefix(inode), {}, [&](std::string_view, std::string_view value) {
    blocks.push_back(Decoded(DecodeBlock(value), "block"));
    return true;
  });
  return blocks;
}

std::optional<Lease> FindLease(const View& view, InodeId inode) {
  const auto bytes = view.Look(LeaseKey(inode));
  if (!bytes) return std::nullopt;
  return Decoded(DecodeLease(*bytes), "lease");
}

std::optional<ClientId> FindHolder(const View& view, InodeId inode) {
  const auto bytes = view.Look(LeaseKey(inode));
  if (!bytes) return std::nullopt;
  return Decoded(ReadHolder(*bytes), "lease");
}

Result<Walk> WalkPath(const View& view, std::string_view path) {
  Walk walk(path);
  while (!walk.exists()) {
    if (!walk.last_is_directory()) {
      return Status(Code::kNotADirectory, "cannot reach " + std::string(path) + ": " + std::string(walk.walked()) +
                                              " is a file, not a directory; check the path");
    }
    const auto dirent = FindDirent(view, walk.inode(), walk.next());
    if (!dirent) break;
    walk.Step(dirent->inode, dirent->is_directory);
  }
  return walk;
}

Result<Found> FindPath(const View& view, std::string_view path) {
  TUSK_ASSIGN(const Walk walk, WalkPath(view, path));
  if (!walk.exists()) return NotFound(std::string(path) + " does not exist");
  return Found{walk.inode(), GetInode(view, walk.inode())};
}

std::string FullPath(const View& view, InodeId id) {
  std::string path;
  while (id != kRootInode) {
    const auto bytes = view.Look(InodeKey(id));
    if (!bytes) return "(deleted)" + path;
    const InodePlace place = Decoded(ReadPlace(*bytes), "inode");
    path.insert(0, place.name);
    path.insert(0, 1, '/');
    id = place.parent;
  }
  return path.empty() ? "/" : path;
}

bool IsBelow(const View& view, InodeId id, InodeId ancestor) {
  while (id != ancestor) {
    if (id == kRootInode) return false;
    const auto bytes = view.Look(InodeKey(id));
    CHECK(bytes) << "inode " << id << " has an entry below it but no record";
    id = Decoded(ReadPlace(*bytes), "inode").parent;
  }
  return true;
}

void PutInode(Transaction& tx, InodeId id, const Inode& inode) {
  ByteWriter value;
  Write(inode, &value);
  tx.Put(InodeKey(id), value.view());
}

void PutBlock(Transaction& tx, InodeId inode, uint32_t index, const BlockRecord& block) {
  tx.Put(BlockKey(inode, index), Encode(block));
}

InodeId AddDirectory(Transaction& tx, InodeId parent, std::string_view name, const Attributes& attributes) {
  Inode inode;
  inode.is_directory = true;
  return AddInode(tx, parent, name, inode, attributes);
}

InodeId AddFile(Transaction& tx, InodeId parent, std::string_view name, const Attributes& attributes, Inode& file) {
  return AddInode(tx, parent, name, file, attributes);
}

void AddMissingParents(Transaction& tx, Walk& walk, const Attributes& attributes) {
  while (!walk.parent_exists()) walk.Step(AddDirectory(tx, walk.inode(), walk.next(), attributes), true);
}

void AddMissingDirectories(Transaction& tx, Walk& walk, const Attributes& attributes) {
  while (!walk.exists()) walk.Step(AddDirectory(tx, walk.inode(), walk.next(), attributes), true);
}

void Move(Transaction& tx, InodeId id, InodeId new_parent, std::string_view new_name, int64_t time_ms) {
  Inode inode = GetInode(tx, id);
  if (inode.parent != new_parent && tx.meta.quotas != 0) MoveUsage(tx, id, inode, new_parent);
  tx.Delete(DirentKeyHere(inode.parent, inode.name));
  if (inode.parent != new_parent) ChangeChildren(tx, inode.parent, -1, time_ms);
  const int32_t more = inode.parent != new_parent ? 1 : 0;
  inode.parent = new_parent;
  inode.name = new_name;
  PutInode(tx, id, inode);
  PutDirent(tx, new_parent, new_name, {id, inode.is_directory}, false);
  ChangeChildren(tx, new_parent, more, time_ms);
}

void GrantLease(Transaction& tx, InodeId inode, const Lease& lease) {
  ByteWriter value;
  Write(lease, &value);
  tx.PutNew(LeaseKey(inode), value.view());
  tx.effects.leases.push_back({inode, lease.holder, true});
}

void EndLease(Transaction& tx, InodeId inode) {
  if (const auto holder = FindHolder(tx, inode)) EndLease(tx, inode, *holder);
}

void EndLease(Transaction& tx, InodeId inode, const ClientId& holder) {
  tx.Delete(LeaseKey(inode));
  tx.effects.leases.push_back({inode, holder, false});
}

}  // namespace tusk::dfs::namenode
