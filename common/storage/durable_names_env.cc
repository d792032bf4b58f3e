#include "common/storage/durable_names_env.h"

#include <string>

namespace tusk::storage {
namespace {

leveldb::Status SyncFolderOf(Disk& disk, const std::string& file) {
  const Status synced = disk.SyncDirectory(ParentPath(file));
  return synced.ok() ? leveldb::Status::OK() : leveldb::Status::IOError(file, synced.message());
}

class NamedFile final : public leveldb::WritableFile {
 public:
  NamedFile(std::unique_ptr<leveldb::WritableFile> file, Disk& disk, std::string name)
      : file_(std::move(file)), disk_(disk), name_(std::move(name)) {}

  leveldb::Status Append(const leveldb::Slice& data) override { return file_->Append(data); }
  leveldb::Status Close() override { return file_->Close(); }
  leveldb::Status Flush() override { return file_->Flush(); }
  leveldb::Status Sync() override {
    leveldb::Status status = file_->Sync();
    if (!status.ok() || name_durable_) return status;
    status = SyncFolderOf(disk_, name_);
    name_durable_ = status.ok();
    return status;
  }

 private:
  const std::unique_ptr<leveldb::WritableFile> file_;
  Disk& disk_;
  const std::string name_;
  bool name_durable_ = false;
};

class DurableNamesEnv final : public leveldb::EnvWrapper {
 public:
  DurableNamesEnv(leveldb::Env* base, Disk& disk) : EnvWrapper(base), disk_(disk) {}

  leveldb::Status NewWritableFile(const std::string& name, leveldb::WritableFile** file) override {
    return Named(target()->NewWritableFile(name, file), name, file);
  }
  leveldb::Status NewAppendableFile(const std::string& name, leveldb::WritableFile** file) override {
    return Named(target()->NewAppendableFile(name, file), name, file);
  }
  leveldb::Status RenameFile(const std::string& from, const std::string& to) override {
    const leveldb::Status status = target()->RenameFile(from, to);
    return status.ok() ? SyncFolderOf(disk_, to) : status;
  }

 private:
  leveldb::Status Named(leveldb::Status status, const std::string& name, leveldb::WritableFile** file) {
    if (status.ok()) *file = new NamedFile(std::unique_ptr<leveldb::WritableFile>(*file), disk_, name);
    return status;
  }
  Disk& disk_;
};

}  // namespace

std::unique_ptr<leveldb::Env> MakeDurableNamesEnv(leveldb::Env* base, Disk& disk) {
  return std::make_unique<DurableNamesEnv>(base, disk);
}

}  // namespace tusk::storage
