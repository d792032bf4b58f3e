// The machine's file system. Every error names the operation and the path.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/base/try.h"
#include "common/storage/disk.h"

namespace tusk::storage {
namespace {

Status Failed(std::string_view operation, const std::string& path, int error) {
  return FromErrno(error, "cannot " + std::string(operation) + " " + path);
}

int64_t ModifiedMs(const struct stat& info) { return info.st_mtim.tv_sec * int64_t{1000} + info.st_mtim.tv_nsec / 1'000'000; }

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path, bool writable) : fd_(fd), writable_(writable), path_(std::move(path)) {}
  ~PosixFile() override { ::close(fd_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Result<size_t> ReadAt(uint64_t offset, std::span<std::byte> out) override {
    size_t done = 0;
    while (done < out.size()) {
      const ssize_t n = ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (n == 0) break;
      if (n < 0) {
        if (errno == EINTR) continue;
        return Failed("read", path_, errno);
      }
      done += static_cast<size_t>(n);
    }
    return done;
  }

  Status WriteAt(uint64_t offset, std::span<const std::byte> data) override {
    TUSK_TRY(CheckWritable());
    while (!data.empty()) {
      const ssize_t n = ::pwrite(fd_, data.data(), data.size(), static_cast<off_t>(offset));
      if (n < 0) {
        if (errno == EINTR) continue;
        return Failed("write", path_, errno);
      }
      offset += static_cast<size_t>(n);
      data = data.subspan(static_cast<size_t>(n));
    }
    return OkStatus();
  }

  Status WriteVectorAt(uint64_t offset, std::span<const std::span<const std::byte>> parts) override {
    TUSK_TRY(CheckWritable());
    std::array<iovec, 256> vector;  // one call per 256 pieces: IOV_MAX is 1024, the gain beyond this is nil
    size_t part = 0;
    size_t part_done = 0;
    while (true) {
      size_t count = 0;
      for (size_t i = part; i < parts.size() && count < vector.size(); ++i) {
        const auto bytes = i == part ? parts[i].subspan(part_done) : parts[i];
        if (!bytes.empty()) vector[count++] = {const_cast<std::byte*>(bytes.data()), bytes.size()};
      }
      if (count == 0) return OkStatus();
      const ssize_t n = ::pwritev(fd_, vector.data(), static_cast<int>(count), static_cast<off_t>(offset));
      if (n < 0) {
        if (errno == EINTR) continue;
        return Failed("write", path_, errno);
      }
      offset += static_cast<size_t>(n);
      for (size_t left = static_cast<size_t>(n);;) {  // step over what was written, and over empty pieces
        if (part == parts.size()) break;
        const size_t here = parts[part].size() - part_done;
        if (left < here) {
          part_done += left;
          break;
        }
        left -= here;
        ++part;
        part_done = 0;
      }
    }
  }

  Status Sync() override {
    while (::fdatasync(fd_) != 0) {
      if (errno != EINTR) return Failed("sync", path_, errno);
    }
    return OkStatus();
  }

  Status Truncate(uint64_t size) override {
    TUSK_TRY(CheckWritable());
    while (::ftruncate(fd_, static_cast<off_t>(size)) != 0) {
      if (errno != EINTR) return Failed("truncate", path_, errno);
    }
    return OkStatus();
  }

  // fallocate alone leaves extents that are marked unwritten, and the first write to each then changes metadata: fdatasync of a
  // block that was also zeroed takes half the time. So both are done.
  Status Allocate(uint64_t size) override {
    TUSK_TRY(CheckWritable());
    TUSK_ASSIGN(const uint64_t old_size, Size());
    if (size == 0) return OkStatus();
    while (::fallocate(fd_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)) != 0) {
      if (errno == EOPNOTSUPP || errno == ENOSYS) break;  // writing the zeroes below reserves as well
      if (errno != EINTR) return Failed("allocate " + std::to_string(size) + " bytes for", path_, errno);
    }
    static constexpr std::array<std::byte, 256 << 10> kZeroes{};
    for (uint64_t at = old_size; at < size;) {
      const uint64_t n = std::min<uint64_t>(size - at, kZeroes.size());
      TUSK_TRY(WriteAt(at, std::span(kZeroes).first(n)));
      at += n;
    }
    return OkStatus();
  }

  Result<uint64_t> Size() override {
    struct stat info;
    if (::fstat(fd_, &info) != 0) return Failed("stat", path_, errno);
    return static_cast<uint64_t>(info.st_size);
  }

  int fd() const override { return fd_; }
  const std::string& path() const override { return path_; }

 private:
  Status CheckWritable() const {
    return writable_ ? OkStatus() : FailedPrecondition("cannot write " + path_ + ": it was opened for reading only");
  }

  const int fd_;
  const bool writable_;
  const std::string path_;
};

class PosixDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override {
    const int flags = [mode] {
      switch (mode) {
        case OpenMode::kRead: return O_RDONLY;
        case OpenMode::kReadWrite: return O_RDWR;
        case OpenMode::kCreate: return O_RDWR | O_CREAT;
        case OpenMode::kCreateNew: return O_RDWR | O_CREAT | O_EXCL;
        case OpenMode::kTruncate: return O_RDWR | O_CREAT | O_TRUNC;
      }
      return O_RDONLY;
    }();
    int fd;
    do fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    while (fd < 0 && errno == EINTR);
    if (fd < 0) return Failed("open", path, errno);
    auto file = std::make_unique<PosixFile>(fd, path, mode != OpenMode::kRead);
    struct stat info;  // open(2) for reading accepts a folder
    if (::fstat(fd, &info) != 0) return Failed("stat", path, errno);
    if (S_ISDIR(info.st_mode)) return Failed("open", path, EISDIR);
    return std::unique_ptr<File>(std::move(file));
  }

  Status CreateDirectories(const std::string& path) override {
    if (::mkdir(path.c_str(), 0755) == 0) return SyncDirectory(ParentPath(path));
    if (errno == EEXIST) {
      TUSK_ASSIGN(const FileInfo info, Stat(path));
      return info.is_directory ? OkStatus() : Failed("create folder", path, ENOTDIR);
    }
    const std::string parent = ParentPath(path);
    if (errno != ENOENT || parent == path || path.empty()) return Failed("create folder", path, errno);
    TUSK_TRY(CreateDirectories(parent));
    if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return Failed("create folder", path, errno);
    return SyncDirectory(parent);
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return OkStatus();
    return FromErrno(errno, "cannot rename " + from + " to " + to);
  }

  Status Remove(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return OkStatus();
    if (errno == EISDIR && ::rmdir(path.c_str()) == 0) return OkStatus();
    return Failed("remove", path, errno);
  }

  Status RemoveAll(const std::string& path) override {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    return error ? Failed("remove", path, error.value()) : OkStatus();
  }

  Result<std::vector<FileInfo>> List(const std::string& directory) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(directory.c_str()), &::closedir);
    if (!dir) return Failed("list", directory, errno);
    std::vector<FileInfo> found;
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(dir.get());
      if (entry == nullptr) {
        if (errno != 0) return Failed("list", directory, errno);
        break;
      }
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat info;
      if (::fstatat(::dirfd(dir.get()), entry->d_name, &info, 0) != 0) {
        if (errno == ENOENT) continue;  // removed since readdir, or a link to nothing
        return Failed("stat", JoinPath(directory, name), errno);
      }
      found.push_back(ToFileInfo(std::string(name), info));
    }
    std::sort(found.begin(), found.end(), [](const FileInfo& a, const FileInfo& b) { return a.name < b.name; });
    return found;
  }

  Result<FileInfo> Stat(const std::string& path) override {
    struct stat info;
    if (::stat(path.c_str(), &info) != 0) return Failed("stat", path, errno);
    const size_t end = path.find_last_not_of('/');
    if (end == std::string::npos) return ToFileInfo("/", info);
    const size_t slash = path.rfind('/', end);
    const size_t begin = slash == std::string::npos ? 0 : slash + 1;
    return ToFileInfo(path.substr(begin, end + 1 - begin), info);
  }

  Status SyncDirectory(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return Failed("open folder", path, errno);
    const PosixFile closer(fd, path, false);
    while (::fsync(fd) != 0) {
      if (errno != EINTR) return Failed("sync folder", path, errno);
    }
    return OkStatus();
  }

  Result<SpaceInfo> Space(const std::string& path) override {
    struct statvfs info;
    if (::statvfs(path.c_str(), &info) != 0) return Failed("measure the space of", path, errno);
    return SpaceInfo{.capacity = info.f_blocks * info.f_frsize, .available = info.f_bavail * info.f_frsize};
  }

 private:
  static FileInfo ToFileInfo(std::string name, const struct stat& info) {
    const bool is_directory = S_ISDIR(info.st_mode);
    return {.name = std::move(name),
            .size = is_directory ? 0 : static_cast<uint64_t>(info.st_size),
            .is_directory = is_directory,
            .modified_ms = ModifiedMs(info)};
  }
};

}  // namespace

Disk& Disk::Posix() {
  static PosixDisk* disk = new PosixDisk;  // never destroyed: threads may use it until the very end
  return *disk;
}

}  // namespace tusk::storage
