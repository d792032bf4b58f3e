#include "mapreduce/client/upload.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <vector>

#include "common/base/random.h"
#include "common/base/try.h"
#include "mapreduce/protocol/sha256.h"

namespace tusk::mr {
namespace {

constexpr size_t kPiece = 1 << 20;

struct LocalFile {
  explicit LocalFile(const std::string& path) : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  LocalFile(const LocalFile&) = delete;
  ~LocalFile() {
    if (fd >= 0) ::close(fd);
  }
  const int fd;
};

Status ForEachPiece(const LocalFile& file, const std::string& path,
                    const std::function<Status(std::span<const std::byte>)>& use) {
  std::vector<std::byte> piece(kPiece);
  for (off_t offset = 0;;) {
    const ssize_t got = ::pread(file.fd, piece.data(), piece.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FromErrno(errno, "cannot read " + path);
    if (got == 0) return OkStatus();
    TUSK_TRY(use(std::span<const std::byte>(piece).first(static_cast<size_t>(got))));
    offset += got;
  }
}

Status Upload(dfs::FileSystem& fs, const LocalFile& file, const std::string& local, const std::string& to) {
  TUSK_ASSIGN(auto out, fs.Create(to, {.bytes_follow = true}));
  TUSK_TRY(ForEachPiece(file, local, [&out](std::span<const std::byte> bytes) { return out->Write(bytes); }));
  return out->Close();
}

}  // namespace

Result<UploadedBinary> UploadBinary(dfs::FileSystem& fs, const std::string& local, const std::string& staging) {
  const LocalFile file(local);
  if (file.fd < 0) return FromErrno(errno, "cannot open the job's binary " + local);
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) return FromErrno(errno, "cannot read the job's binary " + local);
  if (!S_ISREG(info.st_mode) || (info.st_mode & S_IXUSR) == 0) {
    return InvalidArgument("the job's binary " + local + " is not an executable file; build it, or check its mode");
  }
  Sha256 sha;
  TUSK_TRY(ForEachPiece(file, local, [&sha](std::span<const std::byte> bytes) {
    sha.Add(bytes);
    return OkStatus();
  }));
  UploadedBinary binary;
  binary.digest = sha.HexDigest();
  binary.path = staging + "/bin/" + binary.digest;
  TUSK_ASSIGN(const bool there, fs.Exists(binary.path));
  if (there) return binary;
  // Written under a name of its own, so that the name with the digest never has a part of the bytes.
  const std::string partial = binary.path + "." + std::to_string(SecureRandom64()) + ".tmp";
  if (Status status = Upload(fs, file, local, partial); !status.ok()) {
    (void)fs.Delete(partial, false);
    return status.WithContext("cannot upload the job's binary to " + partial);
  }
  const Status renamed = fs.Rename(partial, binary.path);
  if (renamed.ok()) return binary;
  (void)fs.Delete(partial, false);
  // Another client was faster: its bytes have the same digest.
  TUSK_ASSIGN(const bool arrived, fs.Exists(binary.path));
  if (arrived) return binary;
  return renamed;
}

}  // namespace tusk::mr
