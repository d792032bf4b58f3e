#include "dfs/datanode/store/folder_probe.h"

#include <array>

#include "common/base/try.h"
#include "common/fault/fault.h"

namespace tusk::dfs::datanode {
namespace {

constexpr std::string_view kText = "tusk probes this folder\n";

Status WriteProbe(storage::Disk& disk, const std::string& path) {
  TUSK_TRY(TUSK_FAULT_POINT("datanode.probe_folder"));
  TUSK_ASSIGN(auto file, disk.Open(path, storage::OpenMode::kTruncate));
  TUSK_TRY(file->WriteAt(0, std::as_bytes(std::span(kText))));
  TUSK_TRY(file->Sync());
  std::array<std::byte, kText.size()> seen{};
  TUSK_ASSIGN(const size_t got, file->ReadAt(0, seen));
  if (got == seen.size() && std::ranges::equal(seen, std::as_bytes(std::span(kText)))) return OkStatus();
  return IoError(path + " does not have the bytes that were just written to it");
}

// The node itself has run out of something, or the disk is merely full.
bool IsHarmless(const Status& status) {
  return status.ok() || status.code() == Code::kNoSpace || status.code() == Code::kResourceExhausted;
}

}  // namespace

Result<Duration> ProbeFolder(storage::Disk& disk, const Layout& layout, DataNodeId node) {
  // A disk that was unmounted leaves an empty folder, which could be written all right.
  auto owner = FolderIdentity::Read(disk, layout);
  if (!owner.ok() && !IsHarmless(owner.status())) return owner.status();
  if (owner.ok() && (!*owner || (*owner)->node != node)) {
    return IoError(layout.Identity() + " is gone: the folder was removed, replaced or its disk unmounted");
  }
  const TimePoint begin = Clock::System().Now();
  if (Status written = WriteProbe(disk, layout.Probe()); !IsHarmless(written)) return written;
  const Duration took = Clock::System().Now() - begin;
  if (Status removed = disk.Remove(layout.Probe()); !IsHarmless(removed) && removed.code() != Code::kNotFound) return removed;
  return took;
}

}  // namespace tusk::dfs::datanode
