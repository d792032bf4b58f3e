// The only way to the local file system. Three bodies, one contract (tests/unit/common/storage/disk_contract_test.cc):
//   PosixDisk      the machine's;
//   MemoryDisk     for unit tests: no file system is touched;
//   ForgetfulDisk  a MemoryDisk that can lose its power: what was not synced (bytes by File::Sync, names by SyncDirectory) is
//   gone.
//
// Durability: bytes are durable after File::Sync, names after SyncDirectory of the parent. WriteFileAtomically does both.
// Errors:     kNotFound, kAlreadyExists, kNoSpace, kPermissionDenied, kIoError ..., each naming the path.
// Thread:     Disk from any thread; one File from several threads for ReadAt; writers serialise themselves.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace tusk::storage {

class File {
 public:
  virtual ~File() = default;  // closes, without syncing
  // Reads up to out.size() bytes; fewer only at the end of the file.
  virtual Result<size_t> ReadAt(uint64_t offset, std::span<std::byte> out) = 0;
  virtual Status WriteAt(uint64_t offset, std::span<const std::byte> data) = 0;
  // One system call for many pieces, in order from `offset`.
  virtual Status WriteVectorAt(uint64_t offset, std::span<const std::span<const std::byte>> parts) = 0;
  virtual Status Sync() = 0;  // fdatasync: bytes and size
  virtual Status Truncate(uint64_t size) = 0;
  virtual Status Allocate(uint64_t size) = 0;  // reserves and zeroes; the size becomes at least this
  virtual Result<uint64_t> Size() = 0;
  virtual int fd() const = 0;  // for sendfile and descriptor passing; -1 if there is none
  virtual const std::string& path() const = 0;
};

enum class OpenMode {
  kRead,       // must exist
  kReadWrite,  // must exist
  kCreate,     // made if missing, kept if there
  kCreateNew,  // kAlreadyExists if there
  kTruncate,   // made empty
};

struct FileInfo {
  std::string name;  // without the folder
  uint64_t size = 0;
  bool is_directory = false;
  int64_t modified_ms = 0;
};

struct SpaceInfo {
  uint64_t capacity = 0;
  uint64_t available = 0;  // to an unprivileged process
};

class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) = 0;
  virtual Status CreateDirectories(const std::string& path) = 0;                 // every one it makes is durable on return
  virtual Status Rename(const std::string& from, const std::string& to) = 0;     // replaces `to`
  virtual Status Remove(const std::string& path) = 0;                            // a file or an empty folder; kNotFound
  virtual Status RemoveAll(const std::string& path) = 0;                         // success if there is nothing
  virtual Result<std::vector<FileInfo>> List(const std::string& directory) = 0;  // sorted by name
  virtual Result<FileInfo> Stat(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  virtual Result<SpaceInfo> Space(const std::string& path) = 0;

  static Disk& Posix();  // lives for the whole program
};

std::string JoinPath(std::string_view directory, std::string_view name);
std::string ParentPath(const std::string& path);

// Whole file; at most max_bytes (kResourceExhausted beyond).
Result<std::string> ReadFile(Disk& disk, const std::string& path, uint64_t max_bytes = 64 << 20);
// Write to `path`.tmp, sync, rename, sync the folder: after ok, `path` has exactly these bytes whatever happens.
Status WriteFileAtomically(Disk& disk, const std::string& path, std::string_view bytes);

}  // namespace tusk::storage
