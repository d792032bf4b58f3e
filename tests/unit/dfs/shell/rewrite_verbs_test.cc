// -appendToFile, -truncate and -concat on a DFS in memory.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "dfs/shell/shell.h"
#include "dfs/shell/verb.h"
#include "tests/harness/fake_file_system.h"
#include "tests/harness/temporary_folder.h"

namespace tusk::dfs::shell {
namespace {

class RewriteVerbs : public ::testing::Test {
 protected:
  std::string Local(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ + "/" + name) << bytes;
    return folder_ + "/" + name;
  }
  int Run(std::vector<std::string> args) {
    Shell shell([this]() -> Result<std::shared_ptr<FileSystem>> { return std::shared_ptr<FileSystem>(fs_); }, out_, err_, false);
    return RunVerb(shell, std::move(args));
  }

  std::shared_ptr<testing::FakeFileSystem> fs_ = std::make_shared<testing::FakeFileSystem>();
  testing::TemporaryFolder temporary_;
  const std::string folder_ = temporary_.path();
  std::ostringstream out_, err_;
};

TEST_F(RewriteVerbs, AppendToFileGoesOnAndMakesWhatIsNotThere) {
  EXPECT_EQ(Run({"-appendToFile", Local("a", "one "), Local("b", "two "), "/f"}), 0) << err_.str();
  EXPECT_EQ(Run({"-appendToFile", Local("c", "three"), "/f"}), 0) << err_.str();
  EXPECT_EQ(fs_->Get("/f"), "one two three");
  EXPECT_NE(Run({"-appendToFile", folder_ + "/none", "/f"}), 0);
  EXPECT_NE(err_.str().find("none"), std::string::npos);
}

TEST_F(RewriteVerbs, TruncateCuts) {
  fs_->Put("/f", "0123456789");
  EXPECT_EQ(Run({"-truncate", "4", "/f"}), 0) << err_.str();
  EXPECT_EQ(fs_->Get("/f"), "0123");
  EXPECT_NE(Run({"-truncate", "5", "/f"}), 0);
  EXPECT_NE(Run({"-truncate", "x", "/f"}), 0);
}

TEST_F(RewriteVerbs, ConcatJoins) {
  fs_->Put("/a", "1");
  fs_->Put("/b", "2");
  fs_->Put("/c", "3");
  EXPECT_EQ(Run({"-concat", "/a", "/c", "/b"}), 0) << err_.str();
  EXPECT_EQ(fs_->Get("/a"), "132");
  EXPECT_FALSE(fs_->Has("/b"));
}

}  // namespace
}  // namespace tusk::dfs::shell
