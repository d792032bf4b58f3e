// What MemoryDisk and ForgetfulDisk hold: folders and files, and, when asked to, which of their changes are not yet durable.
//
// Two views exist side by side. The live view is what reads see. The durable view is what is certain to survive a power cut: a
// file's bytes move there by SyncFile, names by SyncFolder. Between the two stand lists of changes in order, from which
// forgetful_disk.cc picks survivors.
// Errors: errno values; the caller adds the operation and the path.
// Thread: hold `mutex` around every call.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"
#include "common/storage/sparse_bytes.h"

namespace tusk::storage {

// Bytes written at an offset, or a new size.
struct ByteChange {
  bool is_resize = false;
  uint64_t offset = 0;  // or the size
  std::vector<std::byte> bytes;

  void ApplyTo(SparseBytes& target) const { is_resize ? target.Resize(offset) : target.Write(offset, bytes); }
};

struct Inode {
  bool is_directory = false;
  int64_t modified_ms = 0;
  // Of a file.
  SparseBytes live;
  SparseBytes durable;
  std::vector<ByteChange> pending;  // between durable and live
  // Of a folder.
  std::map<std::string, std::shared_ptr<Inode>> names;
  std::map<std::string, std::shared_ptr<Inode>> durable_names;
};
using InodePtr = std::shared_ptr<Inode>;

// One name now means `after` (null: nothing).
struct NameChange {
  InodePtr folder;
  std::string name;
  InodePtr after;
};

// Changes that a file system makes durable together or not at all: a rename is two.
struct NameOperation {
  std::vector<NameChange> changes;
  bool after_all_before = false;  // moving a folder waits for everything earlier, lest it becomes its own descendant
};

class MemoryTree {
 public:
  MemoryTree();
  ~MemoryTree();
  MemoryTree(const MemoryTree&) = delete;
  MemoryTree& operator=(const MemoryTree&) = delete;

  std::mutex mutex;
  uint64_t capacity = std::numeric_limits<uint64_t>::max();
  int syncs_to_fail = 0;
  bool forgets = false;     // keep track of what is durable
  uint64_t generation = 0;  // counts power cuts: files of an earlier one are dead
  Random random{0};
  InodePtr root;
  std::vector<NameOperation> pending_names;

  struct Place {
    InodePtr folder;  // null for the root itself
    std::string name;
    InodePtr inode;  // null: the folder has no such name
  };
  // ENOENT or ENOTDIR when the way to the folder is broken.
  int Locate(std::string_view path, Place* place) const;
  // Like Locate, and the inode must exist.
  int Find(std::string_view path, InodePtr* inode) const;

  int CreateFolders(std::string_view path);
  InodePtr CreateFile(const Place& place);
  int Rename(std::string_view from, std::string_view to);
  int Remove(const Place& place);
  void RemoveTree(const Place& place);

  int Write(Inode& file, uint64_t offset, std::span<const std::byte> data);
  int Resize(Inode& file, uint64_t size);
  int SyncFile(Inode& file);
  void SyncFolder(const InodePtr& folder);

  uint64_t UsedBytes() const;

 private:
  void Change(NameOperation operation);
  int CheckSpace(uint64_t grown_by) const;
  int64_t Tick() { return ++tick_; }  // no clock in unit tests: time is the number of changes

  int64_t tick_ = 0;
};

// Empties the name tables of everything that can be reached, so that no cycle of owners remains.
void ForgetNames(std::vector<InodePtr> from);

}  // namespace tusk::storage
