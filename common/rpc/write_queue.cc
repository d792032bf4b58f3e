#include "common/rpc/write_queue.h"

#include <capnp/serialize.h>

#include <algorithm>
#include <cstring>

namespace tusk::rpc {
namespace {

std::byte* PutWord(std::byte* out, uint32_t value) {
  std::memcpy(out, &value, sizeof(value));
  return out + sizeof(value);
}

}  // namespace

std::byte* WriteQueue::Reserve(size_t bytes) {
  appended_ += bytes;
  if (buffers_.empty() || buffers_.back().capacity - buffers_.back().end < bytes) {
    Buffer buffer;
    if (bytes <= kLargeBytes && spare_.data != nullptr) {
      buffer = std::move(spare_);
      spare_ = {};
    } else {
      buffer.capacity = std::max(bytes, kLargeBytes);
      buffer.data = std::make_unique_for_overwrite<std::byte[]>(buffer.capacity);
    }
    buffers_.push_back(std::move(buffer));
  }
  Buffer& last = buffers_.back();
  std::byte* const out = last.data.get() + last.end;
  last.end += bytes;
  return out;
}

void WriteQueue::Append(FrameHeader header, Segments segments) {
  const size_t body = capnp::computeSerializedSizeInWords(segments) * sizeof(capnp::word);
  header.body_bytes = static_cast<uint32_t>(body);
  std::byte* out = Reserve(kFrameHeaderBytes + body);
  EncodeFrameHeader(header, std::span<std::byte, kFrameHeaderBytes>(out, kFrameHeaderBytes));
  out += kFrameHeaderBytes;
  // The segment table: the number of segments less one, each one's words, padded to a word.
  out = PutWord(out, static_cast<uint32_t>(segments.size() - 1));
  for (const auto& segment : segments) out = PutWord(out, static_cast<uint32_t>(segment.size()));
  if (segments.size() % 2 == 0) out = PutWord(out, 0);
  for (const auto& segment : segments) {
    std::memcpy(out, segment.begin(), segment.size() * sizeof(capnp::word));
    out += segment.size() * sizeof(capnp::word);
  }
}

void WriteQueue::AppendBare(FrameHeader header) {
  header.body_bytes = 0;
  EncodeFrameHeader(header, std::span<std::byte, kFrameHeaderBytes>(Reserve(kFrameHeaderBytes), kFrameHeaderBytes));
}

size_t WriteQueue::Gather(std::span<iovec> out) const {
  size_t parts = 0;
  for (const Buffer& buffer : buffers_) {
    if (parts == out.size()) break;
    if (buffer.end > buffer.begin) out[parts++] = {buffer.data.get() + buffer.begin, buffer.end - buffer.begin};
  }
  return parts;
}

void WriteQueue::Consume(size_t bytes) {
  consumed_ += bytes;
  while (bytes > 0) {
    Buffer& first = buffers_.front();
    const size_t taken = std::min(bytes, first.end - first.begin);
    first.begin += taken;
    bytes -= taken;
    if (first.begin < first.end) return;
    if (first.capacity == kLargeBytes) {
      first.begin = first.end = 0;
      spare_ = std::move(first);
    }
    buffers_.pop_front();
  }
}

void WriteQueue::Clear() {
  buffers_.clear();
  consumed_ = appended_;
}

}  // namespace tusk::rpc
