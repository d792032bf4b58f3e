#include "common/base/status.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <sstream>
#include <string>

namespace tusk {
namespace {

TEST(Status, PrintsItsCodeAndMessage) {
  EXPECT_EQ(OkStatus().ToString(), "OK");
  EXPECT_EQ(NotFound("/a/b does not exist").ToString(), "NOT_FOUND: /a/b does not exist");
  std::ostringstream out;
  out << Corruption("block 7");
  EXPECT_EQ(out.str(), "CORRUPTION: block 7");
}

TEST(Status, TakesContextOnlyWhenItIsAnError) {
  EXPECT_EQ(IoError("disk").WithContext("cannot store block 7"), IoError("cannot store block 7: disk"));
  EXPECT_EQ(OkStatus().WithContext("anything"), OkStatus());
}

TEST(Status, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (uint16_t code = 0; code <= static_cast<uint16_t>(kLastCode); ++code) {
    const std::string_view name = CodeName(static_cast<Code>(code));
    EXPECT_NE(name, "UNKNOWN") << code;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(CodeName(static_cast<Code>(static_cast<uint16_t>(kLastCode) + 1)), "UNKNOWN");
}

TEST(Status, NumbersOnTheWireNeverChange) {
  EXPECT_EQ(static_cast<int>(Code::kNotFound), 2);
  EXPECT_EQ(static_cast<int>(Code::kUnavailable), 11);
  EXPECT_EQ(static_cast<int>(Code::kNotLeader), 17);
  EXPECT_EQ(static_cast<int>(Code::kInternal), 22);
  EXPECT_EQ(static_cast<int>(Code::kQuotaExceeded), 23);
}

TEST(Status, FromErrnoKeepsWhatAProgramCanActOn) {
  EXPECT_EQ(FromErrno(ENOENT, "open x").code(), Code::kNotFound);
  EXPECT_EQ(FromErrno(ENOSPC, "write x").code(), Code::kNoSpace);
  EXPECT_EQ(FromErrno(EDQUOT, "write x").code(), Code::kNoSpace);
  EXPECT_EQ(FromErrno(EACCES, "open x").code(), Code::kPermissionDenied);
  EXPECT_EQ(FromErrno(ECONNREFUSED, "connect").code(), Code::kUnavailable);
  EXPECT_EQ(FromErrno(ECONNRESET, "read").code(), Code::kUnavailable);
  EXPECT_EQ(FromErrno(EIO, "read x").code(), Code::kIoError);
  EXPECT_EQ(FromErrno(ENOENT, "cannot open x").message(), "cannot open x: No such file or directory");
}

TEST(Status, OnlyStatesThatPassAreRetryable) {
  std::set<Code> retryable;
  for (uint16_t code = 0; code <= static_cast<uint16_t>(Code::kInternal); ++code) {
    if (IsRetryable(static_cast<Code>(code))) retryable.insert(static_cast<Code>(code));
  }
  EXPECT_EQ(retryable, (std::set<Code>{Code::kUnavailable, Code::kNotLeader, Code::kSafeMode}));
}

}  // namespace
}  // namespace tusk
