#include "dfs/datanode/store/scrub_cursor.h"

#include <glog/logging.h>

#include "common/storage/crc32c.h"
#include "dfs/datanode/store/little_endian.h"

namespace tusk::dfs::datanode {
namespace {

constexpr uint32_t kMagic = 0x43534B54;  // "TKSC" as bytes
constexpr uint32_t kVersion = 1;

}  // namespace

std::array<std::byte, kScrubCursorBytes> EncodeScrubCursor(const ScrubCursor& cursor) {
  std::array<std::byte, kScrubCursorBytes> out{};
  StoreLe<uint32_t>(&out[0], kMagic);
  StoreLe<uint32_t>(&out[4], kVersion);
  StoreLe<uint64_t>(&out[8], cursor.next.value());
  StoreLe<int64_t>(&out[16], cursor.round_began_ms);
  StoreLe<uint64_t>(&out[24], cursor.rounds);
  StoreLe<uint32_t>(&out[32], storage::Crc32c(std::span(out).first<32>()));
  return out;
}

std::optional<ScrubCursor> DecodeScrubCursor(std::span<const std::byte> bytes) {
  if (bytes.size() != kScrubCursorBytes || LoadLe<uint32_t>(&bytes[0]) != kMagic || LoadLe<uint32_t>(&bytes[4]) != kVersion ||
      LoadLe<uint32_t>(&bytes[32]) != storage::Crc32c(bytes.first(32))) {
    return std::nullopt;
  }
  return ScrubCursor{BlockId(LoadLe<uint64_t>(&bytes[8])), LoadLe<int64_t>(&bytes[16]), LoadLe<uint64_t>(&bytes[24])};
}

std::optional<ScrubCursor> LoadScrubCursor(storage::Disk& disk, const std::string& path) {
  const auto text = storage::ReadFile(disk, path, 4096);
  if (!text.ok()) {
    if (text.status().code() != Code::kNotFound) LOG(WARNING) << "scrubbing from the beginning: " << text.status().message();
    return std::nullopt;
  }
  auto cursor = DecodeScrubCursor(std::as_bytes(std::span(*text)));
  if (!cursor) LOG(WARNING) << "scrubbing from the beginning: " << path << " is not a scrub cursor of version 1, or damaged";
  return cursor;
}

Status SaveScrubCursor(storage::Disk& disk, const std::string& path, const ScrubCursor& cursor) {
  const auto bytes = EncodeScrubCursor(cursor);
  return storage::WriteFileAtomically(disk, path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace tusk::dfs::datanode
