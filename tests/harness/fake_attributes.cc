// The FakeFileSystem's owners, permissions, lists of rights, extended attributes, times and replication.
#include "common/base/try.h"
#include "tests/harness/fake_file_state.h"

namespace tusk::testing {

Status FakeFileSystem::SetPermission(const std::string& raw, uint16_t mode) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("setPermission", path));
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return NotFound(path + " does not exist");
  node->status.mode = mode;
  return OkStatus();
}

Status FakeFileSystem::SetOwner(const std::string& raw, const std::string& owner, const std::string& group) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("setOwner", path));
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return NotFound(path + " does not exist");
  if (!owner.empty()) node->status.owner = owner;
  if (!group.empty()) node->status.group = group;
  return OkStatus();
}

Result<dfs::AclStatus> FakeFileSystem::GetAcl(const std::string& path) {
  TUSK_ASSIGN(const FileStatus file, Stat(path));
  std::lock_guard lock(state_->mutex);
  return dfs::AclStatus{file.owner, file.group, file.mode, dfs::namenode::DecodeAcl(state_->Find(file.path)->acl)};
}

Status FakeFileSystem::ChangeAcl(const std::string& raw, dfs::AclChange change, const dfs::AclEntries& entries) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("changeAcl", path));
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return NotFound(path + " does not exist");
  dfs::namenode::Inode inode;
  inode.is_directory = node->status.is_directory;
  inode.mode = node->status.mode;
  inode.acl = node->acl;
  TUSK_TRY(dfs::namenode::ChangeAcl(change, entries, path, inode));
  node->status.mode = inode.mode;
  node->status.has_acl = !inode.acl.empty();
  node->acl = inode.acl;
  return OkStatus();
}

Result<std::vector<dfs::Xattr>> FakeFileSystem::GetXattrs(const std::string& raw, const std::vector<std::string>& names) {
  TUSK_ASSIGN(const FileStatus file, Stat(raw));
  std::lock_guard lock(state_->mutex);
  const dfs::namenode::Xattrs all = state_->Find(file.path)->xattrs;
  if (names.empty()) return all;
  std::vector<dfs::Xattr> named;
  for (const dfs::Xattr& xattr : all) {
    if (std::find(names.begin(), names.end(), xattr.name) != names.end()) named.push_back(xattr);
  }
  if (named.size() < names.size()) return FailedPrecondition("At least one of the attributes provided was not found");
  return named;
}

Result<std::vector<std::string>> FakeFileSystem::ListXattrs(const std::string& path) {
  TUSK_ASSIGN(const std::vector<dfs::Xattr> xattrs, GetXattrs(path, {}));
  std::vector<std::string> names;
  for (const dfs::Xattr& xattr : xattrs) names.push_back(xattr.name);
  return names;
}

Status FakeFileSystem::SetXattr(const std::string& raw, const dfs::Xattr& xattr, dfs::XattrWrite how) {
  TUSK_ASSIGN(const FileStatus file, Stat(raw));
  TUSK_TRY(dfs::CheckXattrName(xattr.name));
  std::lock_guard lock(state_->mutex);
  return dfs::namenode::SetXattr(state_->Find(file.path)->xattrs, xattr, how);
}

Status FakeFileSystem::RemoveXattr(const std::string& raw, const std::string& name) {
  TUSK_ASSIGN(const FileStatus file, Stat(raw));
  TUSK_TRY(dfs::CheckXattrName(name));
  std::lock_guard lock(state_->mutex);
  return dfs::namenode::RemoveXattr(state_->Find(file.path)->xattrs, name);
}

Status FakeFileSystem::SetQuota(const std::string& path, int64_t names, int64_t space) {
  TUSK_ASSIGN(const FileStatus file, Stat(path));
  if (!file.is_directory) return Status(Code::kNotADirectory, path + " is a file");
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(file.path);
  if (names != dfs::kKeepQuota) node->quota = names;
  if (space != dfs::kKeepQuota) node->space_quota = space;
  return OkStatus();
}

Status FakeFileSystem::CheckAccess(const std::string& path, uint8_t access) {
  TUSK_ASSIGN(const FileStatus file, Stat(path));
  const int bits = file.owner == state_->options.user ? file.mode >> 6 : file.mode;
  return (bits & access) == access ? OkStatus() : Status(Code::kPermissionDenied, "Permission denied: " + path);
}

Status FakeFileSystem::SetReplication(const std::string& raw, uint16_t replication) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("set_replication", path));
  if (replication == 0 || replication > dfs::kMaxReplication) return InvalidArgument("replication must be 1 to 512");
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return NotFound(path + " does not exist");
  if (node->status.is_directory) return Status(Code::kIsADirectory, path + " is a directory");
  node->status.replication = replication;
  state_->CutIntoBlocks(*node);
  return OkStatus();
}

Status FakeFileSystem::SetTimes(const std::string& raw, int64_t modified_ms, int64_t accessed_ms) {
  TUSK_ASSIGN(const std::string path, dfs::NormalizePath(raw));
  TUSK_TRY(state_->Check("set_times", path));
  std::lock_guard lock(state_->mutex);
  const auto node = state_->Find(path);
  if (!node) return NotFound(path + " does not exist");
  if (modified_ms >= 0) node->status.modified_ms = modified_ms;
  if (accessed_ms >= 0) node->status.accessed_ms = accessed_ms;
  return OkStatus();
}

}  // namespace tusk::testing
