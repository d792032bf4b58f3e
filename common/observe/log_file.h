// The file behind a daemon's log: every record is one write(2), so that nothing is lost when the process is killed and no thread
// has to flush.
//
// Past its limit the file is renamed to "NAME.1" (replacing the one before) and begun anew.
// Invariants: a record is never split by another process's record (O_APPEND); a failed write is dropped, never an error.
// Thread: any.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace tusk::observe {

class LogFile {
 public:
  LogFile() = default;
  ~LogFile();
  LogFile(const LogFile&) = delete;

  // False, with errno set, when the file cannot be opened.
  bool Open(const std::string& path, uint64_t limit_bytes);
  void Write(std::string_view record);

 private:
  bool Reopen();
  void RotateIfFull();

  std::mutex mutex_;
  std::string path_;
  uint64_t limit_bytes_ = 0;
  uint64_t size_ = 0;
  int fd_ = -1;
};

// Retries short and interrupted writes; gives up on the first error.
void WriteFully(int fd, std::string_view bytes);

}  // namespace tusk::observe
