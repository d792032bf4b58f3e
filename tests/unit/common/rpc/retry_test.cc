#include "common/rpc/retry.h"

#include <gtest/gtest.h>

namespace tusk::rpc {
namespace {

FailedAttempt Broken(Repeat repeat, bool sent) {
  FailedAttempt failed;
  failed.repeat = repeat;
  failed.sent = sent;
  return failed;
}

TEST(Retry, RepeatsWhatNeverLeftEvenWhenUnsafe) {
  EXPECT_TRUE(ShouldRetry(Broken(Repeat::kUnsafe, false)));
  EXPECT_TRUE(ShouldRetry(Broken(Repeat::kSafe, false)));
}

TEST(Retry, RepeatsWhatWasSentOnlyWhenSafe) {
  EXPECT_TRUE(ShouldRetry(Broken(Repeat::kSafe, true)));
  EXPECT_FALSE(ShouldRetry(Broken(Repeat::kUnsafe, true)));
}

TEST(Retry, NeverRepeatsAfterAnyOtherError) {
  for (uint16_t code = 0; code <= static_cast<uint16_t>(Code::kInternal); ++code) {
    FailedAttempt failed = Broken(Repeat::kSafe, true);
    failed.answered = true;
    failed.wait_until_ready = true;
    failed.code = static_cast<Code>(code);
    EXPECT_EQ(ShouldRetry(failed), IsRetryable(failed.code)) << CodeName(failed.code);
  }
}

TEST(Retry, WaitsOutSafeModeAndElectionsOnlyWhenAsked) {
  for (const Code code : {Code::kSafeMode, Code::kNotLeader}) {
    FailedAttempt failed = Broken(Repeat::kSafe, true);
    failed.code = code;
    EXPECT_FALSE(ShouldRetry(failed));
    failed.wait_until_ready = true;
    failed.attempt = 1000;
    EXPECT_TRUE(ShouldRetry(failed));
  }
}

TEST(Retry, EndsAfterFourAttemptsUnlessPatient) {
  FailedAttempt failed = Broken(Repeat::kSafe, false);
  failed.attempt = 3;
  EXPECT_TRUE(ShouldRetry(failed));
  failed.attempt = kMaxAttempts;
  EXPECT_FALSE(ShouldRetry(failed));
  failed.wait_until_ready = true;
  EXPECT_TRUE(ShouldRetry(failed));
}

TEST(Retry, DoesNotWaitForAPeerThatIsCutOffUnlessPatient) {
  FailedAttempt failed = Broken(Repeat::kSafe, false);
  failed.cut_off = true;
  EXPECT_FALSE(ShouldRetry(failed));
  failed.wait_until_ready = true;
  EXPECT_TRUE(ShouldRetry(failed));
}

TEST(Retry, IsOffWhenTheCallSaysSo) {
  FailedAttempt failed = Broken(Repeat::kSafe, false);
  failed.wait_until_ready = true;
  failed.retry = false;
  EXPECT_FALSE(ShouldRetry(failed));
}

}  // namespace
}  // namespace tusk::rpc
