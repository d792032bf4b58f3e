// How far the scrubber of a data folder has come: the file `scrub` (docs/formats/block-files.md), so that a restart does not
// begin anew.
//
//   0 u32 magic "TKSC"   4 u32 version (1)   8 u64 first block id not verified in this round
//  16 i64 begin of this round, ms since 1970   24 u64 rounds finished   32 u32 crc32c of bytes 0..31
//
// A file that cannot be read counts as none: the round begins again, which is always right.
// Durability: Save replaces the file atomically. Thread: values.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "common/storage/disk.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

struct ScrubCursor {
  BlockId next;
  int64_t round_began_ms = 0;
  uint64_t rounds = 0;
  bool operator==(const ScrubCursor&) const = default;
};

inline constexpr size_t kScrubCursorBytes = 36;
std::array<std::byte, kScrubCursorBytes> EncodeScrubCursor(const ScrubCursor& cursor);
std::optional<ScrubCursor> DecodeScrubCursor(std::span<const std::byte> bytes);

std::optional<ScrubCursor> LoadScrubCursor(storage::Disk& disk, const std::string& path);
Status SaveScrubCursor(storage::Disk& disk, const std::string& path, const ScrubCursor& cursor);

}  // namespace tusk::dfs::datanode
