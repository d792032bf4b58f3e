#include "tests/chaos/disk_faults.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "common/base/random.h"

namespace tusk::chaos {

namespace fs = std::filesystem;

namespace {

bool HoldsReplicas(const fs::path& path) {
  const std::string text = path.string();
  return text.find("/finalized/") != std::string::npos || text.find("/packed/") != std::string::npos;
}

std::vector<fs::path> ReplicaFiles(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (HoldsReplicas(at->path()) && at->is_regular_file(gone) && at->file_size(gone) > 0 && !gone) files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool FlipBit(const fs::path& path, Random& random) {
  std::error_code gone;
  const uint64_t size = fs::file_size(path, gone);
  if (gone || size == 0) return false;
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  const auto at = static_cast<off_t>(random.Below(size));
  unsigned char byte = 0;
  bool flipped = false;
  if (::pread(fd, &byte, 1, at) == 1) {
    byte ^= static_cast<unsigned char>(1u << random.Below(8));
    flipped = ::pwrite(fd, &byte, 1, at) == 1;
  }
  ::close(fd);
  return flipped;
}

}  // namespace

size_t FlipBits(const std::string& folder, size_t count, uint64_t seed) {
  Random random(seed);
  const auto files = ReplicaFiles(folder);
  size_t flipped = 0;
  for (size_t i = 0; i < count && !files.empty(); ++i) flipped += FlipBit(files[random.Below(files.size())], random) ? 1 : 0;
  return flipped;
}

void EmptyFolder(const std::string& folder) {
  std::error_code error;
  // The node may make files while this goes on: a few passes.
  for (int pass = 0; pass < 3; ++pass) {
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      std::error_code one;
      fs::remove_all(entry.path(), one);
    }
  }
}

Ballast::Ballast(const std::string& folder) : path_(folder + "/ballast") {
  const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  // Large pieces first, then small ones, until not even a page is left.
  off_t end = 0;
  for (off_t piece = 64 << 20; piece >= 4096;) {
    if (::posix_fallocate(fd, end, piece) == 0) {
      end += piece;
    } else {
      piece /= 2;
    }
  }
  ::close(fd);
}

Ballast::~Ballast() { ::unlink(path_.c_str()); }

Status SmallDisk::Mount(const std::string& folder, uint64_t bytes) {
  std::error_code error;
  fs::create_directories(folder, error);
  const std::string size = "size=" + std::to_string(bytes);
  if (::mount("tusk-chaos", folder.c_str(), "tmpfs", 0, size.c_str()) != 0) {
    return FromErrno(errno, "cannot mount a small disk at " + folder);
  }
  folder_ = folder;
  return OkStatus();
}

SmallDisk::~SmallDisk() {
  if (mounted()) ::umount2(folder_.c_str(), MNT_DETACH);
}

}  // namespace tusk::chaos
