#include "common/storage/memory_tree.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

namespace tusk::storage {
namespace {

std::vector<std::string> Components(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.emplace_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  return parts;
}

bool IsSelfOrBelow(const InodePtr& top, const InodePtr& inode) {
  if (top == inode) return true;
  return std::any_of(top->names.begin(), top->names.end(), [&](const auto& entry) { return IsSelfOrBelow(entry.second, inode); });
}

uint64_t BytesBelow(const Inode& inode) {
  uint64_t total = inode.live.size();
  for (const auto& [name, child] : inode.names) total += BytesBelow(*child);
  return total;
}

}  // namespace

void ForgetNames(std::vector<InodePtr> from) {
  while (!from.empty()) {
    const InodePtr inode = std::move(from.back());
    from.pop_back();
    for (auto* names : {&inode->names, &inode->durable_names}) {
      for (auto& [name, child] : std::exchange(*names, {})) from.push_back(child);
    }
  }
}

MemoryTree::MemoryTree() : root(std::make_shared<Inode>()) { root->is_directory = true; }

MemoryTree::~MemoryTree() {
  std::vector<InodePtr> all = {root};
  for (const auto& operation : pending_names) {
    for (const auto& change : operation.changes) {
      all.push_back(change.folder);
      if (change.after != nullptr) all.push_back(change.after);
    }
  }
  pending_names.clear();
  ForgetNames(std::move(all));
}

int MemoryTree::Locate(std::string_view path, Place* place) const {
  const auto parts = Components(path);
  *place = {.folder = nullptr, .name = "/", .inode = root};
  for (const std::string& part : parts) {
    if (place->inode == nullptr) return ENOENT;
    if (!place->inode->is_directory) return ENOTDIR;
    const auto entry = place->inode->names.find(part);
    const InodePtr child = entry == place->inode->names.end() ? nullptr : entry->second;
    *place = {.folder = place->inode, .name = part, .inode = child};
  }
  return 0;
}

int MemoryTree::Find(std::string_view path, InodePtr* inode) const {
  Place place;
  if (const int error = Locate(path, &place); error != 0) return error;
  if (place.inode == nullptr) return ENOENT;
  *inode = place.inode;
  return 0;
}

int MemoryTree::CreateFolders(std::string_view path) {
  InodePtr folder = root;
  for (const std::string& part : Components(path)) {
    auto entry = folder->names.find(part);
    if (entry == folder->names.end()) {
      const auto made = std::make_shared<Inode>();
      made->is_directory = true;
      made->modified_ms = Tick();
      NameOperation operation;
      operation.changes = {{folder, part, made}};
      Change(std::move(operation));
      SyncFolder(folder);  // as promised by Disk::CreateDirectories
      entry = folder->names.find(part);
    }
    if (!entry->second->is_directory) return ENOTDIR;
    folder = entry->second;
  }
  return 0;
}

InodePtr MemoryTree::CreateFile(const Place& place) {
  auto file = std::make_shared<Inode>();
  file->modified_ms = Tick();
  NameOperation operation;
  operation.changes = {{place.folder, place.name, file}};
  Change(std::move(operation));
  return file;
}

int MemoryTree::Rename(std::string_view from_path, std::string_view to_path) {
  Place from;
  Place to;
  if (const int error = Locate(from_path, &from); error != 0) return error;
  if (from.inode == nullptr) return ENOENT;
  if (const int error = Locate(to_path, &to); error != 0) return error;
  if (from.folder == nullptr || to.folder == nullptr) return EBUSY;  // the root
  if (from.inode == to.inode) return 0;
  if (from.inode->is_directory && IsSelfOrBelow(from.inode, to.folder)) return EINVAL;
  if (to.inode != nullptr) {
    if (to.inode->is_directory && !from.inode->is_directory) return EISDIR;
    if (!to.inode->is_directory && from.inode->is_directory) return ENOTDIR;
    if (to.inode->is_directory && !to.inode->names.empty()) return ENOTEMPTY;
  }
  NameOperation operation;
  operation.changes = {{from.folder, from.name, nullptr}, {to.folder, to.name, from.inode}};
  operation.after_all_before = from.inode->is_directory;
  Change(std::move(operation));
  return 0;
}

int MemoryTree::Remove(const Place& place) {
  if (place.folder == nullptr) return EBUSY;
  if (place.inode->is_directory && !place.inode->names.empty()) return ENOTEMPTY;
  NameOperation operation;
  operation.changes = {{place.folder, place.name, nullptr}};
  Change(std::move(operation));
  return 0;
}

void MemoryTree::RemoveTree(const Place& place) {
  while (!place.inode->names.empty()) {
    const auto [name, inode] = *place.inode->names.begin();
    RemoveTree({.folder = place.inode, .name = name, .inode = inode});
  }
  if (place.folder != nullptr) Remove(place);
}

void MemoryTree::Change(NameOperation operation) {
  for (const auto& change : operation.changes) {
    if (change.after == nullptr) {
      change.folder->names.erase(change.name);
    } else {
      change.folder->names[change.name] = change.after;
    }
    change.folder->modified_ms = Tick();
  }
  if (forgets) pending_names.push_back(std::move(operation));
}

int MemoryTree::CheckSpace(uint64_t grown_by) const {
  if (capacity == std::numeric_limits<uint64_t>::max() || grown_by == 0) return 0;
  const uint64_t used = UsedBytes();
  return used + grown_by > capacity ? ENOSPC : 0;
}

int MemoryTree::Write(Inode& file, uint64_t offset, std::span<const std::byte> data) {
  if (data.empty()) return 0;
  const uint64_t end = offset + data.size();
  if (const int error = CheckSpace(end > file.live.size() ? end - file.live.size() : 0); error != 0) return error;
  file.live.Write(offset, data);
  file.modified_ms = Tick();
  if (forgets) file.pending.push_back({.is_resize = false, .offset = offset, .bytes = {data.begin(), data.end()}});
  return 0;
}

int MemoryTree::Resize(Inode& file, uint64_t size) {
  if (const int error = CheckSpace(size > file.live.size() ? size - file.live.size() : 0); error != 0) return error;
  file.live.Resize(size);
  file.modified_ms = Tick();
  if (forgets) file.pending.push_back({.is_resize = true, .offset = size, .bytes = {}});
  return 0;
}

int MemoryTree::SyncFile(Inode& file) {
  if (syncs_to_fail > 0) {
    --syncs_to_fail;
    // As Linux does after a failed write-back: the pages count as clean and no later sync will write them.
    file.pending.clear();
    return EIO;
  }
  for (const auto& change : file.pending) change.ApplyTo(file.durable);
  file.pending.clear();
  return 0;
}

void MemoryTree::SyncFolder(const InodePtr& folder) {
  // What touches this folder, and whatever earlier operation touched the same names: from the last to the first.
  std::set<std::pair<const Inode*, std::string>> needed_names;
  std::vector<bool> needed(pending_names.size(), false);
  bool all = false;
  for (size_t i = pending_names.size(); i-- > 0;) {
    const auto& operation = pending_names[i];
    needed[i] = all || std::any_of(operation.changes.begin(), operation.changes.end(), [&](const NameChange& change) {
                  return change.folder == folder || needed_names.contains({change.folder.get(), change.name});
                });
    if (!needed[i]) continue;
    all = all || operation.after_all_before;
    for (const auto& change : operation.changes) needed_names.insert({change.folder.get(), change.name});
  }
  std::vector<NameOperation> left;
  for (size_t i = 0; i < pending_names.size(); ++i) {
    if (!needed[i]) {
      left.push_back(std::move(pending_names[i]));
      continue;
    }
    for (const auto& change : pending_names[i].changes) {
      if (change.after == nullptr) {
        change.folder->durable_names.erase(change.name);
      } else {
        change.folder->durable_names[change.name] = change.after;
      }
    }
  }
  pending_names = std::move(left);
}

uint64_t MemoryTree::UsedBytes() const { return BytesBelow(*root); }

}  // namespace tusk::storage
