// The outcome of an operation: success, or a code a program can act on and one sentence a person can act on.
//
// A message says what was tried, on what, what was found and what to do next:
//   "cannot create /a/b: /a is a file, not a directory; choose another path".
// Thread: a value; no shared state.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace tusk {

// Codes cross the wire (rpc Error.code) and appear in documents: append only, never renumber.
enum class Code : uint16_t {
  kOk = 0,
  kInvalidArgument = 1,  // the request can never succeed as written
  kNotFound = 2,         // file, block, job ... does not exist
  kAlreadyExists = 3,
  kNotADirectory = 4,
  kIsADirectory = 5,
  kNotEmpty = 6,
  kPermissionDenied = 7,
  kFailedPrecondition = 8,  // right request, wrong state (a file is being written, a job has ended)
  kResourceExhausted = 9,   // a limit or a full queue
  kNoSpace = 10,            // a full disk, or no DataNode with room
  kUnavailable = 11,        // the peer cannot be reached or is starting: may be retried
  kDeadlineExceeded = 12,   // the time ran out; whether the operation happened is unknown
  kCancelled = 13,
  kAborted = 14,     // lost a race (a newer generation, another attempt committed)
  kCorruption = 15,  // bytes do not match their checksum, or a format is broken
  kIoError = 16,
  kNotLeader = 17,
  kStaleEpoch = 18,  // fenced: the sender's epoch is older than one already obeyed
  kSafeMode = 19,
  kLeaseConflict = 20,  // another client is writing the file
  kUnimplemented = 21,  // unknown method or version
  kInternal = 22,       // a bug
  kQuotaExceeded = 23,  // more names or bytes than a directory may have
};

inline constexpr Code kLastCode = Code::kQuotaExceeded;

// The name used in logs and JSON, e.g. "NOT_FOUND".
std::string_view CodeName(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;  // success
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same code with `context: ` before the message; success stays success.
  Status WithContext(std::string_view context) const;

  // "NOT_FOUND: /a/b does not exist".
  std::string ToString() const;

  bool operator==(const Status&) const = default;

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

inline Status OkStatus() { return {}; }
Status InvalidArgument(std::string message);
Status NotFound(std::string message);
Status AlreadyExists(std::string message);
Status FailedPrecondition(std::string message);
Status ResourceExhausted(std::string message);
Status Unavailable(std::string message);
Status DeadlineExceeded(std::string message);
Status Cancelled(std::string message);
Status Aborted(std::string message);
Status Corruption(std::string message);
Status IoError(std::string message);
Status Internal(std::string message);

// From errno: ENOENT becomes kNotFound, ENOSPC and EDQUOT kNoSpace, EACCES kPermissionDenied, ECONNREFUSED kUnavailable, and so
// on; the message is "`what`: `strerror`".
Status FromErrno(int error, std::string_view what);

// True for codes where the same request may succeed later without change: kUnavailable, kSafeMode, kNotLeader.
bool IsRetryable(Code code);

inline std::ostream& operator<<(std::ostream& out, const Status& status) { return out << status.ToString(); }

}  // namespace tusk
