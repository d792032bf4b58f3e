#include "dfs/namenode/image/image_reader.h"

#include <zstd.h>

#include <cstring>
#include <span>

#include "common/base/try.h"
#include "common/storage/crc32c.h"
#include "dfs/namenode/namespace/byte_codec.h"
#include "dfs/namenode/namespace/records.h"

namespace tusk::dfs::namenode {
namespace {

template <class T>
T NumberAt(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

Result<std::unique_ptr<ImageReader>> ImageReader::Open(storage::Disk& disk, const std::string& path, uint64_t cluster_id) {
  std::unique_ptr<ImageReader> reader(new ImageReader(path));
  TUSK_ASSIGN(reader->file_, disk.Open(path, storage::OpenMode::kRead));
  TUSK_ASSIGN(reader->size_, reader->file_->Size());
  TUSK_TRY(reader->ReadHeader(cluster_id));
  return reader;
}

Status ImageReader::Damaged(const std::string& what) const {
  return Corruption("the image " + path_ + " is damaged at offset " + std::to_string(offset_) + ": " + what);
}

Result<std::string> ImageReader::Take(size_t size, std::string_view before) {
  if (size + sizeof(uint32_t) > size_ - offset_) return Damaged("it ends too early");
  std::string bytes(size + sizeof(uint32_t), '\0');
  TUSK_ASSIGN(const size_t read, file_->ReadAt(offset_, std::as_writable_bytes(std::span(bytes))));
  if (read != bytes.size()) return Damaged("it ends too early");
  const uint32_t crc = storage::Crc32c(bytes.data(), size, storage::Crc32c(before.data(), before.size(), crc_));
  if (crc != NumberAt<uint32_t>(bytes, size)) return Damaged("a checksum is wrong");
  crc_ = crc;
  offset_ += bytes.size();
  bytes.resize(size);
  return bytes;
}

Status ImageReader::ReadHeader(uint64_t cluster_id) {
  TUSK_ASSIGN(const std::string bytes, Take(kImageHeaderBytes - sizeof(uint32_t)));
  if (std::memcmp(bytes.data(), kImageMagic, sizeof kImageMagic) != 0) return Damaged("it is not an image");
  if (NumberAt<uint32_t>(bytes, 8) != kImageFormat || NumberAt<uint32_t>(bytes, 12) != 0) {
    return Status(Code::kUnimplemented, "the image " + path_ + " has format " + std::to_string(NumberAt<uint32_t>(bytes, 8)) +
                                            "; this program knows format 1: start the version that wrote it");
  }
  header_ = {NumberAt<uint64_t>(bytes, 16), NumberAt<uint64_t>(bytes, 24)};
  if (header_.cluster_id == cluster_id) return OkStatus();
  return FailedPrecondition("the image " + path_ + " is of cluster " + std::to_string(header_.cluster_id) + ", not of " +
                            std::to_string(cluster_id) + "; remove it from this folder");
}

Status ImageReader::Read(const std::function<Status(std::string_view key, std::string_view value)>& visit) {
  uint64_t entries = 0, bytes = 0;
  std::string raw;
  while (true) {
    std::string head(kImageBlockHead, '\0');
    TUSK_ASSIGN(const size_t read, file_->ReadAt(offset_, std::as_writable_bytes(std::span(head))));
    if (read != head.size()) return Damaged("it ends too early");
    const auto raw_bytes = NumberAt<uint32_t>(head, 0);
    const auto stored_bytes = NumberAt<uint32_t>(head, 4);
    auto left = NumberAt<uint32_t>(head, 8);
    if (raw_bytes == 0) return ReadTrailer(head, entries, bytes);
    if (raw_bytes > kMaxImageBlockBytes || stored_bytes > kMaxImageBlockBytes) return Damaged("a block is too long");
    offset_ += head.size();
    TUSK_ASSIGN(const std::string stored, Take(stored_bytes, head));
    raw.resize(raw_bytes);
    if (ZSTD_decompress(raw.data(), raw.size(), stored.data(), stored.size()) != raw.size()) {
      return Damaged("a block cannot be decompressed");
    }
    ByteReader in(raw);
    for (; left > 0; --left) {
      const std::string_view key = in.Text();
      const std::string_view value = in.Text();
      if (!in.ok() || key.empty()) return Damaged("an entry is broken");
      TUSK_TRY(visit(key, value));
      ++entries;
      bytes += key.size() + value.size();
    }
    if (!in.AtEnd()) return Damaged("a block has more bytes than entries");
  }
}

Status ImageReader::ReadTrailer(std::string_view head, uint64_t entries, uint64_t bytes) {
  offset_ += head.size();
  TUSK_ASSIGN(const std::string totals, Take(kImageTrailerBytes - kImageBlockHead - sizeof(uint32_t), head));
  if (NumberAt<uint32_t>(head, 4) != 0 || NumberAt<uint32_t>(head, 8) != 0) return Damaged("the trailer is broken");
  if (NumberAt<uint64_t>(totals, 0) != entries || NumberAt<uint64_t>(totals, 8) != bytes) return Damaged("the totals are wrong");
  if (offset_ != size_) return Damaged("something follows the trailer");
  return OkStatus();
}

Status VerifyImage(storage::Disk& disk, const std::string& path, uint64_t cluster_id) {
  TUSK_ASSIGN(const auto reader, ImageReader::Open(disk, path, cluster_id));
  std::string meta;
  TUSK_TRY(reader->Read([&](std::string_view key, std::string_view value) {
    if (key == kMetaKey) meta = value;
    return OkStatus();
  }));
  const auto decoded = DecodeMeta(meta);
  if (decoded && decoded->applied == reader->header().applied) return OkStatus();
  return Corruption("the image " + path + " is damaged: its counters do not belong to its index");
}

}  // namespace tusk::dfs::namenode
