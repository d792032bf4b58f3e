#include "cluster/cli/generic_options.h"

#include <gtest/gtest.h>

namespace tusk::cluster {
namespace {

TEST(GenericOptions, AreTakenFromTheFrontOnly) {
  const auto options = TakeGenericOptions({"--conf", "/f", "--set", "a.b=c=d", "-D", "x.y=1", "-ls", "--conf", "z"}, nullptr);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->config_file, "/f");
  ASSERT_EQ(options->settings.size(), 2u);
  EXPECT_EQ(options->settings[0], (std::pair<std::string, std::string>("a.b", "c=d")));
  EXPECT_EQ(options->rest, (std::vector<std::string>{"-ls", "--conf", "z"}));
}

TEST(GenericOptions, MayBeJoinedToTheirValueByAnEqualsSign) {
  const auto options = TakeGenericOptions({"--conf=/f", "--set=a.b=c", "x"}, nullptr);
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->config_file, "/f");
  EXPECT_EQ(options->settings[0].second, "c");
}

TEST(GenericOptions, TakeTheFileFromTheEnvironmentUnlessAFlagNamesOne) {
  EXPECT_EQ(TakeGenericOptions({}, "/env")->config_file, "/env");
  EXPECT_EQ(TakeGenericOptions({"--conf", "/flag"}, "/env")->config_file, "/flag");
}

TEST(GenericOptions, RefuseAMissingValueAndASettingWithoutEqualsSign) {
  EXPECT_EQ(TakeGenericOptions({"--conf"}, nullptr).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(TakeGenericOptions({"--set", "dfs.replication"}, nullptr).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tusk::cluster
