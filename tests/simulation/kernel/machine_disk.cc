#include "tests/simulation/kernel/machine_disk.h"

#include <map>

#include "common/base/try.h"
#include "tests/simulation/planted_bugs.h"

namespace tusk::sim {
namespace {

constexpr uint64_t kCapacity = 256 << 20;

Scheduler& TheScheduler() { return Scheduler::Get(); }

class MachineFile final : public storage::File {
 public:
  MachineFile(std::unique_ptr<storage::File> file, MachineDisk& machine) : file_(std::move(file)), machine_(machine) {}
  Result<size_t> ReadAt(uint64_t offset, std::span<std::byte> out) override { return file_->ReadAt(offset, out); }
  Status WriteAt(uint64_t offset, std::span<const std::byte> data) override {
    Written();
    return machine_.Noted(file_->WriteAt(offset, data));
  }
  Status WriteVectorAt(uint64_t offset, std::span<const std::span<const std::byte>> parts) override {
    Written();
    return machine_.Noted(file_->WriteVectorAt(offset, parts));
  }
  Status Sync() override {
    machine_.Change();
    TheScheduler().Sleep(machine_.sync_time + static_cast<Nanos>(TheScheduler().random().Below(200 * kMicro)));
    TUSK_TRY(machine_.FailSync(path()));
    return SyncForgotten(path(), false) ? OkStatus() : file_->Sync();
  }
  Status Truncate(uint64_t size) override {
    machine_.Change();
    return machine_.Noted(file_->Truncate(size));
  }
  Status Allocate(uint64_t size) override {
    machine_.Change();
    return machine_.Noted(file_->Allocate(size));
  }
  Result<uint64_t> Size() override { return file_->Size(); }
  int fd() const override { return -1; }
  const std::string& path() const override { return file_->path(); }

 private:
  void Written() {
    machine_.Change();
    if (machine_.write_time > kMilli) {
      TheScheduler().Sleep(machine_.write_time);
    } else {
      TheScheduler().Preempt(8);
    }
  }
  const std::unique_ptr<storage::File> file_;
  MachineDisk& machine_;
};

class FrontDisk final : public storage::Disk {
 public:
  explicit FrontDisk(MachineDisk& machine) : machine_(machine) {}
  Result<std::unique_ptr<storage::File>> Open(const std::string& path, storage::OpenMode mode) override {
    if (mode != storage::OpenMode::kRead && mode != storage::OpenMode::kReadWrite) machine_.Change();
    TUSK_ASSIGN(auto file, disk().Open(path, mode));
    return std::unique_ptr<storage::File>(std::make_unique<MachineFile>(std::move(file), machine_));
  }
  Status CreateDirectories(const std::string& path) override {
    machine_.Change();
    return disk().CreateDirectories(path);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    TheScheduler().Preempt(8);
    machine_.Change();
    return disk().Rename(from, to);
  }
  Status Remove(const std::string& path) override {
    machine_.Change();
    return disk().Remove(path);
  }
  Status RemoveAll(const std::string& path) override {
    machine_.Change();
    return disk().RemoveAll(path);
  }
  Result<std::vector<storage::FileInfo>> List(const std::string& directory) override { return disk().List(directory); }
  Result<storage::FileInfo> Stat(const std::string& path) override { return disk().Stat(path); }
  Status SyncDirectory(const std::string& path) override {
    machine_.Change();
    TheScheduler().Sleep(machine_.sync_time);
    TUSK_TRY(machine_.FailSync(path));
    return SyncForgotten(path, true) ? OkStatus() : disk().SyncDirectory(path);
  }
  Result<storage::SpaceInfo> Space(const std::string& path) override { return disk().Space(path); }

 private:
  storage::Disk& disk() { return machine_.disk(); }
  MachineDisk& machine_;
};

// What the program takes for the machine's disk.
class NodeDisk final : public storage::Disk {
 public:
  Result<std::unique_ptr<storage::File>> Open(const std::string& path, storage::OpenMode mode) override {
    return Here().Open(path, mode);
  }
  Status CreateDirectories(const std::string& path) override { return Here().CreateDirectories(path); }
  Status Rename(const std::string& from, const std::string& to) override { return Here().Rename(from, to); }
  Status Remove(const std::string& path) override { return Here().Remove(path); }
  Status RemoveAll(const std::string& path) override { return Here().RemoveAll(path); }
  Result<std::vector<storage::FileInfo>> List(const std::string& directory) override { return Here().List(directory); }
  Result<storage::FileInfo> Stat(const std::string& path) override { return Here().Stat(path); }
  Status SyncDirectory(const std::string& path) override { return Here().SyncDirectory(path); }
  Result<storage::SpaceInfo> Space(const std::string& path) override { return Here().Space(path); }

 private:
  static storage::Disk& Here() { return MachineDisk::Of(TheScheduler().node()).front(); }
};

std::map<int, std::unique_ptr<MachineDisk>>& Disks() {
  static auto* disks = new std::map<int, std::unique_ptr<MachineDisk>>;
  return *disks;
}

}  // namespace

MachineDisk::MachineDisk() : disk_(TheScheduler().random()()), front_(std::make_unique<FrontDisk>(*this)) { Widen(); }

void MachineDisk::Fill(uint64_t left) {
  const auto space = disk_.Space("/");
  if (space.ok()) disk_.SetCapacity(space->capacity - space->available + left);
}

void MachineDisk::Widen() { disk_.SetCapacity(kCapacity); }

Status MachineDisk::FailSync(const std::string& path) {
  if (failing_syncs == 0) return OkStatus();
  --failing_syncs;
  failed = true;
  return IoError("cannot sync " + path + ": the simulated disk failed");
}

Status MachineDisk::Noted(Status status) {
  refused = refused || status.code() == Code::kNoSpace;
  return status;
}

storage::Disk& MachineDisk::front() { return *front_; }

MachineDisk& MachineDisk::Of(int node) {
  std::unique_ptr<MachineDisk>& disk = Disks()[node];
  if (disk == nullptr) disk.reset(new MachineDisk);
  return *disk;
}

void MachineDisk::Forget(int node) { Disks().erase(node); }

}  // namespace tusk::sim

namespace tusk::storage {

// Takes the place of the library's, which is then not linked.
Disk& Disk::Posix() {
  static sim::NodeDisk disk;
  return disk;
}

}  // namespace tusk::storage
