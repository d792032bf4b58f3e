// Files that wait to become segments: allocated, zeroed and synced ahead of time, or recycled from dropped segments, whose blocks
// are just as good (and whose old records the new salt makes unreadable). Starting a segment then costs two small syncs instead
// of writing 64 MiB while appenders wait.
//
// Durability: none needed: a spare that a power cut loses is only lost space.
// Recovery:   Adopt is told of each spare found; half-made ones (.tmp) are removed before.
// Thread:     any; its own thread makes spares once StartThread was called, else MakeMissing does.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/result.h"
#include "common/storage/disk.h"

namespace tusk::coordination {

inline constexpr std::string_view kSpareSuffix = ".spare";
inline constexpr std::string_view kUnfinishedSuffix = ".tmp";

// A zeroed, synced file of this size, named `path` once it is ready; its name is not yet durable.
Status MakeSegmentFile(storage::Disk& disk, const std::string& path, uint64_t bytes);

class SpareSegments {
 public:
  SpareSegments(storage::Disk& disk, std::string directory, uint64_t segment_bytes, int wanted);
  ~SpareSegments();
  SpareSegments(const SpareSegments&) = delete;
  SpareSegments& operator=(const SpareSegments&) = delete;

  // From now on its own thread makes what is missing.
  void StartThread();
  void Adopt(const std::string& name, uint64_t bytes);
  // The path of a file of at least this size, now the caller's: a spare, or one made while the caller waits.
  Result<std::string> Take(uint64_t least_bytes);
  // Renames the file to a spare, or removes it when there are enough or it has an odd size.
  Status Recycle(const std::string& path, uint64_t bytes);
  // Makes spares until there are enough; a full disk is not an error here: it will be one when a segment is needed.
  void MakeMissing();
  int count() const;

 private:
  struct Spare {
    std::string path;
    uint64_t bytes = 0;
  };
  void Run();
  bool Missing() const { return static_cast<int>(spares_.size()) < wanted_; }
  std::string NextPath();  // call with mutex_ held

  storage::Disk& disk_;
  const std::string directory_;
  const uint64_t segment_bytes_;
  const int wanted_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Spare> spares_;
  uint64_t next_id_ = 1;
  bool gave_up_ = false;  // until space may have come back
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tusk::coordination
