#include "mapreduce/tasktracker/binary_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/try.h"
#include "mapreduce/protocol/sha256.h"

namespace tusk::mr::tasktracker {
namespace {

constexpr size_t kPiece = 1 << 20;

Status WriteAll(int fd, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FromErrno(errno, "cannot write " + path);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return OkStatus();
}

}  // namespace

Status BinaryCache::With(dfs::FileSystem& fs, const std::string& dfs_path, const std::string& digest,
                         const std::function<Status(const std::string& path)>& use) {
  if (!IsSha256(digest)) return InvalidArgument("the job's binary has no usable digest: \"" + digest.substr(0, 100) + "\"");
  const std::string path = folder_ + "/" + digest;
  const std::lock_guard lock(mutex_);
  const auto known = std::find(recent_.begin(), recent_.end(), digest);
  if (known == recent_.end()) {
    TUSK_TRY(Download(fs, dfs_path, digest, path).WithContext("cannot fetch the job's binary " + dfs_path));
    recent_.push_front(digest);
  } else {
    recent_.splice(recent_.begin(), recent_, known);
  }
  while (recent_.size() > keep_) {
    ::unlink((folder_ + "/" + recent_.back()).c_str());
    recent_.pop_back();
  }
  return use(path);
}

Status BinaryCache::Download(dfs::FileSystem& fs, const std::string& dfs_path, const std::string& digest,
                             const std::string& to) const {
  TUSK_ASSIGN(auto in, fs.Open(dfs_path));
  const std::string partial = to + ".tmp";
  const int fd = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
  if (fd < 0) return FromErrno(errno, "cannot create " + partial);
  Sha256 sha;
  std::vector<std::byte> piece(kPiece);
  Status status;
  while (status.ok()) {
    auto got = in->Read(piece);
    if (!got.ok()) status = got.status();
    if (!got.ok() || *got == 0) break;
    const auto bytes = std::span<const std::byte>(piece).first(*got);
    sha.Add(bytes);
    status = WriteAll(fd, bytes, partial);
  }
  // The mode given to open is cut by the umask; closed before it is executed, or the kernel answers "text file busy".
  if (status.ok() && ::fchmod(fd, 0755) != 0) status = FromErrno(errno, "cannot make " + partial + " executable");
  ::close(fd);
  if (status.ok()) {
    const std::string found = sha.HexDigest();
    if (found != digest) status = Corruption("its sha256 is " + found + ", the job says " + digest);
  }
  if (status.ok() && ::rename(partial.c_str(), to.c_str()) != 0) status = FromErrno(errno, "cannot rename " + partial);
  if (!status.ok()) ::unlink(partial.c_str());
  return status;
}

}  // namespace tusk::mr::tasktracker
