// The lines of a split: those that begin in it.
//
// A line ends with LF; one CR before it is taken off. Other bytes pass untouched. The last line needs no LF. A line may reach far
// beyond the split, up to kMaxLineBytes. Lines are views into the read buffer and live until the next Next.
// Errors: Next answers false and status() tells: kResourceExhausted for a line too long (path and offset), kFailedPrecondition
//         when the file no longer has the length it had when the splits were made, else what the DFS said.
// Thread: one.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

#include "dfs/client/file_system.h"
#include "mapreduce/client/job_client.h"
#include "mapreduce/task/progress.h"

namespace tusk::mr {

// Opens the file of a split and checks its length.
Result<std::unique_ptr<dfs::InputStream>> OpenSplit(dfs::FileSystem& fs, const InputSplit& split);

class LineReader {
 public:
  static constexpr uint64_t kMaxLineBytes = uint64_t{1} << 30;
  static constexpr size_t kReadBytes = 4 << 20;

  LineReader(dfs::FileSystem& fs, const InputSplit& split, TaskProgress& progress, size_t read_bytes = kReadBytes);

  bool Next() {
    if (cursor_ < stop_) [[likely]] {
      const auto* newline = static_cast<const char*>(std::memchr(cursor_, '\n', static_cast<size_t>(filled_ - cursor_)));
      if (newline != nullptr) [[likely]] {
        Take(newline, newline + 1);
        return true;
      }
    }
    return NextSlow();
  }
  std::string_view line() const { return line_; }
  // For Map(std::string_view line, Out&).
  template <class F>
  void Apply(F&& call) {
    call(line_);
  }

  const Status& status() const { return status_; }
  uint64_t records() const { return records_; }
  uint64_t bytes() const { return bytes_; }  // of the lines, with their ends

 private:
  void Take(const char* end, const char* next) {
    ++records_;
    const char* begin = cursor_;
    cursor_ = next;
    if (end > begin && end[-1] == '\r') --end;
    line_ = {begin, static_cast<size_t>(end - begin)};
  }
  bool NextSlow();
  bool Start();
  // More bytes behind what is kept; false at the end of the file or on error.
  bool Refill();
  bool Fail(Status status);
  uint64_t OffsetOf(const char* p) const { return buffer_offset_ + static_cast<uint64_t>(p - buffer_.get()); }
  void SetStop();

  dfs::FileSystem& fs_;
  const InputSplit split_;
  TaskProgress& progress_;
  const size_t read_bytes_;
  std::unique_ptr<dfs::InputStream> stream_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  uint64_t buffer_offset_ = 0;  // in the file, of the buffer's first byte
  const char* cursor_ = nullptr;
  const char* stop_ = nullptr;  // lines that begin here or later belong to the next split, or are not read yet
  const char* filled_ = nullptr;
  bool started_ = false;
  bool at_end_ = false;
  bool ended_ = false;
  uint64_t first_ = 0;  // where the first line begins
  uint64_t records_ = 0;
  uint64_t bytes_ = 0;
  std::string_view line_;
  Status status_;
};

}  // namespace tusk::mr
