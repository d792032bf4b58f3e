#include "common/base/errno_code.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace tusk {
namespace {

TEST(ErrnoOf, IsTheWayBackFromErrnoWherePosixHasTheWord) {
  EXPECT_EQ(ErrnoOf(Code::kOk), 0);
  for (const int error :
       {ENOENT, EEXIST, ENOTDIR, EISDIR, ENOTEMPTY, EACCES, EINVAL, ENOSPC, EHOSTUNREACH, ETIMEDOUT, ECANCELED}) {
    EXPECT_EQ(ErrnoOf(FromErrno(error, "x").code()), error);
  }
}

TEST(ErrnoOf, HasAnErrnoForEveryCode) {
  for (uint16_t code = 1; code <= static_cast<uint16_t>(kLastCode); ++code) {
    EXPECT_GT(ErrnoOf(static_cast<Code>(code)), 0) << CodeName(static_cast<Code>(code));
  }
}

}  // namespace
}  // namespace tusk
