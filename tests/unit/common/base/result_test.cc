#include "common/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/base/try.h"

namespace tusk {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return InvalidArgument(std::to_string(number) + " is odd");
  return number / 2;
}

Result<int> Quarter(int number) {
  TUSK_ASSIGN(const int half, Half(number));
  TUSK_ASSIGN(const int quarter, Half(half));
  return quarter;
}

Status CheckQuarter(int number) {
  TUSK_TRY(Quarter(number));
  TUSK_TRY(OkStatus());
  return OkStatus();
}

TEST(Result, HoldsAValueOrTheReasonThereIsNone) {
  const Result<int> good = Half(8);
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(*good, 4);
  EXPECT_EQ(good.status(), OkStatus());
  const Result<int> bad = Half(7);
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.status(), InvalidArgument("7 is odd"));
}

TEST(Result, ReturnsEarlyAtTheFirstError) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(5).status(), InvalidArgument("5 is odd"));
  EXPECT_EQ(Quarter(6).status(), InvalidArgument("3 is odd"));
  EXPECT_TRUE(CheckQuarter(4).ok());
  EXPECT_EQ(CheckQuarter(2), InvalidArgument("1 is odd"));
}

TEST(Result, MovesValuesThatCannotBeCopied) {
  Result<std::unique_ptr<std::string>> result(std::make_unique<std::string>("text"));
  const std::unique_ptr<std::string> taken = std::move(result).value();
  EXPECT_EQ(*taken, "text");
}

TEST(ResultDeathTest, RefusesASuccessWithoutAValue) { EXPECT_DEATH((void)Result<int>(OkStatus()), ""); }

}  // namespace
}  // namespace tusk
