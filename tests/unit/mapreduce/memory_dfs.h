// A DFS in memory for tests of tasks: files, directories, blocks with made-up hosts, and Publish.
//
// Reads come in pieces of at most `read_limit` bytes, as from a network.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "dfs/client/file_system.h"

namespace tusk::mr {

class MemoryDfs final : public dfs::FileSystem, public std::enable_shared_from_this<MemoryDfs> {
 public:
  explicit MemoryDfs(uint64_t block_size = 1 << 20, size_t read_limit = SIZE_MAX)
      : block_size_(block_size), read_limit_(read_limit) {}

  void Put(const std::string& path, std::string bytes) {
    std::lock_guard lock(mutex_);
    files_[path] = std::make_shared<const std::string>(std::move(bytes));
  }
  std::string Get(const std::string& path) {
    std::lock_guard lock(mutex_);
    const auto it = files_.find(path);
    return it == files_.end() ? "<no such file>" : *it->second;
  }
  std::vector<std::string> Paths() {
    std::lock_guard lock(mutex_);
    std::vector<std::string> paths;
    for (const auto& [path, bytes] : files_) paths.push_back(path);
    return paths;
  }
  // The files of a directory whose names begin with "part-", one after the other.
  std::string Parts(const std::string& directory) {
    std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& [path, bytes] : files_) {
      if (path.starts_with(directory + "/part-")) all += *bytes;
    }
    return all;
  }

  std::string Uri() const override { return "hdfs://memory:8020"; }
  std::string HomeDirectory() const override { return "/user/ann"; }
  Result<dfs::FsStats> Stats() override { return dfs::FsStats{}; }
  Result<dfs::FileStatus> Stat(const std::string& path) override {
    std::lock_guard lock(mutex_);
    return StatLocked(path);
  }
  Result<bool> Exists(const std::string& path) override { return Stat(path).ok(); }
  Result<dfs::ListPage> ListFrom(const std::string& path, const std::string&, uint32_t) override {
    auto files = List(path);
    if (!files.ok()) return files.status();
    return dfs::ListPage{std::move(*files), false};
  }
  Result<std::vector<dfs::FileStatus>> List(const std::string& path) override {
    std::lock_guard lock(mutex_);
    auto status = StatLocked(path);
    if (!status.ok()) return status.status();
    if (!status->is_directory) return std::vector{*status};
    const std::string prefix = path == "/" ? "/" : path + "/";
    std::map<std::string, dfs::FileStatus> children;
    for (const auto& [name, bytes] : files_) {
      if (!name.starts_with(prefix)) continue;
      const std::string child = name.substr(0, name.find('/', prefix.size()));
      children[child] = StatLocked(child).value();
    }
    std::vector<dfs::FileStatus> list;
    for (auto& [name, child] : children) list.push_back(child);
    return list;
  }
  Result<std::vector<dfs::LocatedFile>> ListLocated(const std::string& path) override {
    auto list = List(path);
    if (!list.ok()) return list.status();
    std::vector<dfs::LocatedFile> files;
    for (const auto& status : *list) {
      dfs::LocatedFile file;
      file.status = status;
      for (uint64_t at = 0; !status.is_directory && at < status.length; at += block_size_) {
        dfs::LocatedBlock block;
        block.offset = at;
        block.block.length = std::min(block_size_, status.length - at);
        for (uint64_t i = 0; i < 2; ++i) {
          dfs::DataNodeInfo node;
          node.host = "10.0.0." + std::to_string((at / block_size_ + i) % 3 + 1);
          block.locations.push_back(node);
        }
        file.blocks.push_back(block);
      }
      files.push_back(std::move(file));
    }
    return files;
  }
  Result<dfs::LocatedFile> Locate(const std::string& path, uint64_t, uint64_t) override {
    auto files = ListLocated(path);
    if (!files.ok()) return files.status();
    return files->at(0);
  }
  Status Mkdirs(const std::string&, bool) override { return OkStatus(); }
  Result<std::unique_ptr<dfs::OutputStream>> Create(const std::string& path, const dfs::CreateOptions& options) override {
    if (!options.overwrite && Exists(path).value()) return AlreadyExists(path + " exists");
    last_replication = options.replication;
    return std::unique_ptr<dfs::OutputStream>(new Writer(shared_from_this(), path));
  }
  Result<std::unique_ptr<dfs::OutputStream>> Append(const std::string&) override { return NoTask("append"); }
  Status Truncate(const std::string&, uint64_t) override { return NoTask("truncate"); }
  Status Concat(const std::string&, const std::vector<std::string>&) override { return NoTask("concat"); }
  Result<bool> RecoverLease(const std::string&) override { return NoTask("recover a lease"); }
  Result<std::unique_ptr<dfs::InputStream>> Open(const std::string& path) override {
    std::lock_guard lock(mutex_);
    const auto it = files_.find(path);
    if (it == files_.end()) return NotFound(path + " does not exist");
    return std::unique_ptr<dfs::InputStream>(new Reader(it->second, read_limit_));
  }
  Status Rename(const std::string& from, const std::string& to, bool) override {
    std::lock_guard lock(mutex_);
    files_[to] = files_.at(from);
    files_.erase(from);
    return OkStatus();
  }
  Result<bool> Delete(const std::string& path, bool) override {
    std::lock_guard lock(mutex_);
    return std::erase_if(files_, [&](const auto& f) { return f.first == path || f.first.starts_with(path + "/"); }) > 0;
  }
  Status SetPermission(const std::string&, uint16_t) override { return OkStatus(); }
  Status SetOwner(const std::string&, const std::string&, const std::string&) override { return OkStatus(); }
  Result<dfs::AclStatus> GetAcl(const std::string&) override { return dfs::AclStatus{}; }
  Status ChangeAcl(const std::string&, dfs::AclChange, const dfs::AclEntries&) override { return OkStatus(); }
  Result<std::vector<dfs::Xattr>> GetXattrs(const std::string&, const std::vector<std::string>&) override {
    return std::vector<dfs::Xattr>();
  }
  Result<std::vector<std::string>> ListXattrs(const std::string&) override { return std::vector<std::string>(); }
  Status SetXattr(const std::string&, const dfs::Xattr&, dfs::XattrWrite) override { return OkStatus(); }
  Status RemoveXattr(const std::string&, const std::string&) override { return OkStatus(); }
  Status CheckAccess(const std::string&, uint8_t) override { return OkStatus(); }
  Status SetReplication(const std::string&, uint16_t) override { return OkStatus(); }
  Status SetTimes(const std::string&, int64_t, int64_t) override { return OkStatus(); }
  Status SetQuota(const std::string&, int64_t, int64_t) override { return OkStatus(); }
  Result<dfs::ContentSummary> Summary(const std::string&) override { return dfs::ContentSummary{}; }
  Result<dfs::FileChecksum> Checksum(const std::string&, dfs::ChecksumKind) override { return dfs::FileChecksum{}; }
  Status Publish(const std::string&, uint64_t, const std::string& directory, const std::vector<dfs::PublishMove>& moves,
                 const std::vector<std::string>& markers, const std::string& delete_tree) override {
    if (Exists(directory).value()) return AlreadyExists(directory + " exists");
    std::lock_guard lock(mutex_);
    for (const auto& move : moves) {
      const auto it = files_.find(move.from);
      if (it == files_.end()) return NotFound(move.from + " does not exist");
      files_[directory + "/" + move.name] = it->second;
      files_.erase(move.from);
    }
    for (const auto& marker : markers) files_[directory + "/" + marker] = std::make_shared<const std::string>();
    std::erase_if(files_, [&](const auto& f) { return f.first.starts_with(delete_tree + "/"); });
    return OkStatus();
  }

  uint16_t last_replication = 0;

 private:
  static Status NoTask(const std::string& what) { return Status(Code::kUnimplemented, "no task needs to " + what); }
  class Writer final : public dfs::OutputStream {
   public:
    Writer(std::shared_ptr<MemoryDfs> fs, std::string path) : fs_(std::move(fs)), path_(std::move(path)) {}
    Status Write(std::span<const std::byte> data) override {
      bytes_.append(reinterpret_cast<const char*>(data.data()), data.size());
      return OkStatus();
    }
    Status Flush() override { return OkStatus(); }
    Status Sync() override { return OkStatus(); }
    Status Close() override {
      fs_->Put(path_, bytes_);
      return OkStatus();
    }
    uint64_t position() const override { return bytes_.size(); }

   private:
    std::shared_ptr<MemoryDfs> fs_;
    const std::string path_;
    std::string bytes_;
  };

  class Reader final : public dfs::InputStream {
   public:
    Reader(std::shared_ptr<const std::string> bytes, size_t limit) : bytes_(std::move(bytes)), limit_(limit) {}
    Result<size_t> Read(std::span<std::byte> out) override {
      const size_t read = Copy(at_, out.first(std::min(out.size(), limit_)));
      at_ += read;
      return read;
    }
    Result<size_t> ReadAt(uint64_t offset, std::span<std::byte> out) override { return Copy(offset, out); }
    Status Seek(uint64_t offset) override {
      at_ = offset;
      return OkStatus();
    }
    uint64_t position() const override { return at_; }
    uint64_t length() const override { return bytes_->size(); }

   private:
    size_t Copy(uint64_t at, std::span<std::byte> out) const {
      if (at >= bytes_->size()) return 0;
      const size_t size = std::min<size_t>(out.size(), bytes_->size() - at);
      std::memcpy(out.data(), bytes_->data() + at, size);
      return size;
    }
    std::shared_ptr<const std::string> bytes_;
    const size_t limit_;
    uint64_t at_ = 0;
  };

  Result<dfs::FileStatus> StatLocked(const std::string& path) {
    dfs::FileStatus status;
    status.path = path;
    status.block_size = block_size_;
    status.replication = 1;
    if (const auto it = files_.find(path); it != files_.end()) {
      status.length = it->second->size();
      return status;
    }
    const std::string prefix = path == "/" ? "/" : path + "/";
    const auto child = files_.lower_bound(prefix);
    if (child == files_.end() || !child->first.starts_with(prefix)) return NotFound(path + " does not exist");
    status.is_directory = true;
    return status;
  }

  const uint64_t block_size_;
  const size_t read_limit_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const std::string>> files_;
};

}  // namespace tusk::mr
