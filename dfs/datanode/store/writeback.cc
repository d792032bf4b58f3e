#include "dfs/datanode/store/writeback.h"

#include <fcntl.h>

#include <cerrno>

#include "common/base/units.h"

namespace tusk::dfs::datanode {

void StartWriteback(const storage::File& file, uint64_t offset, uint64_t length) {
  if (file.fd() < 0) return;
  // The answer does not matter: an error of the disk comes back from the fdatasync that follows.
  (void)::sync_file_range(file.fd(), static_cast<off64_t>(offset), static_cast<off64_t>(length), SYNC_FILE_RANGE_WRITE);
}

Status DropBehind(const storage::File& file, uint64_t offset, uint64_t length) {
  if (file.fd() < 0) return OkStatus();
  constexpr unsigned kAndWait = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  if (::sync_file_range(file.fd(), static_cast<off64_t>(offset), static_cast<off64_t>(length), kAndWait) != 0) {
    return FromErrno(errno, "cannot write " + file.path() + " back to the disk");
  }
  (void)::posix_fadvise(file.fd(), static_cast<off_t>(offset), static_cast<off_t>(length), POSIX_FADV_DONTNEED);
  return OkStatus();
}

bool ReserveExtent(const storage::File& file, uint64_t bytes) {
  if (file.fd() < 0 || bytes < kMiB) return false;  // a small file gets one extent anyway
  return ::fallocate(file.fd(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) == 0;
}

}  // namespace tusk::dfs::datanode
