#include "common/storage/disk.h"

#include "common/base/try.h"

namespace tusk::storage {

std::string JoinPath(std::string_view directory, std::string_view name) {
  if (directory.empty()) return std::string(name);
  std::string path(directory);
  if (path.back() != '/') path += '/';
  while (!name.empty() && name.front() == '/') name.remove_prefix(1);
  return path.append(name);
}

std::string ParentPath(const std::string& path) {
  size_t end = path.size();
  while (end > 1 && path[end - 1] == '/') --end;
  const size_t slash = path.rfind('/', end == 0 ? 0 : end - 1);
  if (slash == std::string::npos) return ".";
  size_t cut = slash;
  while (cut > 0 && path[cut - 1] == '/') --cut;
  return cut == 0 ? "/" : path.substr(0, cut);
}

Result<std::string> ReadFile(Disk& disk, const std::string& path, uint64_t max_bytes) {
  TUSK_ASSIGN(auto file, disk.Open(path, OpenMode::kRead));
  TUSK_ASSIGN(const uint64_t size, file->Size());
  if (size > max_bytes) {
    return ResourceExhausted("cannot read " + path + " whole: it has " + std::to_string(size) +
                             " bytes, more than the limit of " + std::to_string(max_bytes));
  }
  std::string bytes(size, '\0');
  TUSK_ASSIGN(const size_t got, file->ReadAt(0, std::as_writable_bytes(std::span(bytes))));
  bytes.resize(got);  // somebody may have cut it meanwhile
  return bytes;
}

Status WriteFileAtomically(Disk& disk, const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  const Status written = [&]() -> Status {
    TUSK_ASSIGN(auto file, disk.Open(temporary, OpenMode::kTruncate));
    TUSK_TRY(file->WriteAt(0, std::as_bytes(std::span(bytes))));
    return file->Sync();
  }();
  if (!written.ok()) {
    disk.Remove(temporary).ok();  // whatever it answers, the first error is the one to tell
    return written;
  }
  TUSK_TRY(disk.Rename(temporary, path));
  return disk.SyncDirectory(ParentPath(path));
}

}  // namespace tusk::storage
