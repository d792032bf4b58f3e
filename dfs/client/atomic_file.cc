#include "dfs/client/atomic_file.h"

#include <array>
#include <cinttypes>
#include <cstdio>

#include "common/base/random.h"
#include "common/base/try.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs {
namespace {

constexpr std::string_view kCopying = "._COPYING_";

}  // namespace

std::string CopyingName(std::string_view path, uint64_t copy) {
  const std::string_view name = PathName(path);
  std::array<char, 24> number{};
  std::snprintf(number.data(), number.size(), ".%016" PRIx64, copy);
  const std::string mark = std::string(number.data()) + std::string(kCopying);
  const std::string_view folder = path.substr(0, path.size() - name.size());
  return std::string(folder) + std::string(name.substr(0, kMaxNameBytes - mark.size())) + mark;
}

Status WriteFileAtomically(FileSystem& fs, const std::string& path, const AtomicWrite& options,
                           const std::function<Status(const Sink&)>& source) {
  if (!options.create.overwrite) {
    // Before the bytes are sent: the rename would refuse too, but late.
    TUSK_ASSIGN(const bool exists, fs.Exists(path));
    if (exists) return AlreadyExists(path + " exists");
  }
  const std::string written = options.direct ? path : CopyingName(path, SecureRandom64());
  CreateOptions create = options.create;
  create.overwrite = create.overwrite || !options.direct;
  TUSK_ASSIGN(auto out, fs.Create(written, create));
  Status status = source([&](std::span<const std::byte> bytes) { return out->Write(bytes); });
  if (status.ok()) status = out->Close();
  if (status.ok() && options.mode) status = fs.SetPermission(written, *options.mode);
  if (status.ok() && !options.direct) status = fs.Rename(written, path, options.create.overwrite);
  if (status.ok()) return status;
  out.reset();
  const auto removed = fs.Delete(written, false);
  if (removed.ok()) return status;
  return Status(status.code(), status.message() + "; the partial file " + written + " could not be removed either (" +
                                   removed.status().message() + "): remove it with `tusk dfs -rm`");
}

}  // namespace tusk::dfs
