#include "tests/integration/capi/program.h"

namespace tusk::testing {
namespace {

class CopyTest : public Program {
 protected:
  static int Failed(int result) { return result == -1 ? errno : 0; }
};

TEST_F(CopyTest, AFileGoesToANameOrIntoADirectoryAndReplaces) {
  Write("f", "new");
  Write("g", "old");
  EXPECT_EQ(hdfsCopy(fs_, "f", fs_, "g"), 0) << hdfsGetLastExceptionRootCause();
  EXPECT_EQ(Read("g"), "new");
  EXPECT_EQ(Read("f"), "new");
  EXPECT_EQ(hdfsCreateDirectory(fs_, "d"), 0);
  EXPECT_EQ(hdfsCopy(fs_, "f", fs_, "d"), 0);
  EXPECT_EQ(Read("d/f"), "new");
}

TEST_F(CopyTest, ATreeIsCopiedWithWhatIsEmpty) {
  Write("t/a", "a");
  Write("t/sub/b", std::string((1 << 20) + 3, 'b'));
  EXPECT_EQ(hdfsCreateDirectory(fs_, "t/empty"), 0);
  EXPECT_EQ(hdfsCopy(fs_, "t", fs_, "u"), 0) << hdfsGetLastExceptionRootCause();
  EXPECT_EQ(Read("u/a"), "a");
  EXPECT_EQ(Read("u/sub/b").size(), (1u << 20) + 3);
  EXPECT_TRUE(Exists("u/empty"));
  EXPECT_EQ(hdfsCopy(fs_, "t", fs_, "u"), 0);  // u is a directory now
  EXPECT_EQ(Read("u/t/a"), "a");
}

TEST_F(CopyTest, OntoItselfBelowItselfAndOverAFileAreRefused) {
  Write("f", "x");
  EXPECT_EQ(hdfsCreateDirectory(fs_, "d"), 0);
  EXPECT_EQ(Failed(hdfsCopy(fs_, "f", fs_, "f")), EINVAL);
  EXPECT_EQ(Failed(hdfsCopy(fs_, "d", fs_, "d/below")), EINVAL);
  EXPECT_EQ(Failed(hdfsCopy(fs_, "d", fs_, "d")), EINVAL);
  EXPECT_EQ(Failed(hdfsCopy(fs_, "d", fs_, "f")), ENOTDIR);
  EXPECT_EQ(Failed(hdfsCopy(fs_, "missing", fs_, "g")), ENOENT);
  EXPECT_EQ(Failed(hdfsCopy(fs_, "f", fs_, nullptr)), EINVAL);
  EXPECT_EQ(Failed(hdfsCopy(nullptr, "f", fs_, "g")), EBADF);
  EXPECT_EQ(Failed(hdfsCopy(fs_, "f", nullptr, "g")), EBADF);
  EXPECT_EQ(Read("f"), "x");
}

TEST_F(CopyTest, MovingLeavesNothingBehind) {
  Write("t/a", "a");
  EXPECT_EQ(hdfsMove(fs_, "t", fs_, "u"), 0) << hdfsGetLastExceptionRootCause();
  EXPECT_FALSE(Exists("t"));
  EXPECT_EQ(Read("u/a"), "a");
  EXPECT_EQ(Failed(hdfsMove(fs_, "t", fs_, "v")), ENOENT);
}

TEST_F(CopyTest, ToAnotherClusterAllIsCopiedAndThenDeleted) {
  auto other = StartInProcessCluster({.datanodes = 1, .settings = {{"dfs.replication", "1"}}});
  ASSERT_TRUE(other.ok()) << other.status();
  hdfsFS there = hdfsConnect((*other)->namenode_address().ToString().c_str(), 0);
  ASSERT_NE(there, nullptr) << hdfsGetLastExceptionRootCause();
  Write("t/a", "a");
  EXPECT_EQ(hdfsMove(fs_, "t", there, "/t"), 0) << hdfsGetLastExceptionRootCause();
  EXPECT_FALSE(Exists("t"));
  EXPECT_EQ(hdfsExists(there, "/t/a"), 0);
  EXPECT_EQ(hdfsCopy(there, "/t/a", fs_, "back"), 0) << hdfsGetLastExceptionRootCause();
  EXPECT_EQ(Read("back"), "a");
  EXPECT_EQ(hdfsDisconnect(there), 0);
}

}  // namespace
}  // namespace tusk::testing
