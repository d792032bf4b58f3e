#include "common/observe/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace tusk::observe {

void WriteFully(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(put));
  }
}

LogFile::~LogFile() {
  if (fd_ >= 0) close(fd_);
}

bool LogFile::Open(const std::string& path, uint64_t limit_bytes) {
  std::lock_guard lock(mutex_);
  path_ = path;
  limit_bytes_ = limit_bytes;
  return Reopen();
}

bool LogFile::Reopen() {
  const int fd = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
  struct stat status {};
  size_ = fstat(fd_, &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
  return true;
}

void LogFile::RotateIfFull() {
  if (size_ < limit_bytes_) return;
  // Another process that shares the file may have renamed it already: then only a new descriptor is needed.
  struct stat ours {};
  struct stat named {};
  const bool same = fstat(fd_, &ours) == 0 && stat(path_.c_str(), &named) == 0 && ours.st_ino == named.st_ino;
  if (same) std::rename(path_.c_str(), (path_ + ".1").c_str());
  if (!Reopen()) size_ = 0;  // keep writing to the old file, and try again a file's length later
}

void LogFile::Write(std::string_view record) {
  std::lock_guard lock(mutex_);
  if (fd_ < 0) return;
  RotateIfFull();
  WriteFully(fd_, record);
  size_ += record.size();
}

}  // namespace tusk::observe
