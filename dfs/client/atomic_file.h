// A DFS file that appears only when all its bytes are there. Thread: the caller's.
//
// They go to a temporary name beside it ("NAME.<number>._COPYING_", a number for each writer), which is renamed at the end and
// deleted on failure: of two writers of one path the first to end wins.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dfs/client/file_system.h"

namespace tusk::dfs {

// Takes bytes; an error stops the copy.
using Sink = std::function<Status(std::span<const std::byte>)>;

struct AtomicWrite {
  CreateOptions create{};          // overwrite: of the final name
  std::optional<uint16_t> mode{};  // permission bits; nothing: as the client's umask has it
  bool direct = false;             // under the final name from the first byte: readers see it grow
};
// Errors: those of Create, of the source, and kAlreadyExists. Durable as Close is.
Status WriteFileAtomically(FileSystem& fs, const std::string& path, const AtomicWrite& options,
                           const std::function<Status(const Sink&)>& source);

// The temporary name of a file in the DFS or here, for the copy with this number; also for names near the limit of 255 bytes.
std::string CopyingName(std::string_view path, uint64_t copy);

}  // namespace tusk::dfs
