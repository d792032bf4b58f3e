#include "common/base/status.h"

#include <array>
#include <cerrno>
#include <system_error>

namespace tusk {

std::string_view CodeName(Code code) {
  static constexpr std::array<std::string_view, 24> kNames = {"OK",
                                                              "INVALID_ARGUMENT",
                                                              "NOT_FOUND",
                                                              "ALREADY_EXISTS",
                                                              "NOT_A_DIRECTORY",
                                                              "IS_A_DIRECTORY",
                                                              "NOT_EMPTY",
                                                              "PERMISSION_DENIED",
                                                              "FAILED_PRECONDITION",
                                                              "RESOURCE_EXHAUSTED",
                                                              "NO_SPACE",
                                                              "UNAVAILABLE",
                                                              "DEADLINE_EXCEEDED",
                                                              "CANCELLED",
                                                              "ABORTED",
                                                              "CORRUPTION",
                                                              "IO_ERROR",
                                                              "NOT_LEADER",
                                                              "STALE_EPOCH",
                                                              "SAFE_MODE",
                                                              "LEASE_CONFLICT",
                                                              "UNIMPLEMENTED",
                                                              "INTERNAL",
                                                              "QUOTA_EXCEEDED"};
  const auto index = static_cast<size_t>(code);
  return index < kNames.size() ? kNames[index] : "UNKNOWN";
}

Status Status::WithContext(std::string_view context) const {
  if (ok()) return *this;
  return Status(code_, std::string(context) + ": " + message_);
}

std::string Status::ToString() const {
  if (ok()) return "OK";
  return std::string(CodeName(code_)) + ": " + message_;
}

Status InvalidArgument(std::string message) { return {Code::kInvalidArgument, std::move(message)}; }
Status NotFound(std::string message) { return {Code::kNotFound, std::move(message)}; }
Status AlreadyExists(std::string message) { return {Code::kAlreadyExists, std::move(message)}; }
Status FailedPrecondition(std::string message) { return {Code::kFailedPrecondition, std::move(message)}; }
Status ResourceExhausted(std::string message) { return {Code::kResourceExhausted, std::move(message)}; }
Status Unavailable(std::string message) { return {Code::kUnavailable, std::move(message)}; }
Status DeadlineExceeded(std::string message) { return {Code::kDeadlineExceeded, std::move(message)}; }
Status Cancelled(std::string message) { return {Code::kCancelled, std::move(message)}; }
Status Aborted(std::string message) { return {Code::kAborted, std::move(message)}; }
Status Corruption(std::string message) { return {Code::kCorruption, std::move(message)}; }
Status IoError(std::string message) { return {Code::kIoError, std::move(message)}; }
Status Internal(std::string message) { return {Code::kInternal, std::move(message)}; }

Status FromErrno(int error, std::string_view what) {
  const auto code = [error] {
    switch (error) {
      case ENOENT: return Code::kNotFound;
      case EEXIST: return Code::kAlreadyExists;
      case ENOTDIR: return Code::kNotADirectory;
      case EISDIR: return Code::kIsADirectory;
      case ENOTEMPTY: return Code::kNotEmpty;
      case EACCES:
      case EPERM:
      case EROFS: return Code::kPermissionDenied;
      case EINVAL:
      case ENAMETOOLONG: return Code::kInvalidArgument;
      case ENOSPC:
      case EDQUOT: return Code::kNoSpace;
      case EMFILE:
      case ENFILE:
      case ENOMEM: return Code::kResourceExhausted;
      case EADDRINUSE: return Code::kAlreadyExists;
      case ECONNREFUSED:
      case ECONNRESET:
      case ECONNABORTED:
      case EPIPE:
      case EHOSTUNREACH:
      case ENETUNREACH:
      case ENOTCONN: return Code::kUnavailable;
      case ETIMEDOUT:
      case EAGAIN: return Code::kDeadlineExceeded;
      case ECANCELED: return Code::kCancelled;
      default: return Code::kIoError;
    }
  }();
  return Status(code, std::string(what) + ": " + std::generic_category().message(error));
}

bool IsRetryable(Code code) { return code == Code::kUnavailable || code == Code::kSafeMode || code == Code::kNotLeader; }

}  // namespace tusk
