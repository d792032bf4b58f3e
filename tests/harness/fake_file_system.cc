#include "tests/harness/fake_file_system.h"

#include <glog/logging.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "common/base/try.h"
#include "common/storage/crc32c.h"
#include "dfs/protocol/md5_checksum.h"
#include "dfs/protocol/path.h"
#include "tests/harness/fake_file_state.h"

namespace tusk::testing {

namespace {

using State = FakeFileSystem::State;

class FakeOutput final : public dfs::OutputStream {
 public:
  FakeOutput(std::shared_ptr<State> state, std::string path, std::shared_ptr<Node> node)
      : state_(std::move(state)), path_(std::move(path)), node_(std::move(node)), bytes_(node_->bytes) {}

  using OutputStream::Write;
  Status Write(std::span<const std::byte> data) override {
    if (closed_) return FailedPrecondition(path_ + " is closed");
    TUSK_TRY(state_->Check("write", path_));
    bytes_.append(reinterpret_cast<const char*>(data.data()), data.size());
    return OkStatus();
  }
  Status Flush() override { return state_->Check("flush", path_); }
  Status Sync() override { return state_->Check("sync", path_); }
  Status Close() override {
    if (closed_) return OkStatus();
    closed_ = true;
    TUSK_TRY(state_->Check("close", path_));
    std::lock_guard lock(state_->mutex);
    node_->bytes = std::move(bytes_);
    node_->status.under_construction = false;
    state_->CutIntoBlocks(*node_);
    return OkStatus();
  }
  uint64_t position() const override { return closed_ ? node_->status.length : bytes_.size(); }

 private:
  const std::shared_ptr<State> state_;
  const std::string path_;
  const std::shared_ptr<Node> node_;
  std::string bytes_;
  bool closed_ = false;
};

class FakeInput final : public dfs::InputStream {
 public:
  FakeInput(std::shared_ptr<State> state, std::string path, std::string bytes)
      : state_(std::move(state)), path_(std::move(path)), bytes_(std::move(bytes)) {}

  Result<size_t> Read(std::span<std::byte> out) override {
    TUSK_ASSIGN(const size_t count, ReadAt(position_, out));
    position_ += count;
    return count;
  }
  Result<size_t> ReadAt(uint64_t offset, std::span<std::byte> out) override {
    TUSK_TRY(state_->Check("read", path_));
    if (offset >= bytes_.size()) return size_t{0};
    const size_t count = std::min<size_t>(out.size(), bytes_.size() - offset);
    std::memcpy(out.data(), bytes_.data() + offset, count);
    return count;
  }
  Status Seek(uint64_t offset) override {
    if (offset > bytes_.size()) return InvalidArgument("cannot seek beyond the end of " + path_);
    position_ = offset;
    return OkStatus();
  }
  uint64_t position() const override { return position_; }
  uint64_t length() const override { return bytes_.size(); }

 private:
  const std::shared_ptr<State> state_;
  const std::string path_;
  const std::string bytes_;
  uint64_t position_ = 0;
};

}  // namespace

FakeFileSystem::FakeFileSystem() : FakeFileSystem(Options()) {}

FakeFileSystem::FakeFileSystem(Options options) : state_(std::make_shared<State>()) {
  state_->options = std::move(options);
  state_->Make("/", true)->status.inode = dfs::kRootInode;
}

FakeFileSystem::~FakeFileSystem() = default;

void FakeFileSystem::SetFault(Fault fault) {
  std::lock_guard lock(state_->mutex);
  state_->fault = std::move(fault);
}

void FakeFileSystem::SetListLimit(uint32_t entries) {
  std::lock_guard lock(state_->mutex);
  state_->options.list_limit = entries;
}

void FakeFileSystem::SetNow(int64_t ms) {
  std::lock_guard lock(state_->mutex);
  state_->options.now_ms = ms;
}

void FakeFileSystem::Put(const std::string& path, std::string_view bytes) {
  const Status status =
      dfs::WriteWholeFile(*this, path, bytes, {.overwrite = true, .create_parents = true, .block_size = 0, .replication = 0});
  CHECK(status.ok()) << status;
}

std::string FakeFileSystem::Get(const std::string& path) {
  auto bytes = dfs::ReadWholeFile(*this, path, UINT64_MAX);
  CHECK(bytes.ok()) << bytes.status();
  return *bytes;
}

bool FakeFileSystem::Has(const std::string& path) {
  std::lock_guard lock(state_->mutex);
  return state_->nodes.contains(path);
}

std::vector<std::string> FakeFileSystem::AllPaths() {
  std::lock_guard lock(state_->mutex);
  std::vector<std::string> paths;
  for (const auto& [path, node] : state_->nodes) {
    if (path != "/") paths.push_back(path);
  }
  return paths;
}

void FakeFileSystem::EditBlocks(const std::string& path, const std::function<void(std::vector<dfs::LocatedBlock>&)>& edit) {
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  CHECK(node) << path;
  edit(node->blocks);
}

std::string FakeFileSystem::Uri() const { return "hdfs://fake:8020"; }
std::string FakeFileSystem::HomeDirectory() const { return "/user/" + state_->options.user; }

Result<dfs::FsStats> FakeFileSystem::Stats() {
  TUSK_TRY(state_->Check("stats", "/"));
  constexpr uint64_t kNodeBytes = 10'000'000'000;
  TUSK_ASSIGN(const dfs::ContentSummary all, Summary("/"));
  const uint64_t capacity = kNodeBytes * state_->options.nodes;
  return dfs::FsStats{capacity, all.space_consumed, capacity - all.space_consumed};
}

Result<FileStatus> FakeFileSystem::Stat(const std::string& raw) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("stat", path));
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return NotFound(path + " does not exist");
  return state_->StatusOf(path, *node);
}

Result<bool> FakeFileSystem::Exists(const std::string& path) {
  auto status = Stat(path);
  if (status.ok()) return true;
  if (status.status().code() == Code::kNotFound) return false;
  return status.status();
}

Result<std::vector<LocatedFile>> FakeFileSystem::ListLocated(const std::string& raw) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("list", path));
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return NotFound(path + " does not exist");
  std::vector<LocatedFile> entries;
  if (!node->status.is_directory) {
    entries.push_back({state_->StatusOf(path, *node), node->blocks});
    return entries;
  }
  const std::string below = State::Below(path);
  for (auto it = state_->nodes.lower_bound(below); it != state_->nodes.end() && it->first.starts_with(below); ++it) {
    if (it->first.size() == below.size() || it->first.find('/', below.size()) != std::string::npos) continue;
    entries.push_back({state_->StatusOf(it->first, *it->second), it->second->blocks});
  }
  return entries;
}

Result<dfs::ListPage> FakeFileSystem::ListFrom(const std::string& path, const std::string& start_after, uint32_t limit) {
  TUSK_ASSIGN(std::vector<FileStatus> files, List(path));
  const bool itself = files.size() == 1 && !files[0].is_directory && files[0].path == path;
  if (!itself) std::erase_if(files, [&](const FileStatus& file) { return dfs::PathName(file.path) <= start_after; });
  const size_t most = limit == 0 ? state_->options.list_limit : std::min(limit, state_->options.list_limit);
  const bool more = files.size() > most;
  if (more) files.resize(most);
  return dfs::ListPage{std::move(files), more};
}

Result<std::vector<FileStatus>> FakeFileSystem::List(const std::string& path) {
  TUSK_ASSIGN(std::vector<LocatedFile> entries, ListLocated(path));
  std::vector<FileStatus> statuses;
  for (LocatedFile& entry : entries) statuses.push_back(std::move(entry.status));
  return statuses;
}

Result<LocatedFile> FakeFileSystem::Locate(const std::string& raw, uint64_t offset, uint64_t length) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("locate", path));
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return NotFound(path + " does not exist");
  LocatedFile file{state_->StatusOf(path, *node), {}};
  for (const dfs::LocatedBlock& block : node->blocks) {
    const bool after_begin = block.offset + block.block.length > offset;
    if (after_begin && (block.offset < offset || block.offset - offset < length)) file.blocks.push_back(block);
  }
  return file;
}

Status FakeFileSystem::Mkdirs(const std::string& raw, bool parents) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("mkdirs", path));
  std::lock_guard lock(state_->mutex);
  if (const auto node = state_->Find(path)) {
    if (node->status.is_directory && parents) return OkStatus();
    return AlreadyExists(path + " exists");
  }
  TUSK_TRY(state_->MakeParents(path, parents));
  state_->Make(path, true);
  return OkStatus();
}

Result<std::unique_ptr<dfs::OutputStream>> FakeFileSystem::Create(const std::string& raw, const dfs::CreateOptions& options) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("create", path));
  std::lock_guard lock(state_->mutex);
  if (const auto node = state_->Find(path)) {
    if (node->status.is_directory) return Status(Code::kIsADirectory, path + " is a directory");
    if (!options.overwrite) return AlreadyExists(path + " exists");
  }
  TUSK_TRY(state_->MakeParents(path, options.create_parents));
  const auto node = state_->Make(path, false);
  node->status.block_size = options.block_size != 0 ? options.block_size : state_->options.block_size;
  node->status.replication = options.replication != 0 ? options.replication : state_->options.replication;
  node->status.under_construction = true;
  return std::unique_ptr<dfs::OutputStream>(std::make_unique<FakeOutput>(state_, path, node));
}

Result<std::unique_ptr<dfs::OutputStream>> FakeFileSystem::Append(const std::string& raw) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("append", path));
  std::lock_guard lock(state_->mutex);
  TUSK_ASSIGN(const auto node, state_->FindClosed(path));
  node->status.under_construction = true;
  return std::unique_ptr<dfs::OutputStream>(std::make_unique<FakeOutput>(state_, path, node));
}

Status FakeFileSystem::Truncate(const std::string& raw, uint64_t length) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("truncate", path));
  std::lock_guard lock(state_->mutex);
  TUSK_ASSIGN(const auto node, state_->FindClosed(path));
  if (length > node->bytes.size()) return InvalidArgument(path + " has only " + std::to_string(node->bytes.size()) + " bytes");
  node->bytes.resize(length);
  state_->CutIntoBlocks(*node);
  return OkStatus();
}

Status FakeFileSystem::Concat(const std::string& raw, const std::vector<std::string>& sources) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("concat", path));
  std::lock_guard lock(state_->mutex);
  TUSK_ASSIGN(const auto target, state_->FindClosed(path));
  std::string bytes = target->bytes;
  for (const std::string& source : sources) {
    TUSK_ASSIGN(const auto node, state_->FindClosed(source));
    if (node == target) return InvalidArgument(source + " is the target");
    bytes += node->bytes;
  }
  for (const std::string& source : sources) state_->Erase(source);
  target->bytes = std::move(bytes);
  state_->CutIntoBlocks(*target);
  return OkStatus();
}

Result<bool> FakeFileSystem::RecoverLease(const std::string& raw) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("recover_lease", path));
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return NotFound(path + " does not exist");
  if (node->status.is_directory) return Status(Code::kIsADirectory, path + " is a directory");
  node->status.under_construction = false;
  return true;
}

Result<std::unique_ptr<dfs::InputStream>> FakeFileSystem::Open(const std::string& raw) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("open", path));
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return NotFound(path + " does not exist");
  if (node->status.is_directory) return Status(Code::kIsADirectory, path + " is a directory");
  return std::unique_ptr<dfs::InputStream>(std::make_unique<FakeInput>(state_, path, node->bytes));
}

Status FakeFileSystem::Rename(const std::string& raw_from, const std::string& raw_to, bool overwrite) {
  TUSK_ASSIGN(const std::string from, dfs::NormalizePath(raw_from));
  TUSK_ASSIGN(std::string to, dfs::NormalizePath(raw_to));
  TUSK_TRY(state_->Check("rename", from));
  std::lock_guard lock(state_->mutex);
  const auto source = state_->Find(from);
  if (!source) return NotFound(from + " does not exist");
  if (const auto target = state_->Find(to); target && target->status.is_directory) {
    to = dfs::JoinDfsPath(to, dfs::PathName(from));
  }
  if (from == to) return OkStatus();
  if (from == "/" || to.starts_with(from + "/")) return InvalidArgument("cannot move " + from + " below itself");
  if (const auto target = state_->Find(to)) {
    if (target->status.is_directory || source->status.is_directory || !overwrite) return AlreadyExists(to + " exists");
  }
  TUSK_TRY(state_->MakeParents(to, false));
  state_->Move(from, to);
  return OkStatus();
}

Result<bool> FakeFileSystem::Delete(const std::string& raw, bool recursive) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("delete", path));
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return false;
  if (node->status.is_directory && !recursive && state_->ChildCount(path) > 0) {
    return Status(Code::kNotEmpty, path + " is not empty");
  }
  state_->Erase(path);
  return true;
}

Result<dfs::ContentSummary> FakeFileSystem::Summary(const std::string& raw) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("summary", path));
  std::lock_guard lock(state_->mutex);
  if (!state_->Find(path)) return NotFound(path + " does not exist");
  dfs::ContentSummary summary;
  const std::string below = State::Below(path);
  for (const auto& [at, node] : state_->nodes) {
    if (at != path && !at.starts_with(below)) continue;
    if (node->status.is_directory) {
      ++summary.directories;
    } else {
      ++summary.files;
      summary.length += node->status.length;
      summary.space_consumed += node->status.length * node->status.replication;
    }
  }
  const auto asked = state_->Find(path);
  summary.quota = asked->quota;
  summary.space_quota = asked->space_quota;
  summary.quota_used = static_cast<int64_t>(summary.files + summary.directories);
  summary.space_quota_used = static_cast<int64_t>(summary.space_consumed);
  return summary;
}

Result<dfs::FileChecksum> FakeFileSystem::Checksum(const std::string& raw, dfs::ChecksumKind kind) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("checksum", path));
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return NotFound(path + " does not exist");
  if (node->status.is_directory) return Status(Code::kIsADirectory, path + " is a directory");
  dfs::FileChecksum checksum;
  checksum.crc32c = storage::Crc32c(node->bytes.data(), node->bytes.size());
  checksum.length = node->bytes.size();
  if (kind == dfs::ChecksumKind::kHdfsMd5) {
    constexpr uint32_t kBytesPerCrc = 512;
    const size_t block = std::max<size_t>(node->status.block_size, 1);
    std::vector<dfs::Md5Sum> blocks;
    for (size_t at = 0; at < node->bytes.size(); at += block) {
      dfs::Md5OfCrcs md5(kBytesPerCrc);
      md5.Add(std::as_bytes(std::span(node->bytes)).subspan(at, std::min(block, node->bytes.size() - at)));
      TUSK_ASSIGN(const dfs::Md5Sum sum, md5.Finish());
      blocks.push_back(sum);
    }
    TUSK_ASSIGN(const dfs::HdfsChecksum hdfs,
                dfs::CombineHdfsChecksum(blocks, std::min(block, node->bytes.size()), kBytesPerCrc));
    checksum.algorithm = hdfs.Algorithm();
    checksum.hdfs = hdfs.Hex();
  }
  return checksum;
}

Status FakeFileSystem::Publish(const std::string& job, uint64_t epoch, const std::string& raw,
                               const std::vector<dfs::PublishMove>& moves, const std::vector<std::string>& markers,
                               const std::string& delete_tree) {
  TUSK_ASSIGN(const std::string directory, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("publish", directory));
  std::lock_guard lock(state_->mutex);
  if (epoch < state_->published[job]) return Status(Code::kStaleEpoch, "a higher epoch has published job " + job);
  if (state_->Find(directory)) return AlreadyExists(directory + " exists");
  for (const dfs::PublishMove& move : moves) {
    const auto node = state_->Find(move.from);
    if (!node || node->status.is_directory) return NotFound(move.from + " does not exist");
    if (node->status.under_construction) return FailedPrecondition(move.from + " is being written");
  }
  TUSK_TRY(state_->MakeParents(directory, true));
  state_->published[job] = epoch;
  state_->Make(directory, true);
  for (const dfs::PublishMove& move : moves) state_->Move(move.from, dfs::JoinDfsPath(directory, move.name));
  for (const std::string& marker : markers) {
    const auto node = state_->Make(dfs::JoinDfsPath(directory, marker), false);
    node->status.block_size = state_->options.block_size;
    node->status.replication = state_->options.replication;
  }
  if (!delete_tree.empty()) state_->Erase(delete_tree);
  return OkStatus();
}

}  // namespace tusk::testing
