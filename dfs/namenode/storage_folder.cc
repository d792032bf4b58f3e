#include "dfs/namenode/storage_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "common/base/random.h"
#include "common/base/try.h"

namespace tusk::dfs::namenode {
namespace {

constexpr std::string_view kMagic = "tusk-namenode 1\ncluster ";

}  // namespace

Result<std::unique_ptr<StorageFolder>> StorageFolder::Open(storage::Disk& disk, const std::string& directory) {
  if (directory.empty()) {
    return InvalidArgument(
        "no folder for the NameNode: set dfs.namenode_dir, for example with --set dfs.namenode_dir=/data/tusk-nn");
  }
  TUSK_TRY(disk.CreateDirectories(directory));
  std::unique_ptr<StorageFolder> folder(new StorageFolder(disk, directory));
  TUSK_TRY(folder->Lock());
  TUSK_TRY(folder->LoadIdentity());
  return folder;
}

StorageFolder::~StorageFolder() {
  if (lock_ >= 0) ::close(lock_);
}

Status StorageFolder::Lock() {
  const std::string path = storage::JoinPath(directory_, "lock");
  lock_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (lock_ < 0) return FromErrno(errno, "cannot open " + path);
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return OkStatus();
  if (errno == EWOULDBLOCK) {
    return FailedPrecondition(directory_ +
                              " is in use by another NameNode; stop that one, or set dfs.namenode_dir to another folder");
  }
  return FromErrno(errno, "cannot lock " + path);
}

Status StorageFolder::LoadIdentity() {
  const std::string path = storage::JoinPath(directory_, "identity");
  Result<std::string> text = storage::ReadFile(disk_, path, 4096);
  if (!text.ok()) {
    if (text.status().code() != Code::kNotFound) return text.status();
    if (disk_.Stat(log_directory()).ok()) {
      return FailedPrecondition(directory_ + " has a log but no identity file; restore " + path + ", or use an empty folder");
    }
    do {
      cluster_id_ = SecureRandom64();
    } while (cluster_id_ == 0);
    return storage::WriteFileAtomically(disk_, path, std::string(kMagic) + std::to_string(cluster_id_) + "\n");
  }
  const std::string_view bytes = *text;
  if (bytes.starts_with(kMagic)) {
    const char* end = bytes.data() + bytes.size();
    const auto parsed = std::from_chars(bytes.data() + kMagic.size(), end, cluster_id_);
    if (parsed.ec == std::errc() && parsed.ptr + 1 == end && *parsed.ptr == '\n' && cluster_id_ != 0) return OkStatus();
  }
  return FailedPrecondition(path + " is not the identity of a NameNode's folder; restore it, or use an empty folder");
}

std::string StorageFolder::trust_text() const { return "tusk-state 1\ncluster " + std::to_string(cluster_id_) + "\n"; }

bool StorageFolder::StateIsTrusted() const {
  const Result<std::string> stored = storage::ReadFile(disk_, trust_path(), 4096);
  return stored.ok() && *stored == trust_text();
}

Status StorageFolder::TrustState() { return storage::WriteFileAtomically(disk_, trust_path(), trust_text()); }

Status StorageFolder::DistrustState() {
  const Status removed = disk_.Remove(trust_path());
  if (!removed.ok() && removed.code() != Code::kNotFound) return removed;
  return disk_.SyncDirectory(directory_);
}

}  // namespace tusk::dfs::namenode
