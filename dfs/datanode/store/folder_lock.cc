#include "dfs/datanode/store/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace tusk::dfs::datanode {

Result<FolderLock> FolderLock::Take(const std::string& folder) {
  const std::string path = folder + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return FromErrno(errno, "cannot open " + path);
  FolderLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return FromErrno(errno, "cannot lock " + path);
    std::array<char, 32> holder{};
    const ssize_t n = ::pread(fd, holder.data(), holder.size(), 0);
    const std::string who = n > 0 ? " (process " + std::string(holder.data(), static_cast<size_t>(n)) + ")" : std::string();
    return FailedPrecondition("cannot use " + folder + ": another DataNode" + who +
                              " uses it; stop that one or choose another dfs.datanode_dir");
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) return FromErrno(errno, "cannot write " + path);
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace tusk::dfs::datanode
