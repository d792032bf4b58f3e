// Records of a fixed length: those that begin in the split. The sort benchmark's are 100 bytes, 10 of them the key.
//
// Errors: as LineReader; a file whose length is not a whole number of records is refused with its path.
// Thread: one.
#pragma once

#include <memory>
#include <string_view>

#include "mapreduce/io/line_reader.h"

namespace tusk::mr {

class FixedRecordReader {
 public:
  FixedRecordReader(dfs::FileSystem& fs, const InputSplit& split, TaskProgress& progress, size_t record_bytes, size_t key_bytes);

  bool Next() {
    if (static_cast<size_t>(filled_ - cursor_) < record_bytes_ && !Refill()) return false;
    record_ = cursor_;
    cursor_ += record_bytes_;
    ++records_;
    return true;
  }
  // For Map(std::string_view key, std::string_view value, Out&).
  template <class F>
  void Apply(F&& call) {
    call(std::string_view(record_, key_bytes_), std::string_view(record_ + key_bytes_, record_bytes_ - key_bytes_));
  }
  const Status& status() const { return status_; }
  uint64_t records() const { return records_; }
  uint64_t bytes() const { return records_ * record_bytes_; }

 private:
  bool Refill();
  bool Fail(Status status);

  dfs::FileSystem& fs_;
  const InputSplit split_;
  TaskProgress& progress_;
  const size_t record_bytes_;
  const size_t key_bytes_;
  std::unique_ptr<dfs::InputStream> stream_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  uint64_t next_ = 0;  // offset of the next byte to read
  uint64_t end_ = 0;   // of the last record that begins in the split
  const char* cursor_ = nullptr;
  const char* filled_ = nullptr;
  const char* record_ = nullptr;
  bool ended_ = false;
  uint64_t records_ = 0;
  Status status_;
};

}  // namespace tusk::mr
