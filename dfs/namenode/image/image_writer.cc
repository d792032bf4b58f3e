#include "dfs/namenode/image/image_writer.h"

#include <zstd.h>

#include <bit>
#include <cstring>
#include <span>

#include "common/base/try.h"
#include "common/fault/fault.h"
#include "common/storage/crc32c.h"
#include "dfs/namenode/namespace/byte_codec.h"

namespace tusk::dfs::namenode {
namespace {

constexpr int kCompressionLevel = 1;  // the disk is not much faster

static_assert(std::endian::native == std::endian::little, "images are little endian");
template <class T>
void AppendNumber(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

Result<std::unique_ptr<ImageWriter>> ImageWriter::Create(storage::Disk& disk, const std::string& path,
                                                         const ImageHeader& header) {
  std::unique_ptr<ImageWriter> writer(new ImageWriter(disk, path));
  TUSK_ASSIGN(writer->file_, disk.Open(path + ".tmp", storage::OpenMode::kTruncate));
  std::string bytes(kImageMagic, sizeof kImageMagic);
  AppendNumber(kImageFormat, &bytes);
  AppendNumber(uint32_t{0}, &bytes);
  AppendNumber(header.cluster_id, &bytes);
  AppendNumber(header.applied, &bytes);
  TUSK_TRY(writer->Append(bytes));
  return writer;
}

Status ImageWriter::Append(std::string& bytes) {
  crc_ = storage::Crc32c(bytes.data(), bytes.size(), crc_);
  AppendNumber(crc_, &bytes);
  TUSK_TRY(file_->WriteAt(offset_, std::as_bytes(std::span(bytes))));
  offset_ += bytes.size();
  return OkStatus();
}

Status ImageWriter::Add(std::string_view key, std::string_view value) {
  ByteWriter entry;
  entry.Text(key);
  entry.Text(value);
  block_ += entry.view();
  ++block_entries_;
  ++entries_;
  bytes_ += key.size() + value.size();
  return block_.size() < kImageBlockBytes ? OkStatus() : EndBlock();
}

Status ImageWriter::EndBlock() {
  if (block_entries_ == 0) return OkStatus();
  std::string out(kImageBlockHead + ZSTD_compressBound(block_.size()), '\0');
  const size_t stored =
      ZSTD_compress(out.data() + kImageBlockHead, out.size() - kImageBlockHead, block_.data(), block_.size(), kCompressionLevel);
  if (ZSTD_isError(stored) != 0) return Internal("cannot compress a block of " + path_ + ": " + ZSTD_getErrorName(stored));
  const uint32_t head[] = {static_cast<uint32_t>(block_.size()), static_cast<uint32_t>(stored), block_entries_};
  std::memcpy(out.data(), head, sizeof head);
  out.resize(kImageBlockHead + stored);
  block_.clear();
  block_entries_ = 0;
  return Append(out);
}

Result<uint64_t> ImageWriter::Finish() {
  TUSK_TRY(EndBlock());
  std::string trailer(kImageBlockHead, '\0');
  AppendNumber(entries_, &trailer);
  AppendNumber(bytes_, &trailer);
  TUSK_TRY(Append(trailer));
  TUSK_TRY(TUSK_FAULT_POINT("namenode.image_sync"));
  TUSK_TRY(file_->Sync());
  file_.reset();
  TUSK_TRY(disk_.Rename(path_ + ".tmp", path_));
  TUSK_TRY(disk_.SyncDirectory(storage::ParentPath(path_)));
  return offset_;
}

}  // namespace tusk::dfs::namenode
