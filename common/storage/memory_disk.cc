#include "common/storage/memory_disk.h"

#include <cerrno>
#include <utility>

#include "common/base/try.h"
#include "common/storage/memory_disk_state.h"

namespace tusk::storage {
namespace {

Status Failed(std::string_view operation, const std::string& path, int error) {
  return FromErrno(error, "cannot " + std::string(operation) + " " + path);
}

FileInfo ToFileInfo(std::string name, const Inode& inode) {
  return {
      .name = std::move(name), .size = inode.live.size(), .is_directory = inode.is_directory, .modified_ms = inode.modified_ms};
}

class MemoryFile final : public File {
 public:
  MemoryFile(MemoryTree& tree, InodePtr inode, std::string path, bool writable)
      : tree_(tree), inode_(std::move(inode)), path_(std::move(path)), writable_(writable), generation_(tree.generation) {}

  Result<size_t> ReadAt(uint64_t offset, std::span<std::byte> out) override {
    const std::lock_guard lock(tree_.mutex);
    TUSK_TRY(CheckAlive("read"));
    return inode_->live.Read(offset, out);
  }

  Status WriteAt(uint64_t offset, std::span<const std::byte> data) override {
    const std::lock_guard lock(tree_.mutex);
    TUSK_TRY(CheckWritable("write"));
    return Answer("write", tree_.Write(*inode_, offset, data));
  }

  Status WriteVectorAt(uint64_t offset, std::span<const std::span<const std::byte>> parts) override {
    const std::lock_guard lock(tree_.mutex);
    TUSK_TRY(CheckWritable("write"));
    for (const auto part : parts) {
      TUSK_TRY(Answer("write", tree_.Write(*inode_, offset, part)));
      offset += part.size();
    }
    return OkStatus();
  }

  Status Sync() override {
    const std::lock_guard lock(tree_.mutex);
    TUSK_TRY(CheckAlive("sync"));
    return Answer("sync", tree_.SyncFile(*inode_));
  }

  Status Truncate(uint64_t size) override {
    const std::lock_guard lock(tree_.mutex);
    TUSK_TRY(CheckWritable("truncate"));
    return Answer("truncate", tree_.Resize(*inode_, size));
  }

  Status Allocate(uint64_t size) override {
    const std::lock_guard lock(tree_.mutex);
    TUSK_TRY(CheckWritable("allocate"));
    if (size <= inode_->live.size()) return OkStatus();
    return Answer("allocate " + std::to_string(size) + " bytes for", tree_.Resize(*inode_, size));
  }

  Result<uint64_t> Size() override {
    const std::lock_guard lock(tree_.mutex);
    TUSK_TRY(CheckAlive("stat"));
    return inode_->live.size();
  }

  int fd() const override { return -1; }
  const std::string& path() const override { return path_; }

 private:
  Status Answer(std::string_view operation, int error) const { return error == 0 ? OkStatus() : Failed(operation, path_, error); }
  Status CheckAlive(std::string_view operation) const {
    if (generation_ == tree_.generation) return OkStatus();
    return IoError("cannot " + std::string(operation) + " " + path_ + ": the disk lost its power since it was opened");
  }
  Status CheckWritable(std::string_view operation) const {
    TUSK_TRY(CheckAlive(operation));
    return writable_ ? OkStatus() : FailedPrecondition("cannot write " + path_ + ": it was opened for reading only");
  }

  MemoryTree& tree_;
  const InodePtr inode_;
  const std::string path_;
  const bool writable_;
  const uint64_t generation_;
};

}  // namespace

MemoryDisk::MemoryDisk() : state_(std::make_unique<State>()) {}
MemoryDisk::~MemoryDisk() = default;

Result<std::unique_ptr<File>> MemoryDisk::Open(const std::string& path, OpenMode mode) {
  const std::lock_guard lock(state_->mutex);
  MemoryTree::Place place;
  if (const int error = state_->Locate(path, &place); error != 0) return Failed("open", path, error);
  const bool may_create = mode == OpenMode::kCreate || mode == OpenMode::kCreateNew || mode == OpenMode::kTruncate;
  if (place.inode == nullptr && !may_create) return Failed("open", path, ENOENT);
  if (place.inode != nullptr && mode == OpenMode::kCreateNew) return Failed("open", path, EEXIST);
  if (place.inode != nullptr && place.inode->is_directory) return Failed("open", path, EISDIR);
  if (place.inode == nullptr) {
    place.inode = state_->CreateFile(place);
  } else if (mode == OpenMode::kTruncate) {
    state_->Resize(*place.inode, 0);
  }
  return std::unique_ptr<File>(std::make_unique<MemoryFile>(*state_, place.inode, path, mode != OpenMode::kRead));
}

Status MemoryDisk::CreateDirectories(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  const int error = state_->CreateFolders(path);
  return error == 0 ? OkStatus() : Failed("create folder", path, error);
}

Status MemoryDisk::Rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(state_->mutex);
  const int error = state_->Rename(from, to);
  return error == 0 ? OkStatus() : FromErrno(error, "cannot rename " + from + " to " + to);
}

Status MemoryDisk::Remove(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  MemoryTree::Place place;
  int error = state_->Locate(path, &place);
  if (error == 0) error = place.inode == nullptr ? ENOENT : state_->Remove(place);
  return error == 0 ? OkStatus() : Failed("remove", path, error);
}

Status MemoryDisk::RemoveAll(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  MemoryTree::Place place;
  const int error = state_->Locate(path, &place);
  if (error == ENOENT || (error == 0 && place.inode == nullptr)) return OkStatus();
  if (error != 0) return Failed("remove", path, error);
  state_->RemoveTree(place);
  return OkStatus();
}

Result<std::vector<FileInfo>> MemoryDisk::List(const std::string& directory) {
  const std::lock_guard lock(state_->mutex);
  InodePtr folder;
  if (const int error = state_->Find(directory, &folder); error != 0) return Failed("list", directory, error);
  if (!folder->is_directory) return Failed("list", directory, ENOTDIR);
  std::vector<FileInfo> found;
  for (const auto& [name, inode] : folder->names) found.push_back(ToFileInfo(name, *inode));
  return found;
}

Result<FileInfo> MemoryDisk::Stat(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  MemoryTree::Place place;
  int error = state_->Locate(path, &place);
  if (error == 0 && place.inode == nullptr) error = ENOENT;
  if (error != 0) return Failed("stat", path, error);
  return ToFileInfo(place.name, *place.inode);
}

Status MemoryDisk::SyncDirectory(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  InodePtr folder;
  if (const int error = state_->Find(path, &folder); error != 0) return Failed("open folder", path, error);
  if (!folder->is_directory) return Failed("open folder", path, ENOTDIR);
  state_->SyncFolder(folder);
  return OkStatus();
}

Result<SpaceInfo> MemoryDisk::Space(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  InodePtr inode;
  if (const int error = state_->Find(path, &inode); error != 0) return Failed("measure the space of", path, error);
  const uint64_t used = state_->UsedBytes();
  return SpaceInfo{.capacity = state_->capacity, .available = used < state_->capacity ? state_->capacity - used : 0};
}

void MemoryDisk::SetCapacity(uint64_t bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->capacity = bytes;
}

void MemoryDisk::FailNextSyncs(int count) {
  const std::lock_guard lock(state_->mutex);
  state_->syncs_to_fail = count;
}

void MemoryDisk::CorruptByte(const std::string& path, uint64_t offset, std::byte flip_mask) {
  const std::lock_guard lock(state_->mutex);
  InodePtr file;
  if (state_->Find(path, &file) != 0) return;
  for (SparseBytes* bytes : {&file->live, &file->durable}) {
    std::byte value;
    if (bytes->Read(offset, std::span(&value, 1)) == 0) continue;
    value ^= flip_mask;
    bytes->Write(offset, std::span(&value, 1));
  }
}

}  // namespace tusk::storage
