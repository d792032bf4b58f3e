#include "common/base/errno_code.h"

#include <cerrno>

namespace tusk {

int ErrnoOf(Code code) {
  switch (code) {
    case Code::kOk: return 0;
    case Code::kInvalidArgument: return EINVAL;
    case Code::kNotFound: return ENOENT;
    case Code::kAlreadyExists: return EEXIST;
    case Code::kNotADirectory: return ENOTDIR;
    case Code::kIsADirectory: return EISDIR;
    case Code::kNotEmpty: return ENOTEMPTY;
    case Code::kPermissionDenied: return EACCES;
    case Code::kFailedPrecondition:
    case Code::kLeaseConflict: return EBUSY;
    case Code::kResourceExhausted: return ENOBUFS;
    case Code::kNoSpace: return ENOSPC;
    case Code::kQuotaExceeded: return EDQUOT;
    case Code::kUnavailable: return EHOSTUNREACH;
    case Code::kSafeMode: return EROFS;
    case Code::kDeadlineExceeded: return ETIMEDOUT;
    case Code::kCancelled: return ECANCELED;
    case Code::kAborted:
    case Code::kStaleEpoch: return ESTALE;
    case Code::kNotLeader: return EAGAIN;
    case Code::kUnimplemented: return ENOTSUP;
    case Code::kCorruption:
    case Code::kIoError:
    case Code::kInternal: return EIO;
  }
  return EIO;
}

}  // namespace tusk
