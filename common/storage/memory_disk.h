// A Disk in memory, and one that forgets. See disk.h for the contract.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "common/base/random.h"
#include "common/storage/disk.h"

namespace tusk::storage {

// Thread: any. Faults: the next operations of a kind can be made to fail, and the space can be bounded.
class MemoryDisk : public Disk {
 public:
  MemoryDisk();
  ~MemoryDisk() override;
  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override;
  Status CreateDirectories(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status RemoveAll(const std::string& path) override;
  Result<std::vector<FileInfo>> List(const std::string& directory) override;
  Result<FileInfo> Stat(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Result<SpaceInfo> Space(const std::string& path) override;

  void SetCapacity(uint64_t bytes);                                                 // further writes answer kNoSpace
  void FailNextSyncs(int count);                                                    // File::Sync answers kIoError
  void CorruptByte(const std::string& path, uint64_t offset, std::byte flip_mask);  // bit rot

 protected:
  struct State;
  std::unique_ptr<State> state_;
};

// After PowerCut() the disk holds what was synced, plus, seeded, some part of what was not: an un-synced write may survive whole,
// in part (a torn 512-byte sector run) or not at all; an un-synced name likewise. Open files of before the cut answer kIoError.
class ForgetfulDisk final : public MemoryDisk {
 public:
  explicit ForgetfulDisk(uint64_t seed);
  void PowerCut();
  // The harshest cut: nothing un-synced survives.
  void PowerCutLosingAll();
};

}  // namespace tusk::storage
