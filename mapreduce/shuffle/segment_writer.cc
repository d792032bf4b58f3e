#include "mapreduce/shuffle/segment_writer.h"

#include "common/base/try.h"
#include "common/storage/crc32c.h"

namespace tusk::mr {
namespace {

constexpr size_t kBufferBytes = 1 << 20;

}  // namespace

SegmentWriter::SegmentWriter(storage::File& file) : file_(file), buffer_(new char[kBufferBytes]), capacity_(kBufferBytes) {
  StartBlock();
}

void SegmentWriter::StartBlock() {
  block_ = used_;
  used_ += kBlockHeaderBytes;
  block_records_ = 0;
}

void SegmentWriter::EndBlock() {
  BlockHeader header;
  header.payload = static_cast<uint32_t>(used_ - block_ - kBlockHeaderBytes);
  header.records = block_records_;
  char* at = buffer_.get() + block_;
  EncodeBlockHeader(header, at);
  header.crc = storage::Crc32c(at + 4, kBlockHeaderBytes - 4 + header.payload);
  EncodeBlockHeader(header, at);
  records_ += block_records_;
  // The next record may need room: closed blocks leave when the buffer is half full, so that MakeRoom seldom copies.
  if (used_ >= capacity_ / 2) {
    if (status_.ok()) status_ = file_.WriteAt(written_, std::as_bytes(std::span<const char>(buffer_.get(), used_)));
    written_ += used_;
    used_ = 0;
    if (capacity_ > 4 * kBufferBytes) {
      buffer_.reset(new char[kBufferBytes]);
      capacity_ = kBufferBytes;
    }
  }
  StartBlock();
}

void SegmentWriter::MakeRoom(size_t bytes) {
  if (block_records_ > 0) {
    EndBlock();
    if (bytes <= capacity_ - used_) return;
  }
  const size_t needed = used_ + bytes;
  std::unique_ptr<char[]> larger(new char[needed]);
  std::memcpy(larger.get(), buffer_.get(), used_);
  buffer_ = std::move(larger);
  capacity_ = needed;
}

Result<SegmentInfo> SegmentWriter::EndPartition(uint64_t digest) {
  if (block_records_ > 0) EndBlock();
  TUSK_TRY(status_);
  const uint64_t end = written_ + block_;
  const SegmentInfo info{partition_, end - partition_, records_, digest};
  partition_ = end;
  records_ = 0;
  return info;
}

Status SegmentWriter::Flush() {
  TUSK_TRY(status_);
  if (block_records_ > 0) return Internal("a segment was flushed before its partition ended");
  status_ = file_.WriteAt(written_, std::as_bytes(std::span<const char>(buffer_.get(), block_)));
  written_ += block_;
  used_ = 0;
  StartBlock();
  return status_;
}

}  // namespace tusk::mr
