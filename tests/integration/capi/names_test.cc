#include "tests/integration/capi/program.h"

namespace tusk::testing {
namespace {

class NamesTest : public Program {
 protected:
  // The errno of a call that must fail.
  static int Failed(int result) { return result == -1 ? errno : 0; }
};

TEST_F(NamesTest, ExistsOrNot) {
  Write("f", "");
  EXPECT_EQ(hdfsExists(fs_, "f"), 0);
  EXPECT_EQ(hdfsExists(fs_, (Uri() + directory_ + "/f").c_str()), 0);
  EXPECT_EQ(hdfsExists(fs_, "."), 0);
  EXPECT_EQ(Failed(hdfsExists(fs_, "g")), ENOENT);
  EXPECT_EQ(Failed(hdfsExists(fs_, nullptr)), EINVAL);
  EXPECT_EQ(Failed(hdfsExists(fs_, "s3://bucket/f")), EINVAL);
}

TEST_F(NamesTest, DirectoriesAreMadeWithTheirParents) {
  EXPECT_EQ(hdfsCreateDirectory(fs_, "a/b/c"), 0);
  EXPECT_EQ(hdfsCreateDirectory(fs_, "a/b/c"), 0);
  Write("f", "");
  EXPECT_EQ(Failed(hdfsCreateDirectory(fs_, "f/below")), ENOTDIR);
  EXPECT_EQ(Failed(hdfsCreateDirectory(fs_, "f")), EEXIST);
  EXPECT_EQ(Failed(hdfsCreateDirectory(fs_, nullptr)), EINVAL);
  EXPECT_EQ(Failed(hdfsCreateDirectory(fs_, std::string(300, 'n').c_str())), EINVAL);
}

TEST_F(NamesTest, DeletingADirectoryWithContentMustBeMeant) {
  Write("d/f", "");
  EXPECT_EQ(Failed(hdfsDelete(fs_, "d", 0)), ENOTEMPTY);
  EXPECT_EQ(hdfsDelete(fs_, "d", 1), 0);
  EXPECT_FALSE(Exists("d"));
  EXPECT_EQ(Failed(hdfsDelete(fs_, "d", 1)), ENOENT);
  EXPECT_EQ(Failed(hdfsDelete(fs_, nullptr, 1)), EINVAL);
  hdfsFS stranger = Connect("stranger");
  EXPECT_EQ(Failed(hdfsDelete(stranger, directory_.c_str(), 1)), EACCES);
  hdfsDisconnect(stranger);
}

TEST_F(NamesTest, RenamingKeepsTheNameInADirectoryAndReplacesNothing) {
  Write("f", "f");
  Write("g", "g");
  EXPECT_EQ(hdfsCreateDirectory(fs_, "d"), 0);
  EXPECT_EQ(Failed(hdfsRename(fs_, "f", "g")), EEXIST);
  EXPECT_EQ(hdfsRename(fs_, "f", "d"), 0);
  EXPECT_EQ(Read("d/f"), "f");
  EXPECT_EQ(hdfsRename(fs_, "d/f", "h"), 0);
  EXPECT_EQ(Read("h"), "f");
  EXPECT_EQ(Failed(hdfsRename(fs_, "missing", "x")), ENOENT);
  EXPECT_EQ(Failed(hdfsRename(fs_, "d", "d/below")), EINVAL);
  EXPECT_EQ(Failed(hdfsRename(fs_, "h", "no/such/parent")), ENOENT);
  EXPECT_EQ(Failed(hdfsRename(fs_, "h", nullptr)), EINVAL);
  EXPECT_EQ(Failed(hdfsRename(fs_, nullptr, "h")), EINVAL);
}

TEST_F(NamesTest, TruncatingCutsAndMayBeWrittenOnAtOnce) {
  Write("f", "0123456789");
  EXPECT_EQ(hdfsTruncateFile(fs_, "f", 4), 1);
  EXPECT_EQ(Read("f"), "0123");
  hdfsFile out = hdfsOpenFile(fs_, "f", O_WRONLY | O_APPEND, 0, 0, 0);
  ASSERT_NE(out, nullptr) << hdfsGetLastExceptionRootCause();
  EXPECT_EQ(hdfsWrite(fs_, out, "!", 1), 1);
  EXPECT_EQ(hdfsCloseFile(fs_, out), 0);
  EXPECT_EQ(Read("f"), "0123!");
  EXPECT_EQ(Failed(hdfsTruncateFile(fs_, "f", 6)), EINVAL);
  EXPECT_EQ(Failed(hdfsTruncateFile(fs_, "f", -1)), EINVAL);
  EXPECT_EQ(Failed(hdfsTruncateFile(fs_, "missing", 0)), ENOENT);
  EXPECT_EQ(Failed(hdfsTruncateFile(fs_, ".", 0)), EISDIR);
}

TEST_F(NamesTest, AListingHasTheChildrenByName) {
  Write("b", "12345");
  Write("a", "");
  EXPECT_EQ(hdfsCreateDirectory(fs_, "c"), 0);
  int count = -1;
  hdfsFileInfo* entries = hdfsListDirectory(fs_, ".", &count);
  ASSERT_NE(entries, nullptr);
  ASSERT_EQ(count, 3);
  const std::string folder = Uri() + directory_;
  EXPECT_EQ(entries[0].mName, folder + "/a");
  EXPECT_EQ(entries[1].mName, folder + "/b");
  EXPECT_EQ(entries[1].mSize, 5);
  EXPECT_EQ(entries[1].mKind, kObjectKindFile);
  EXPECT_EQ(entries[2].mKind, kObjectKindDirectory);
  EXPECT_EQ(entries[2].mReplication, 0);
  hdfsFreeFileInfo(entries, count);

  entries = hdfsListDirectory(fs_, "b", &count);
  ASSERT_EQ(count, 1);
  EXPECT_EQ(entries[0].mName, folder + "/b");
  hdfsFreeFileInfo(entries, count);
}

TEST_F(NamesTest, AnEmptyDirectoryIsNullWithoutAnErrno) {
  int count = -1;
  errno = EDOM;
  EXPECT_EQ(hdfsListDirectory(fs_, ".", &count), nullptr);
  EXPECT_EQ(errno, 0);
  EXPECT_EQ(count, 0);
  EXPECT_EQ(hdfsListDirectory(fs_, "missing", &count), nullptr);
  EXPECT_ERRNO(ENOENT);
  EXPECT_EQ(hdfsListDirectory(fs_, ".", nullptr), nullptr);
  EXPECT_ERRNO(EINVAL);
  hdfsFreeFileInfo(nullptr, 0);
}

}  // namespace
}  // namespace tusk::testing
