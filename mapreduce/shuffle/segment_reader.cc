#include "mapreduce/shuffle/segment_reader.h"

#include <algorithm>

namespace tusk::mr {

SegmentReader::SegmentReader(storage::File& file, SegmentInfo info, Digest digest, size_t buffer_bytes)
    : file_(&file), info_(info), digest_(digest) {
  capacity_ = static_cast<size_t>(std::min<uint64_t>(buffer_bytes, info.bytes));
  buffer_.reset(new char[capacity_]);
}

SegmentReader::SegmentReader(std::unique_ptr<char[]> bytes, SegmentInfo info, Digest digest)
    : info_(info), digest_(digest), buffer_(std::move(bytes)) {
  capacity_ = filled_ = static_cast<size_t>(info.bytes);
  loaded_ = info.bytes;
}

bool SegmentReader::Fail(Status status) {
  ended_ = true;
  cursor_ = block_end_ = nullptr;
  if (status_.ok()) status_ = std::move(status);
  return false;
}

bool SegmentReader::Malformed() {
  return Fail(Corruption("a block of map output has a good checksum but its records do not add up"));
}

bool SegmentReader::GetLongVarint(uint64_t* v) {
  *v = 0;
  for (int shift = 0; shift < 64 && cursor_ < block_end_; shift += 7) {
    const auto byte = static_cast<unsigned char>(*cursor_++);
    *v |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool SegmentReader::Need(uint64_t bytes) {
  if (filled_ - next_block_ >= bytes) return true;
  if (loaded_ - (filled_ - next_block_) + bytes > info_.bytes) {
    return Fail(Corruption("a segment of map output ends inside a block"));
  }
  // Keep what is there of the block, at the front of a buffer that holds all of it.
  const size_t kept = filled_ - next_block_;
  if (bytes > capacity_) {
    const size_t larger = static_cast<size_t>(bytes);
    std::unique_ptr<char[]> buffer(new char[larger]);
    std::memcpy(buffer.get(), buffer_.get() + next_block_, kept);
    buffer_ = std::move(buffer);
    capacity_ = larger;
  } else {
    std::memmove(buffer_.get(), buffer_.get() + next_block_, kept);
  }
  next_block_ = 0;
  filled_ = kept;
  const size_t wanted = static_cast<size_t>(std::min<uint64_t>(capacity_ - filled_, info_.bytes - loaded_));
  auto read = file_->ReadAt(info_.offset + loaded_, std::as_writable_bytes(std::span<char>(buffer_.get() + filled_, wanted)));
  if (!read.ok()) return Fail(read.status());
  if (*read < wanted) return Fail(Corruption(file_->path() + " is shorter than its index says"));
  filled_ += wanted;
  loaded_ += wanted;
  return true;
}

bool SegmentReader::NextBlock() {
  if (ended_) return false;
  if (block_left_ != 0) return Malformed();
  if (next_block_ == filled_ && loaded_ == info_.bytes) {
    ended_ = true;
    if (seen_ != info_.records) {
      return Fail(Corruption("a segment of map output has " + std::to_string(seen_) + " records where " +
                             std::to_string(info_.records) + " were promised"));
    }
    if (digest_ == Digest::kCheck && sum_ != info_.digest) {
      return Fail(Corruption("the records of a segment do not match the digest made when they were emitted"));
    }
    return false;
  }
  if (!Need(kBlockHeaderBytes)) return false;
  const BlockHeader header = DecodeBlockHeader(buffer_.get() + next_block_);
  const uint64_t size = kBlockHeaderBytes + uint64_t{header.payload};
  if (!Need(size)) return false;
  const char* block = buffer_.get() + next_block_;
  if (Status checked = CheckBlock({block, static_cast<size_t>(size)}); !checked.ok()) return Fail(std::move(checked));
  cursor_ = block + kBlockHeaderBytes;
  block_end_ = block + size;
  next_block_ += static_cast<size_t>(size);
  block_left_ = header.records;
  seen_ += header.records;
  return true;
}

}  // namespace tusk::mr
