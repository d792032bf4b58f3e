#include "common/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/common/config/test_settings.h"

namespace tusk::config {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// A folder of its own, and none of TUSK_* in the environment.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    std::string pattern = testing::TempDir() + "config_test.XXXXXX";
    directory_ = mkdtemp(pattern.data());
    for (const char* name : {"TUSK_DFS_BLOCK_SIZE", "TUSK_DFS_REPLICATION", "TUSK_DFS_DATANODE_DEAD_AFTER"}) unsetenv(name);
  }
  ~ConfigTest() override {
    for (const char* name : {"TUSK_DFS_BLOCK_SIZE", "TUSK_DFS_REPLICATION", "TUSK_DFS_DATANODE_DEAD_AFTER"}) unsetenv(name);
    std::filesystem::remove_all(directory_);
  }

  std::string Write(const std::string& text) {
    const std::string path = directory_ + "/tusk.toml";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // The message that loading this file gives; the file's name is cut from its front.
  std::string ErrorOf(const std::string& text, bool allow_unknown_sections = false) {
    Config::Sources sources;
    sources.file = Write(text);
    sources.allow_unknown_sections = allow_unknown_sections;
    const auto loaded = Config::Load(TestSchema(), sources);
    if (loaded.ok()) return "loaded";
    EXPECT_EQ(loaded.status().code(), Code::kInvalidArgument);
    std::string message = loaded.status().message();
    EXPECT_THAT(message, StartsWith(sources.file + ":"));
    return message.substr(std::min(message.size(), sources.file.size() + 1));
  }

  std::string directory_;
};

TEST_F(ConfigTest, TakesDefaultsWithoutSources) {
  const auto config = Config::Load(TestSchema(), {});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->Get(kBlockSize), 128u << 20);
  EXPECT_EQ(config->Get(kReplication), 3);
  EXPECT_EQ(config->Get(kDeadAfter), Millis(10'000));
  EXPECT_FALSE(config->Get(kJson));
  EXPECT_EQ(config->Get(kDirectory), "/var/log/tusk");
  EXPECT_EQ(config->Get(kShare), 0.5);
}

TEST_F(ConfigTest, ReadsEveryTypeFromTheFile) {
  Config::Sources sources;
  sources.file = Write(R"([dfs]
block_size = "64m"
replication = 2
datanode_dead_after = "1500ms"
[log]
json = true
directory = "/tmp/ä"
[jobs]
share = 1
)");
  const auto config = Config::Load(TestSchema(), sources);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->Get(kBlockSize), 64u << 20);
  EXPECT_EQ(config->Get(kReplication), 2);
  EXPECT_EQ(config->Get(kDeadAfter), Millis(1500));
  EXPECT_TRUE(config->Get(kJson));
  EXPECT_EQ(config->Get(kDirectory), "/tmp/ä");
  EXPECT_EQ(config->Get(kShare), 1.0);
}

TEST_F(ConfigTest, ReadsWholeNumbersAsBytesAndMilliseconds) {
  Config::Sources sources;
  sources.file = Write("[dfs]\nblock_size = 8192\ndatanode_dead_after = 250\n");
  const auto config = Config::Load(TestSchema(), sources);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->Get(kBlockSize), 8192u);
  EXPECT_EQ(config->Get(kDeadAfter), Millis(250));
}

TEST_F(ConfigTest, PutsFlagOverEnvironmentOverFile) {
  Config::Sources sources;
  sources.file = Write("[dfs]\nblock_size = \"1m\"\nreplication = 4\ndatanode_dead_after = \"4s\"\n");
  setenv("TUSK_DFS_REPLICATION", "5", 1);
  setenv("TUSK_DFS_DATANODE_DEAD_AFTER", "5s", 1);
  sources.flags = {{"dfs.datanode_dead_after", "6s"}};
  const auto config = Config::Load(TestSchema(), sources);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->Get(kBlockSize), 1u << 20);
  EXPECT_EQ(config->Get(kReplication), 5);
  EXPECT_EQ(config->Get(kDeadAfter), Millis(6000));
}

TEST_F(ConfigTest, LeavesTheEnvironmentAloneWhenTold) {
  setenv("TUSK_DFS_REPLICATION", "5", 1);
  Config::Sources sources;
  sources.use_environment = false;
  const auto config = Config::Load(TestSchema(), sources);
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->Get(kReplication), 3);
}

TEST_F(ConfigTest, ShowsEachValueWithItsOrigin) {
  Config::Sources sources;
  sources.file = Write("# comment\n[dfs]\nblock_size = 134217728\n");
  setenv("TUSK_DFS_REPLICATION", "5", 1);
  sources.flags = {{"dfs.datanode_dead_after", "90000"}};
  const auto config = Config::Load(TestSchema(), sources);
  ASSERT_TRUE(config.ok()) << config.status();
  std::vector<std::string> lines;
  for (const auto& shown : config->Show()) lines.push_back(shown.name + " = " + shown.value + " (" + shown.origin + ")");
  EXPECT_THAT(lines,
              testing::ElementsAre("dfs.block_size = 128m (" + sources.file + ":3)", "dfs.datanode_dead_after = 90s (flag)",
                                   "dfs.replication = 5 (environment TUSK_DFS_REPLICATION)", "jobs.share = 0.5 (default)",
                                   "log.directory = /var/log/tusk (default)", "log.json = false (default)"));
  EXPECT_EQ(config->Show()[0].help, "Size of a block.");
}

TEST_F(ConfigTest, NamesLineAndNearestKeyOfAnUnknownSetting) {
  EXPECT_EQ(ErrorOf("[dfs]\nreplication = 2\nblock_sze = 4096\n"),
            "3: unknown setting dfs.block_sze; did you mean dfs.block_size?");
  // A swap of neighbours is one mistake.
  EXPECT_EQ(ErrorOf("[dfs]\n\n\nrepilcation = 2\n"), "4: unknown setting dfs.repilcation; did you mean dfs.replication?");
  EXPECT_EQ(ErrorOf("[dfs]\nxyz = 2\n"), "2: unknown setting dfs.xyz; `tusk config` lists the settings");
}

TEST_F(ConfigTest, ReportsTheFirstMistakeOfTheFile) {
  // By line, although "log" sorts after "dfs".
  EXPECT_THAT(ErrorOf("[log]\njsn = true\n[dfs]\nblock_sze = 1\n"), StartsWith("2: unknown setting log.jsn"));
}

TEST_F(ConfigTest, NamesLineAndNearestNameOfAnUnknownSection) {
  EXPECT_EQ(ErrorOf("[dfs]\nreplication = 2\n[lgo]\njson = true\n"), "3: unknown section [lgo]; did you mean log?");
}

TEST_F(ConfigTest, SkipsUnknownSectionsOnlyWhenAllowed) {
  EXPECT_EQ(ErrorOf("[streaming]\nbatch = 1\n", true), "loaded");
  EXPECT_THAT(ErrorOf("[streaming]\nbatch = 1\n", false), StartsWith("1: unknown section [streaming]"));
  // A known section stays checked, and so does a key outside of all sections.
  EXPECT_THAT(ErrorOf("[dfs]\nblock_sze = 1\n", true), StartsWith("2: unknown setting"));
  EXPECT_EQ(ErrorOf("batch = 1\n", true), "1: the setting batch stands outside of all sections; write it below its [section]");
}

TEST_F(ConfigTest, NamesLineKeyAndExpectedFormOfAWrongType) {
  EXPECT_EQ(ErrorOf("[dfs]\nreplication = \"two\"\n"), "2: dfs.replication must be a whole number, not a text");
  EXPECT_EQ(ErrorOf("[dfs]\nreplication = 2.5\n"), "2: dfs.replication must be a whole number, not a number with a fraction");
  EXPECT_EQ(ErrorOf("[dfs]\nblock_size = true\n"),
            "2: dfs.block_size must be a size such as \"64k\" or \"128m\" (or whole bytes), not true or false");
  EXPECT_EQ(ErrorOf("[log]\njson = 1\n"), "2: log.json must be true or false, not a whole number");
  EXPECT_EQ(ErrorOf("[log]\ndirectory = [1]\n"), "2: log.directory must be a text, not an array");
  EXPECT_EQ(ErrorOf("[jobs]\nshare = \"0.5\"\n"), "2: jobs.share must be a number, not a text");
}

TEST_F(ConfigTest, RefusesUnknownUnits) {
  EXPECT_EQ(ErrorOf("[dfs]\nblock_size = \"128x\"\n"),
            "2: dfs.block_size must be a size such as \"64k\" or \"128m\" (or whole bytes), not \"128x\"");
  EXPECT_EQ(
      ErrorOf("[dfs]\ndatanode_dead_after = \"10 parsecs\"\n"),
      "2: dfs.datanode_dead_after must be a duration such as \"500ms\" or \"10s\" (or whole milliseconds), not \"10 parsecs\"");
}

TEST_F(ConfigTest, NamesTheRangeThatAValueLeaves) {
  EXPECT_EQ(ErrorOf("[dfs]\nreplication = 0\n"), "2: dfs.replication must be from 1 to 512, not 0");
  EXPECT_EQ(ErrorOf("[dfs]\nblock_size = \"1k\"\n"), "2: dfs.block_size must be from 4k to 1t, not 1k");
  EXPECT_EQ(ErrorOf("[dfs]\ndatanode_dead_after = -1\n"), "2: dfs.datanode_dead_after must be at least 1ms, not -1ms");
}

TEST_F(ConfigTest, NamesTheLineOfBrokenToml) {
  EXPECT_THAT(ErrorOf("[dfs]\nreplication = 2\nblock_size = = 3\n"), StartsWith("3: not valid TOML: "));
  EXPECT_THAT(ErrorOf("[dfs]\nreplication = 2\nreplication = 3\n"), StartsWith("3: not valid TOML: "));
  EXPECT_THAT(ErrorOf("[dfs]\nreplication = \xff\n"), StartsWith("2: not valid TOML: "));
}

TEST_F(ConfigTest, RefusesAFileThatCannotBeRead) {
  Config::Sources sources;
  sources.file = directory_ + "/missing.toml";
  EXPECT_EQ(Config::Load(TestSchema(), sources).status(),
            InvalidArgument("cannot read the configuration file " + sources.file +
                            ": No such file or directory; check --conf and TUSK_CONF"));
  sources.file = directory_;
  EXPECT_THAT(Config::Load(TestSchema(), sources).status().message(), HasSubstr("Is a directory"));
  sources.file = Write(std::string(2 << 20, '#'));
  EXPECT_THAT(Config::Load(TestSchema(), sources).status().message(), HasSubstr("larger than 1 MiB"));
}

TEST_F(ConfigTest, RefusesTablesNestedWithoutEnd) {
  std::string text = "[dfs";
  for (int i = 0; i < 40; ++i) text += ".a";
  EXPECT_THAT(ErrorOf(text + "]\nb = 1\n"), HasSubstr("nested too deeply"));
}

TEST_F(ConfigTest, RefusesKeysThatWouldOverflowTheStack) {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  EXPECT_THAT(ErrorOf(key + " = 1\n"), HasSubstr("more than 10000 dots"));
}

TEST_F(ConfigTest, NamesTheVariableOfAWrongEnvironment) {
  setenv("TUSK_DFS_REPLICATION", "many", 1);
  const auto loaded = Config::Load(TestSchema(), {});
  EXPECT_EQ(loaded.status(),
            InvalidArgument("environment TUSK_DFS_REPLICATION: dfs.replication must be a whole number, not \"many\""));
}

TEST_F(ConfigTest, IgnoresForeignVariables) {
  setenv("TUSK_DFS_REPLICATIONS", "many", 1);
  EXPECT_TRUE(Config::Load(TestSchema(), {}).ok());
  unsetenv("TUSK_DFS_REPLICATIONS");
}

TEST_F(ConfigTest, NamesTheNearestKeyOfAnUnknownFlag) {
  Config::Sources sources;
  sources.flags = {{"dfs.replicaton", "2"}};
  EXPECT_EQ(Config::Load(TestSchema(), sources).status(),
            InvalidArgument("flag: unknown setting dfs.replicaton; did you mean dfs.replication?"));
}

TEST_F(ConfigTest, LeavesAValueAloneWhenSetRefuses) {
  Config config = Config::Defaults(TestSchema());
  EXPECT_TRUE(config.Set("dfs.replication", "7").ok());
  EXPECT_THAT(config.Set("dfs.replication", "0").message(), EndsWith("must be from 1 to 512, not 0"));
  EXPECT_EQ(config.Get(kReplication), 7);
}

TEST(ConfigDeathTest, DiesOnASettingThatIsNotInTheSchema) {
  static constexpr Setting<int64_t> kForeign{"other.key", 1, "Not in the schema."};
  const Config config = Config::Defaults(TestSchema());
  EXPECT_DEATH(config.Get(kForeign), "not in this program's schema");
}

}  // namespace
}  // namespace tusk::config
