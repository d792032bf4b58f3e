#include "dfs/namenode/user_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tusk::dfs::namenode {
namespace {

using ::testing::ElementsAre;

class UserGroupsTest : public ::testing::Test {
 protected:
  UserGroupsTest() {
    groups_.OnMissing([this](const std::string& user) { asked_.push_back(user); });
  }
  SimulatedClock clock_;
  UserGroups groups_{clock_};
  std::vector<std::string> asked_;
};

TEST_F(UserGroupsTest, AreAskedForOnceAndThenKnown) {
  EXPECT_EQ(groups_.Find("ann"), nullptr);
  EXPECT_EQ(groups_.Find("ann"), nullptr);
  EXPECT_THAT(asked_, ElementsAre("ann"));
  groups_.Put("ann", {"staff"});
  ASSERT_NE(groups_.Find("ann"), nullptr);
  EXPECT_THAT(*groups_.Find("ann"), ElementsAre("staff"));
  EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(UserGroupsTest, OldOnesServeUntilNewOnesCome) {
  groups_.Put("ann", {"staff"});
  clock_.Advance(UserGroups::kFreshFor + std::chrono::seconds(1));
  ASSERT_NE(groups_.Find("ann"), nullptr);
  EXPECT_THAT(*groups_.Find("ann"), ElementsAre("staff"));
  EXPECT_THAT(asked_, ElementsAre("ann"));
  groups_.Put("ann", {"crew"});
  EXPECT_THAT(*groups_.Find("ann"), ElementsAre("crew"));
  EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(UserGroupsTest, OfManyUsersAreForgotten) {
  for (size_t i = 0; i <= UserGroups::kMostUsers; ++i) groups_.Put(std::to_string(i), {});
  EXPECT_EQ(groups_.Find("another"), nullptr);
  EXPECT_EQ(groups_.Find("0"), nullptr);
}

}  // namespace
}  // namespace tusk::dfs::namenode
