#include "dfs/capi/program_settings.h"

#include <gtest/gtest.h>

#include "dfs/capi/connect.h"
#include "dfs/protocol/settings.h"

namespace tusk::dfs::capi {
namespace {

using Named = std::pair<std::string, std::string>;

TEST(ProgramSettings, AreKnownUnderTheirNamesInHadoop) {
  EXPECT_EQ(TranslateSetting("dfs.blocksize", "4m"), Named("dfs.block_size", "4m"));
  EXPECT_EQ(TranslateSetting("fs.defaultFS", "hdfs://nn:9000/"), Named("dfs.namenode_address", "nn:9000"));
  EXPECT_EQ(TranslateSetting("dfs.replication", "2"), Named("dfs.replication", "2"));
  EXPECT_EQ(TranslateSetting("dfs.umask", "077"), Named("dfs.umask", "077"));
}

TEST(ProgramSettings, ThoseOfHadoopThatMeanNothingHereAreLetPass) {
  EXPECT_EQ(TranslateSetting("dfs.client.failover.max.attempts", "3"), std::nullopt);
  EXPECT_TRUE(LoadSettings({{"dfs.client.failover.max.attempts", "3"}}).ok());
}

TEST(ProgramSettings, AValueThatCannotBeUsedIsAnError) {
  EXPECT_EQ(LoadSettings({{"dfs.replication", "many"}}).status().code(), Code::kInvalidArgument);
}

TEST(ProgramSettings, AreReadBackAsPlainNumbers) {
  auto config = config::Config::Defaults({kDfsSettings});
  ASSERT_TRUE(config.Set("dfs.block_size", "4m").ok());
  ASSERT_TRUE(config.Set("dfs.data_timeout", "20s").ok());
  ASSERT_TRUE(config.Set("dfs.namenode_address", "nn:9000").ok());
  EXPECT_EQ(SettingText(config, "dfs.blocksize"), "4194304");
  EXPECT_EQ(SettingText(config, "dfs.data_timeout"), "20000");
  EXPECT_EQ(SettingText(config, "dfs.client.read.shortcircuit"), "true");
  EXPECT_EQ(SettingText(config, "fs.defaultFS"), "hdfs://nn:9000");
  EXPECT_EQ(SettingText(config, "dfs.namenode_address"), "nn:9000");
  EXPECT_EQ(SettingText(config, "no.such.key"), std::nullopt);
}

std::string Address(const std::string& namenode, uint16_t port) {
  const auto address = NameNodeAddress(namenode, port);
  return address.ok() ? *address : std::string(CodeName(address.status().code()));
}

TEST(NameNodeAddress, HasItsPortInOneWay) {
  EXPECT_EQ(Address("nn", 0), "nn");
  EXPECT_EQ(Address("nn", 9000), "nn:9000");
  EXPECT_EQ(Address("nn:9000", 0), "nn:9000");
  EXPECT_EQ(Address("hdfs://nn:9000/", 0), "nn:9000");
  EXPECT_EQ(Address("hdfs://nn", 9000), "nn:9000");
  EXPECT_EQ(Address("nn:9000", 9000), "INVALID_ARGUMENT");
}

TEST(NameNodeAddress, IsNoOtherFileSystem) {
  EXPECT_EQ(Address("file:///", 0), "INVALID_ARGUMENT");
  EXPECT_EQ(Address("", 0), "INVALID_ARGUMENT");
}

}  // namespace
}  // namespace tusk::dfs::capi
