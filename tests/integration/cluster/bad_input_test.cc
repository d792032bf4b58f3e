// What people get wrong: each gets one clear sentence with the path, an exit code that is not zero, and no half-written result.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/harness/process_cluster.h"

namespace tusk::testing {
namespace {

class BadInput : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto started = ProcessCluster::Start({.nodes = 1, .settings = {{"dfs.block_size", "1m"}}});
    ASSERT_TRUE(started.ok()) << started.status();
    cluster_ = std::move(*started);
  }
  static void TearDownTestSuite() { cluster_.reset(); }
  void SetUp() override { ASSERT_NE(cluster_, nullptr); }

  // The command fails with `code`, and says one thing in which each of `words` occurs.
  static void ExpectSentence(const std::string& program, const std::vector<std::string>& arguments, int code,
                             const std::vector<std::string>& words) {
    const auto run = cluster_->Run(program, arguments);
    std::string shown = program;
    for (const auto& argument : arguments) shown += " " + argument.substr(0, 80);
    EXPECT_EQ(run.exit_code, code) << shown << "\n" << run.output;
    for (const auto& word : words)
      EXPECT_NE(run.output.find(word), std::string::npos) << shown << " does not say \"" << word << "\":\n" << run.output;
    EXPECT_LE(std::count(run.output.begin(), run.output.end(), '\n'), 12) << shown << " says too much:\n" << run.output;
    EXPECT_EQ(run.output.find("terminate called"), std::string::npos) << run.output;
  }
  static bool Exists(const std::string& path) { return cluster_->Run("tusk", {"dfs", "-test", "-e", path}).exit_code == 0; }
  static std::string Local(const std::string& name) { return cluster_->directory() + "/" + name; }

  static inline std::unique_ptr<ProcessCluster> cluster_;
};

TEST_F(BadInput, AMissingLocalFile) {
  ExpectSentence("tusk", {"dfs", "-put", Local("nowhere"), "/x"}, 1, {"nowhere", "No such file"});
  EXPECT_FALSE(Exists("/x"));
}

TEST_F(BadInput, AHomeDirectoryThatIsMissing) { ExpectSentence("tusk", {"dfs", "-mkdir", "a/b"}, 1, {"/user/", "a/b", "-p"}); }

TEST_F(BadInput, AStrangerWhoMayNotWrite) {
  // Nobody of this name is known to the machine: the NameNode looks, on a thread of its own, and the request waits for it.
  ExpectSentence("tusk", {"--set", "dfs.user=a-stranger", "dfs", "-mkdir", "/theirs"}, 1,
                 {"Permission denied: user=a-stranger, access=WRITE, inode=\"/\":root:supergroup:drwxr-xr-x"});
  EXPECT_EQ(cluster_->Run("tusk", {"--set", "dfs.user=a-stranger", "dfs", "-ls", "/"}).exit_code, 0);
}

TEST_F(BadInput, ANameOfMoreThan255Bytes) {
  ExpectSentence("tusk", {"dfs", "-mkdir", "/" + std::string(256, 'n')}, 1, {"255"});
  EXPECT_EQ(cluster_->Run("tusk", {"dfs", "-mkdir", "/" + std::string(255, 'n')}).exit_code, 0);
}

TEST_F(BadInput, AnExistingDestination) {
  std::ofstream(Local("one")) << "one";
  ASSERT_EQ(cluster_->Run("tusk", {"dfs", "-put", Local("one"), "/one"}).exit_code, 0);
  std::ofstream(Local("two")) << "two";
  ExpectSentence("tusk", {"dfs", "-put", Local("two"), "/one"}, 1, {"/one", "exists"});
  EXPECT_EQ(cluster_->Run("tusk", {"dfs", "-cat", "/one"}).output, "one");
}

TEST_F(BadInput, APathThatDoesNotExist) {
  ExpectSentence("tusk", {"dfs", "-cat", "/missing"}, 1, {"/missing", "No such file"});
  ExpectSentence("tusk", {"fsck", "/missing"}, 1, {"/missing"});
  ExpectSentence("wordcount", {"/missing", "/out-missing"}, 1, {"/missing"});
  EXPECT_FALSE(Exists("/out-missing"));
}

TEST_F(BadInput, ALocalPathThatLeadsThroughAFile) {
  std::ofstream(Local("plain")) << "no folder";
  ExpectSentence("tusk", {"dfs", "-put", Local("plain/x"), "/through"}, 1, {"plain/x", "Not a directory"});
  EXPECT_FALSE(Exists("/through"));
}

TEST_F(BadInput, ADownloadIntoALocalFolderThatDoesNotExist) {
  std::ofstream(Local("big")) << std::string(300'000, 'b');
  ASSERT_EQ(cluster_->Run("tusk", {"dfs", "-put", Local("big"), "/big"}).exit_code, 0);
  ExpectSentence("tusk", {"dfs", "-get", "/big", Local("no-folder/big")}, 1, {"no-folder"});
  EXPECT_FALSE(std::filesystem::exists(Local("no-folder")));
}

TEST_F(BadInput, AMistypedCommandVerbOrFlagGetsTheNearestRealOne) {
  ExpectSentence("tusk", {"dsf", "-ls", "/"}, 2, {"dsf", "dfs"});
  ExpectSentence("tusk", {"dfs", "-mkdri", "/x"}, 2, {"mkdri", "mkdir"});
  ExpectSentence("tusk", {"cluster", "strat"}, 2, {"strat", "start"});
}

TEST_F(BadInput, AConfigurationErrorNamesFileLineAndNearestKey) {
  std::ofstream(Local("bad.toml")) << "[dfs]\nreplicaton = 2\n";
  ExpectSentence("tusk", {"--conf", Local("bad.toml"), "dfs", "-ls", "/"}, 2,
                 {"bad.toml:2", "dfs.replicaton", "dfs.replication"});
  ExpectSentence("tusk", {"--conf", Local("absent.toml"), "dfs", "-ls", "/"}, 2, {"absent.toml"});
}

TEST_F(BadInput, ANameNodeThatIsNotThere) {
  ExpectSentence("tusk", {"--set", "dfs.namenode_address=127.0.9.77:8020", "--set", "dfs.client_timeout=1s", "dfs", "-ls", "/"},
                 3, {"127.0.9.77:8020"});
  ExpectSentence("tusk", {"--set", "dfs.namenode_address=127.0.9.77:8020", "--set", "dfs.client_timeout=1s", "fsck", "/"}, 3,
                 {"127.0.9.77:8020"});
}

TEST_F(BadInput, AJobBinaryThatDoesNotExist) {
  ExpectSentence("tusk", {"job", "submit", Local("no-binary"), "/in", "/out"}, 1, {"no-binary"});
}

TEST_F(BadInput, AJobThatIsNotThere) { ExpectSentence("tusk", {"job", "status", "job_1_0001"}, 1, {"job_1_0001"}); }

TEST_F(BadInput, WrongArgumentsOfAJob) {
  ExpectSentence("wordcount", {}, 2, {"wordcount"});
  ExpectSentence("teragen", {"many", "/out-tera"}, 2, {"many"});
  ExpectSentence("teragen", {"--maps", "0", "10", "/out-tera"}, 2, {"maps"});
  EXPECT_FALSE(Exists("/out-tera"));
}

TEST(FullDisk, AnUploadSaysSoAndLeavesNoHalfFile) {
  // For dfs.datanode_dead_after from its start the NameNode tells a writer to wait for DataNodes; after that, that none has room.
  // The client's time lies well beyond, so that the answer is the second.
  auto started = ProcessCluster::Start({.nodes = 1,
                                        .subnet = "127.0.11",
                                        .settings = {{"dfs.datanode_reserved", "1000t"},
                                                     {"dfs.heartbeat_interval", "200ms"},
                                                     {"dfs.datanode_dead_after", "2s"},
                                                     {"dfs.client_timeout", "10s"}}});
  ASSERT_TRUE(started.ok()) << started.status();
  const ProcessCluster& cluster = **started;
  const std::string local = cluster.directory() + "/file";
  std::ofstream(local) << std::string(100'000, 'f');
  const auto put = cluster.Run("tusk", {"dfs", "-put", local, "/full"});
  EXPECT_EQ(put.exit_code, 1) << put.output;
  EXPECT_NE(put.output.find("/full"), std::string::npos) << put.output;
  EXPECT_NE(put.output.find("no room"), std::string::npos) << put.output;
  EXPECT_EQ(cluster.Run("tusk", {"dfs", "-test", "-e", "/full"}).exit_code, 1);
  const auto left = cluster.Run("tusk", {"dfs", "-ls", "/"});
  EXPECT_EQ(left.output.find("_COPYING_"), std::string::npos) << left.output;
}

}  // namespace
}  // namespace tusk::testing
