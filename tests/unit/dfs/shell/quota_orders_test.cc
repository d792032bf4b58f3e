#include "dfs/shell/quota_orders.h"

#include <gmock/gmock.h>

#include <sstream>

#include "tests/harness/fake_file_system.h"

namespace tusk::dfs::shell {
namespace {

using ::testing::HasSubstr;

class QuotaOrders : public ::testing::Test {
 protected:
  QuotaOrders() {
    fs_->Put("/d/file", "hello");
    CHECK(fs_->Mkdirs("/user/ann/own", true).ok());
  }
  std::optional<int> Run(const std::vector<std::string>& args) {
    err_.str("");
    return RunQuotaOrder(
        args, [this]() -> Result<std::shared_ptr<FileSystem>> { return std::shared_ptr<FileSystem>(fs_); }, err_);
  }
  std::string Limits(const std::string& path) {
    const auto summary = fs_->Summary(path);
    return std::to_string(summary->quota) + " " + std::to_string(summary->space_quota);
  }
  const std::shared_ptr<testing::FakeFileSystem> fs_ = std::make_shared<testing::FakeFileSystem>();
  std::ostringstream err_;
};

TEST_F(QuotaOrders, SetOneLimitAndLeaveTheOther) {
  EXPECT_EQ(Run({"-setQuota", "10", "/d", "own"}), 0) << err_.str();
  EXPECT_EQ(Run({"-setSpaceQuota", "2g", "/d"}), 0);
  EXPECT_EQ(Limits("/d"), "10 2147483648");
  EXPECT_EQ(Limits("/user/ann/own"), "10 -1") << "a path without a slash begins in the home directory";
  EXPECT_EQ(Run({"-clrQuota", "/d"}), 0);
  EXPECT_EQ(Limits("/d"), "-1 2147483648");
  EXPECT_EQ(Run({"-clrSpaceQuota", "/d"}), 0);
  EXPECT_EQ(Limits("/d"), "-1 -1");
}

TEST_F(QuotaOrders, LeaveOtherOrdersToOthers) {
  EXPECT_EQ(Run({"-report"}), std::nullopt);
  EXPECT_EQ(Run({"setQuota"}), std::nullopt);
  EXPECT_EQ(Run({}), std::nullopt);
}

TEST_F(QuotaOrders, SayWhatIsWrongAndGoOn) {
  EXPECT_EQ(Run({"-setQuota", "10", "/none", "/d"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("setQuota: /none does not exist"));
  EXPECT_EQ(Limits("/d"), "10 -1");
  EXPECT_EQ(Run({"-setQuota", "1", "/d/file"}), 1);
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{{"-setQuota"},
                                                                                    {"-setQuota", "1"},
                                                                                    {"-setQuota", "0", "/d"},
                                                                                    {"-setQuota", "ten", "/d"},
                                                                                    {"-setSpaceQuota", "-1", "/d"},
                                                                                    {"-clrQuota"}}) {
    EXPECT_EQ(Run(args), 2);
    EXPECT_THAT(err_.str(), HasSubstr("; write -"));
  }
}

}  // namespace
}  // namespace tusk::dfs::shell
