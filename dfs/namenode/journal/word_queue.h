// Words of messages, first in, first out, in a few buffers that keep their memory.
//
// Thread: namespace loop. What Push gives stays where it is until it is popped.
#pragma once

#include <capnp/common.h>
#include <kj/common.h>

#include <algorithm>
#include <deque>
#include <memory>

namespace tusk::dfs::namenode {

class WordQueue {
 public:
  // Room for so many words, one after the other in one piece.
  kj::ArrayPtr<capnp::word> Push(size_t words) {
    if (buffers_.empty() || buffers_.back().capacity - buffers_.back().end < words) AddBuffer(words);
    Buffer& last = buffers_.back();
    capnp::word* const begin = last.words.get() + last.end;
    last.end += words;
    return {begin, words};
  }
  // The last ones, so many of them, were not wanted after all.
  void TakeBack(size_t words) { buffers_.back().end -= words; }
  // The first ones go.
  void Pop(size_t words) {
    Buffer& first = buffers_.front();
    first.begin += words;
    if (first.begin < first.end) return;
    first.begin = first.end = 0;
    if (buffers_.size() == 1) return;
    if (first.capacity == kBufferWords) spare_ = std::move(first);
    buffers_.pop_front();
  }

 private:
  static constexpr size_t kBufferWords = 16 << 10;
  struct Buffer {
    std::unique_ptr<capnp::word[]> words;
    size_t capacity = 0;
    size_t begin = 0;
    size_t end = 0;
  };
  void AddBuffer(size_t words) {
    // An empty one stays only while it is alone: the first one always has what Pop takes.
    if (!buffers_.empty() && buffers_.back().begin == buffers_.back().end) buffers_.pop_back();
    Buffer buffer;
    if (words <= kBufferWords && spare_.capacity > 0) {
      buffer = std::move(spare_);
      spare_ = {};
    } else {
      buffer.capacity = std::max(words, kBufferWords);
      buffer.words = std::make_unique_for_overwrite<capnp::word[]>(buffer.capacity);
    }
    buffers_.push_back(std::move(buffer));
  }

  std::deque<Buffer> buffers_;
  Buffer spare_;
};

}  // namespace tusk::dfs::namenode
