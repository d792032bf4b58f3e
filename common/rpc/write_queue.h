// What a connection has still to write: frames, serialised once into a few large buffers, so that many small messages leave in
// one system call. A message above kLargeBytes gets a buffer of its own.
//
// Invariants: appended() - consumed() == bytes(); a frame whose start is not below consumed() has not left this process.
// Thread:     one thread (the loop of the connection).
#pragma once

#include <capnp/common.h>
#include <kj/common.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>

#include "common/rpc/frame.h"

namespace tusk::rpc {

class WriteQueue {
 public:
  static constexpr size_t kLargeBytes = 64 * 1024;
  using Segments = kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>>;

  // Appends the frame of a message, or one without a body; header.body_bytes is set here. The message is copied.
  void Append(FrameHeader header, Segments segments);
  void AppendBare(FrameHeader header);

  // Fills `out` with what to write next; the number of parts. Valid until the next call that changes the queue.
  size_t Gather(std::span<iovec> out) const;
  void Consume(size_t bytes);
  void Clear();

  bool empty() const { return bytes() == 0; }
  size_t bytes() const { return static_cast<size_t>(appended_ - consumed_); }
  uint64_t appended() const { return appended_; }  // bytes since the beginning
  uint64_t consumed() const { return consumed_; }

 private:
  struct Buffer {
    std::unique_ptr<std::byte[]> data;
    size_t capacity = 0;
    size_t begin = 0;
    size_t end = 0;
  };
  std::byte* Reserve(size_t bytes);

  std::deque<Buffer> buffers_;
  Buffer spare_;  // kept for the next batch: fresh memory is slow
  uint64_t appended_ = 0;
  uint64_t consumed_ = 0;
};

}  // namespace tusk::rpc
