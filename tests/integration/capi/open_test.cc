#include "tests/integration/capi/program.h"

namespace tusk::testing {
namespace {

class OpenTest : public Program {};

TEST_F(OpenTest, WritingReplacesUnlessItMustBeNew) {
  Write("f", "first");
  Write("f", "second");
  EXPECT_EQ(Read("f"), "second");
  EXPECT_EQ(hdfsOpenFile(fs_, "f", O_WRONLY | O_CREAT | O_EXCL, 0, 0, 0), nullptr);
  EXPECT_ERRNO(EEXIST);
  EXPECT_EQ(Read("f"), "second");
}

TEST_F(OpenTest, AppendingGoesOnAtTheEndOfAFileThatExists) {
  Write("f", "one,");
  hdfsFile out = hdfsOpenFile(fs_, "f", O_WRONLY | O_APPEND, 0, 0, 0);
  ASSERT_NE(out, nullptr) << hdfsGetLastExceptionRootCause();
  EXPECT_EQ(hdfsTell(fs_, out), 4);
  EXPECT_EQ(hdfsWrite(fs_, out, "two", 3), 3);
  EXPECT_EQ(hdfsCloseFile(fs_, out), 0);
  EXPECT_EQ(Read("f"), "one,two");
  EXPECT_EQ(hdfsOpenFile(fs_, "missing", O_WRONLY | O_APPEND, 0, 0, 0), nullptr);
  EXPECT_ERRNO(ENOENT);
}

TEST_F(OpenTest, TellsForWhatAFileIsOpen) {
  hdfsFile out = hdfsOpenFile(fs_, "f", O_WRONLY, 0, 0, 0);
  EXPECT_EQ(hdfsFileIsOpenForWrite(out), 1);
  EXPECT_EQ(hdfsFileIsOpenForRead(out), 0);
  hdfsCloseFile(fs_, out);
  EXPECT_EQ(hdfsFileIsOpenForWrite(out), 0);
  hdfsFile in = hdfsOpenFile(fs_, "f", O_RDONLY, 0, 0, 0);
  EXPECT_EQ(hdfsFileIsOpenForRead(in), 1);
  EXPECT_EQ(hdfsFileIsOpenForWrite(in), 0);
  hdfsCloseFile(fs_, in);
  EXPECT_EQ(hdfsFileIsOpenForRead(in), 0);
  EXPECT_EQ(hdfsFileIsOpenForRead(nullptr), 0);
}

TEST_F(OpenTest, WrongRequestsHaveTheirErrno) {
  Write("f", "x");
  const auto refused = [&](const char* path, int flags, short replication = 0, tSize block_size = 0) {
    EXPECT_EQ(hdfsOpenFile(fs_, path, flags, 0, replication, block_size), nullptr) << path;
    return errno;
  };
  EXPECT_EQ(refused("missing", O_RDONLY), ENOENT);
  EXPECT_EQ(refused(".", O_RDONLY), EISDIR);
  EXPECT_EQ(refused(".", O_WRONLY), EISDIR);
  EXPECT_EQ(refused("f/below", O_WRONLY), ENOTDIR);
  EXPECT_EQ(refused("f", O_RDWR), ENOTSUP);
  EXPECT_EQ(refused("f", O_ACCMODE), EINVAL);
  EXPECT_EQ(refused(nullptr, O_RDONLY), EINVAL);
  EXPECT_EQ(refused("", O_RDONLY), EINVAL);
  EXPECT_EQ(refused("hdfs://elsewhere:1/f", O_RDONLY), EINVAL);
  EXPECT_EQ(refused("g", O_WRONLY, -1), EINVAL);
  EXPECT_EQ(refused("g", O_WRONLY, 0, -1), EINVAL);
  EXPECT_FALSE(Exists("g"));
  EXPECT_EQ(hdfsOpenFile(nullptr, "f", O_RDONLY, 0, 0, 0), nullptr);
  EXPECT_ERRNO(EBADF);
}

TEST_F(OpenTest, AStrangerMayNotReadOrWriteWhatIsPrivate) {
  Write("f", "x");
  ASSERT_EQ(hdfsChmod(fs_, "f", 0600), 0);
  hdfsFS stranger = Connect("stranger");
  ASSERT_NE(stranger, nullptr);
  EXPECT_EQ(hdfsOpenFile(stranger, (directory_ + "/f").c_str(), O_RDONLY, 0, 0, 0), nullptr);
  EXPECT_ERRNO(EACCES);
  EXPECT_EQ(hdfsOpenFile(stranger, (directory_ + "/g").c_str(), O_WRONLY, 0, 0, 0), nullptr);
  EXPECT_ERRNO(EACCES);
  hdfsDisconnect(stranger);
}

TEST_F(OpenTest, AFileThatIsBeingWrittenIsBusyForOtherWriters) {
  hdfsFile out = hdfsOpenFile(fs_, "f", O_WRONLY, 0, 0, 0);
  ASSERT_NE(out, nullptr);
  hdfsBuilder* builder = Builder();
  hdfsBuilderSetForceNewInstance(builder);
  hdfsFS other = hdfsBuilderConnect(builder);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(hdfsOpenFile(other, (directory_ + "/f").c_str(), O_WRONLY | O_APPEND, 0, 0, 0), nullptr);
  EXPECT_ERRNO(EBUSY);
  EXPECT_EQ(hdfsCloseFile(fs_, out), 0);
  hdfsDisconnect(other);
}

TEST_F(OpenTest, AClosedFileIsNoFileAnyMore) {
  Write("f", "x");
  hdfsFile in = hdfsOpenFile(fs_, "f", O_RDONLY, 0, 0, 0);
  ASSERT_EQ(hdfsCloseFile(fs_, in), 0);
  char byte = 0;
  EXPECT_EQ(hdfsCloseFile(fs_, in), -1);
  EXPECT_ERRNO(EBADF);
  EXPECT_EQ(hdfsRead(fs_, in, &byte, 1), -1);
  EXPECT_ERRNO(EBADF);
  EXPECT_EQ(hdfsTell(fs_, in), -1);
  EXPECT_ERRNO(EBADF);
  EXPECT_EQ(hdfsCloseFile(fs_, nullptr), -1);
  EXPECT_ERRNO(EBADF);
}

TEST_F(OpenTest, AFileOutlivesItsConnection) {
  hdfsFS other = Connect();
  hdfsFile out = hdfsOpenFile(other, (directory_ + "/f").c_str(), O_WRONLY, 0, 0, 0);
  ASSERT_NE(out, nullptr);
  EXPECT_EQ(hdfsDisconnect(other), 0);
  EXPECT_EQ(hdfsWrite(nullptr, out, "x", 1), 1);
  EXPECT_EQ(hdfsCloseFile(nullptr, out), 0);
  EXPECT_EQ(Read("f"), "x");
}

TEST_F(OpenTest, AStreamBuilderSetsReplicationAndBlockSize) {
  hdfsStreamBuilder* builder = hdfsStreamBuilderAlloc(fs_, "f", O_WRONLY);
  ASSERT_NE(builder, nullptr);
  EXPECT_EQ(hdfsStreamBuilderSetBufferSize(builder, 4096), 0);
  EXPECT_EQ(hdfsStreamBuilderSetReplication(builder, 1), 0);
  EXPECT_EQ(hdfsStreamBuilderSetDefaultBlockSize(builder, 2 << 20), 0);
  hdfsFile out = hdfsStreamBuilderBuild(builder);
  ASSERT_NE(out, nullptr) << hdfsGetLastExceptionRootCause();
  EXPECT_EQ(hdfsCloseFile(fs_, out), 0);
  hdfsFileInfo* info = hdfsGetPathInfo(fs_, "f");
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->mReplication, 1);
  EXPECT_EQ(info->mBlockSize, 2 << 20);
  hdfsFreeFileInfo(info, 1);

  EXPECT_EQ(hdfsStreamBuilderBuild(builder), nullptr);
  EXPECT_ERRNO(EBADF);
  hdfsStreamBuilder* reading = hdfsStreamBuilderAlloc(fs_, "f", O_RDONLY);
  EXPECT_EQ(hdfsStreamBuilderSetReplication(reading, 1), -1);
  EXPECT_ERRNO(EINVAL);
  hdfsStreamBuilderFree(reading);
  EXPECT_EQ(hdfsStreamBuilderSetBufferSize(reading, 1), -1);
  EXPECT_ERRNO(EBADF);
}

TEST_F(OpenTest, AFutureOpensBesideTheCaller) {
  Write("f", "content");
  hdfsOpenFileBuilder* builder = hdfsOpenFileBuilderAlloc(fs_, "f");
  ASSERT_NE(builder, nullptr);
  EXPECT_EQ(hdfsOpenFileBuilderOpt(builder, "hello", "world"), builder);
  EXPECT_EQ(hdfsOpenFileBuilderMust(builder, "fs.option.openfile.length", "7"), builder);
  EXPECT_EQ(hdfsOpenFileBuilderMust(builder, "hello", "world"), nullptr);
  EXPECT_ERRNO(EINVAL);
  hdfsOpenFileFuture* future = hdfsOpenFileBuilderBuild(builder);
  ASSERT_NE(future, nullptr);
  hdfsFile in = hdfsOpenFileFutureGetWithTimeout(future, 1, jMinutes);
  ASSERT_NE(in, nullptr) << hdfsGetLastExceptionRootCause();
  EXPECT_EQ(hdfsOpenFileFutureGet(future), in);
  EXPECT_NE(hdfsOpenFileFutureCancel(future, 1), 0);
  EXPECT_ERRNO(EBUSY);
  hdfsOpenFileFutureFree(future);
  EXPECT_EQ(hdfsAvailable(fs_, in), 7);  // it was taken, so it stays open
  EXPECT_EQ(hdfsCloseFile(fs_, in), 0);
  EXPECT_EQ(hdfsOpenFileFutureGet(future), nullptr);
  EXPECT_ERRNO(EBADF);
}

TEST_F(OpenTest, AFutureTellsWhyItHasNoFile) {
  hdfsOpenFileFuture* future = hdfsOpenFileBuilderBuild(hdfsOpenFileBuilderAlloc(fs_, "missing"));
  ASSERT_NE(future, nullptr);
  EXPECT_EQ(hdfsOpenFileFutureGet(future), nullptr);
  EXPECT_ERRNO(ENOENT);
  hdfsOpenFileFutureFree(future);
  EXPECT_EQ(hdfsOpenFileBuilderAlloc(fs_, nullptr), nullptr);
  EXPECT_ERRNO(EINVAL);
}

TEST_F(OpenTest, HandlesOfFuturesThatAreNoneAreRefused) {
  hdfsOpenFileBuilder* builder = hdfsOpenFileBuilderAlloc(fs_, "f");
  hdfsOpenFileBuilderFree(builder);
  EXPECT_EQ(hdfsOpenFileBuilderBuild(builder), nullptr);
  EXPECT_ERRNO(EBADF);
  EXPECT_EQ(hdfsOpenFileFutureCancel(nullptr, 0), -1);
  EXPECT_ERRNO(EBADF);
  hdfsOpenFileFutureFree(nullptr);
}

}  // namespace
}  // namespace tusk::testing
