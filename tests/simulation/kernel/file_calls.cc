// The few files that the daemons open without storage::Disk: their lock files, and the identity of the machine's last boot.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <map>

#include "tests/simulation/kernel/descriptor.h"
#include "tests/simulation/kernel/file_calls.h"
#include "tests/simulation/kernel/real_call.h"

using namespace tusk::sim;  // NOLINT(google-build-using-namespace): the functions below are global by nature

namespace {

constexpr const char* kBootId = "/proc/sys/kernel/random/boot_id";

std::map<int, std::string>& BootIds() {
  static std::map<int, std::string> ids;
  return ids;
}

bool Simulated(const char* path) {
  return Scheduler::active() && std::strncmp(path, kSimulatedRoot, std::strlen(kSimulatedRoot)) == 0;
}
bool IsLock(int fd) { return Scheduler::active() && Descriptors::IsOurs(fd); }

}  // namespace

namespace tusk::sim {

void SetBootId(int node, std::string id) { BootIds()[node] = std::move(id); }

}  // namespace tusk::sim

extern "C" {

int open(const char* path, int flags, ...) {
  SIM_REAL_(open);
  va_list list;
  va_start(list, flags);
  const unsigned mode = va_arg(list, unsigned);
  va_end(list);
  if (!Simulated(path)) return real(path, flags, mode);
  return Descriptors::Get().Add(std::make_shared<LockDescriptor>(Scheduler::Get().node(), path));
}

int flock(int fd, int operation) noexcept {
  SIM_REAL_(flock);
  if (!IsLock(fd)) return real(fd, operation);
  const auto lock = Descriptors::Get().Find<LockDescriptor>(fd);
  if (lock != nullptr && lock->Lock()) return 0;
  errno = EWOULDBLOCK;
  return -1;
}

int ftruncate(int fd, off_t size) noexcept {
  SIM_REAL_(ftruncate);
  return IsLock(fd) ? 0 : real(fd, size);
}

ssize_t pread(int fd, void* out, size_t bytes, off_t offset) {
  SIM_REAL_(pread);
  return IsLock(fd) ? 0 : real(fd, out, bytes, offset);
}

ssize_t pwrite(int fd, const void* data, size_t bytes, off_t offset) {
  SIM_REAL_(pwrite);
  return IsLock(fd) ? static_cast<ssize_t>(bytes) : real(fd, data, bytes, offset);
}

FILE* fopen64(const char* path, const char* mode) {
  SIM_REAL_(fopen64);
  if (!Scheduler::active() || std::strcmp(path, kBootId) != 0) return real(path, mode);
  const std::string text = BootIds()[Scheduler::Get().node()] + "\n";
  const int fd = memfd_create("boot_id", 0);
  if (fd < 0 || ::write(fd, text.data(), text.size()) < 0) return nullptr;
  lseek(fd, 0, SEEK_SET);
  return fdopen(fd, mode);
}

}  // extern "C"
