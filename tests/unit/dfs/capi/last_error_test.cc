#include "dfs/capi/last_error.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace tusk::dfs::capi {
namespace {

TEST(LastError, AnAnswerLeavesErrnoAsItWas) {
  errno = EDOM;
  EXPECT_EQ(Answer(-1, []() -> Result<int> { return 3; }), 3);
  EXPECT_EQ(errno, EDOM);
}

TEST(LastError, AStatusBecomesItsErrnoAndItsSentence) {
  EXPECT_EQ(Answer(-1, []() -> Result<int> { return NotFound("/a does not exist"); }), -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_STREQ(LastError(), "/a does not exist");
}

TEST(LastError, NothingThrownReachesTheCaller) {
  EXPECT_EQ(Answer(-1, []() -> Result<int> { throw std::bad_alloc(); }), -1);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(Answer(-1, []() -> Result<int> { throw std::runtime_error("broken"); }), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_STREQ(LastError(), "broken");
}

TEST(LastError, EachThreadHasItsOwn) {
  SetLastError(EIO, "mine");
  std::thread other([] {
    EXPECT_EQ(LastError(), nullptr);
    SetLastError(EIO, "theirs");
  });
  other.join();
  EXPECT_STREQ(LastError(), "mine");
}

}  // namespace
}  // namespace tusk::dfs::capi
