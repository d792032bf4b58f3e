// -put, -get and -checksum --compare between local files and a running cluster.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "dfs/shell/verb.h"
#include "tests/integration/dfs/cluster_fixture.h"

namespace tusk::testing {
namespace {

namespace stdfs = std::filesystem;

class ShellTest : public ClusterTest {
 protected:
  void SetUp() override {
    StartCluster();
    std::string pattern = (stdfs::temp_directory_path() / "tusk-shell-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    local_ = pattern;
  }
  void TearDown() override { stdfs::remove_all(local_); }

  int Run(std::vector<std::string> args) {
    auto shared = cluster_->NewFileSystem();
    EXPECT_TRUE(shared.ok());
    std::ostringstream out, err;
    dfs::shell::Shell shell([&]() -> Result<std::shared_ptr<dfs::FileSystem>> { return *shared; }, out, err, false);
    const int code = dfs::shell::RunVerb(shell, std::move(args));
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  void MakeLocal(const std::string& name, const std::string& bytes) {
    stdfs::create_directories((local_ / name).parent_path());
    std::ofstream(local_ / name, std::ios::binary) << bytes;
  }
  std::string Local(const std::string& name) {
    std::ifstream in(local_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string P(const std::string& name) { return (local_ / name).string(); }

  stdfs::path local_;
  std::string out_, err_;
};

TEST_F(ShellTest, DirectoriesGoThereAndBack) {
  MakeLocal("tree/a", "one");
  MakeLocal("tree/sub/b", Content(1, 1'500'000));
  MakeLocal("tree/sub/empty", "");
  ASSERT_EQ(Run({"-put", "-t", "3", P("tree"), "/tree"}), 0) << err_;
  EXPECT_EQ(Run({"-checksum", "-R", "--compare", P("tree"), "/tree"}), 0) << err_;
  ASSERT_EQ(Run({"-get", "-t", "2", "/tree", P("back")}), 0) << err_;
  EXPECT_EQ(Local("back/a"), "one");
  EXPECT_TRUE(Local("back/sub/b") == Content(1, 1'500'000));
  EXPECT_TRUE(stdfs::exists(local_ / "back/sub/empty"));
  MakeLocal("tree/a", "two");
  EXPECT_EQ(Run({"-checksum", "--compare", P("tree/a"), "/tree/a"}), 4);
  EXPECT_NE(err_.find("differs"), std::string::npos) << err_;
}

TEST_F(ShellTest, ExistingDestinationsAreKeptWithoutTheFlag) {
  MakeLocal("f", "new");
  Write("/f", "old");
  EXPECT_EQ(Run({"-put", P("f"), "/f"}), 1);
  EXPECT_EQ(err_, "put: `/f': File exists; use -f to replace it\n");
  EXPECT_EQ(Run({"-get", "/f", P("f")}), 1);
  EXPECT_EQ(Local("f"), "new");
  EXPECT_EQ(Run({"-get", "-f", "/f", P("f")}), 0) << err_;
  EXPECT_EQ(Local("f"), "old");
}

TEST_F(ShellTest, MissingLocalFilesAndFoldersAreExplained) {
  EXPECT_EQ(Run({"-put", P("none"), "/f"}), 1);
  EXPECT_NE(err_.find("none': No such file or directory"), std::string::npos) << err_;
  Write("/f", "x");
  EXPECT_EQ(Run({"-get", "/f", P("no/folder/f")}), 1);
  EXPECT_NE(err_.find("no/folder/f"), std::string::npos) << err_;
  EXPECT_EQ(Run({"-get", "/none", P("x")}), 1);
  EXPECT_EQ(err_, "get: `/none': No such file or directory\n");
  EXPECT_TRUE(stdfs::is_empty(local_));
}

}  // namespace
}  // namespace tusk::testing
