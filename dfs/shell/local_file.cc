#include "dfs/shell/local_file.h"

#include <iostream>

#include "common/base/random.h"
#include "common/base/try.h"
#include "common/storage/disk.h"

namespace tusk::dfs::shell {
namespace {

constexpr size_t kReadBytes = 1 << 20;

Status ReadStandardInput(const Sink& sink) {
  const std::unique_ptr<std::byte[]> memory(new std::byte[kReadBytes]);
  while (std::cin.good()) {
    std::cin.read(reinterpret_cast<char*>(memory.get()), kReadBytes);
    if (const auto count = static_cast<size_t>(std::cin.gcount()); count > 0) TUSK_TRY(sink({memory.get(), count}));
  }
  return std::cin.bad() ? IoError("standard input cannot be read") : OkStatus();
}

}  // namespace

Status LocalReadError(const Status& status, const std::string& path) {
  switch (status.code()) {
    case Code::kOk: return status;
    case Code::kNotFound: return FailedPrecondition("`" + path + "': No such file or directory; check the local path");
    case Code::kPermissionDenied: return FailedPrecondition("`" + path + "': Permission denied; the local file cannot be read");
    default: return IoError("cannot read the local file " + path + ": " + status.message());
  }
}

Status LocalWriteError(const Status& status, const std::string& path) {
  switch (status.code()) {
    case Code::kOk: return status;
    case Code::kNoSpace: return Status(Code::kNoSpace, path + ": the local disk is full; free some space");
    case Code::kNotFound: return FailedPrecondition("`" + path + "': No such file or directory; make its local folder first");
    case Code::kPermissionDenied:
      return FailedPrecondition("`" + path + "': Permission denied; the local file cannot be written");
    default: return IoError("cannot write the local file " + path + ": " + status.message());
  }
}

Status ReadLocalFile(const std::string& path, const Sink& sink) {
  if (path == kStandardStream) return ReadStandardInput(sink);
  auto file = storage::Disk::Posix().Open(path, storage::OpenMode::kRead);
  if (!file.ok()) return LocalReadError(file.status(), path);
  const std::unique_ptr<std::byte[]> memory(new std::byte[kReadBytes]);
  for (uint64_t offset = 0;;) {
    auto count = (*file)->ReadAt(offset, {memory.get(), kReadBytes});
    if (!count.ok()) return LocalReadError(count.status(), path);
    if (*count == 0) return OkStatus();
    TUSK_TRY(sink({memory.get(), *count}));
    offset += *count;
  }
}

Status WriteLocalFile(const std::string& path, const std::function<Status(const Sink&)>& source) {
  storage::Disk& disk = storage::Disk::Posix();
  const std::string copying = CopyingName(path, SecureRandom64());
  auto file = disk.Open(copying, storage::OpenMode::kTruncate);
  if (!file.ok()) return LocalWriteError(file.status(), path);
  uint64_t offset = 0;
  Status status = source([&](std::span<const std::byte> bytes) -> Status {
    TUSK_TRY(LocalWriteError((*file)->WriteAt(offset, bytes), path));
    offset += bytes.size();
    return OkStatus();
  });
  if (status.ok()) status = LocalWriteError(disk.Rename(copying, path), path);
  if (status.ok()) return status;
  const Status removed = disk.Remove(copying);
  if (removed.ok() || removed.code() == Code::kNotFound) return status;
  return Status(status.code(), status.message() + "; the partial file " + copying + " could not be removed either");
}

}  // namespace tusk::dfs::shell
