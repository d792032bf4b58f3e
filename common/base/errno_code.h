// The errno that says to a C program or to the kernel what a Status says: the way back from FromErrno.
// Thread: any.
#pragma once

#include "common/base/status.h"

namespace tusk {

// 0 for kOk. What has no word of its own in POSIX (kCorruption, kInternal ...) is EIO.
int ErrnoOf(Code code);

}  // namespace tusk
