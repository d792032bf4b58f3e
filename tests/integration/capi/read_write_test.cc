#include <algorithm>
#include <thread>

#include "tests/integration/capi/program.h"

namespace tusk::testing {
namespace {

class ReadWriteTest : public Program {};

std::string Bytes(size_t count) {
  std::string bytes(count, '\0');
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>((i * 31 + i / 251) & 0xff);
  return bytes;
}

TEST_F(ReadWriteTest, SeveralBlocksComeBackInPiecesOfAnySize) {
  const std::string bytes = Bytes((2 << 20) + 777);
  Write("f", bytes);
  hdfsFile in = hdfsOpenFile(fs_, "f", O_RDONLY, 0, 0, 0);
  ASSERT_NE(in, nullptr);
  std::string found;
  std::string piece(100'003, '\0');
  tSize count = 0;
  while ((count = hdfsRead(fs_, in, piece.data(), static_cast<tSize>(piece.size()))) > 0)
    found.append(piece, 0, static_cast<size_t>(count));
  EXPECT_EQ(count, 0);
  EXPECT_TRUE(found == bytes);
  EXPECT_EQ(hdfsTell(fs_, in), static_cast<tOffset>(bytes.size()));
  EXPECT_EQ(hdfsAvailable(fs_, in), 0);
  hdfsCloseFile(fs_, in);
}

TEST_F(ReadWriteTest, PositionalReadsLeaveThePosition) {
  Write("f", "0123456789");
  hdfsFile in = hdfsOpenFile(fs_, "f", O_RDONLY, 0, 0, 0);
  std::string buffer(4, '\0');
  EXPECT_EQ(hdfsSeek(fs_, in, 2), 0);
  EXPECT_EQ(hdfsPread(fs_, in, 6, buffer.data(), 4), 4);
  EXPECT_EQ(buffer, "6789");
  EXPECT_EQ(hdfsPread(fs_, in, 8, buffer.data(), 4), 2);
  EXPECT_EQ(hdfsPread(fs_, in, 10, buffer.data(), 4), 0);
  EXPECT_EQ(hdfsPreadFully(fs_, in, 6, buffer.data(), 4), 0);
  EXPECT_EQ(hdfsPreadFully(fs_, in, 8, buffer.data(), 4), -1);
  EXPECT_ERRNO(EIO);
  EXPECT_EQ(hdfsTell(fs_, in), 2);
  EXPECT_EQ(hdfsRead(fs_, in, buffer.data(), 4), 4);
  EXPECT_EQ(buffer, "2345");
  EXPECT_EQ(hdfsSeek(fs_, in, 10), 0);
  EXPECT_EQ(hdfsSeek(fs_, in, 11), -1);
  EXPECT_ERRNO(EINVAL);
  EXPECT_EQ(hdfsTell(fs_, in), 10);
  hdfsCloseFile(fs_, in);
}

TEST_F(ReadWriteTest, UnbufferingChangesNothingThatIsRead) {
  Write("f", Bytes(300'000));
  hdfsFile in = hdfsOpenFile(fs_, "f", O_RDONLY, 0, 0, 0);
  std::string first(1000, '\0');
  std::string second(1000, '\0');
  EXPECT_EQ(hdfsRead(fs_, in, first.data(), 1000), 1000);
  EXPECT_EQ(hdfsUnbufferFile(in), 0);
  EXPECT_EQ(hdfsTell(fs_, in), 1000);
  EXPECT_EQ(hdfsRead(fs_, in, second.data(), 1000), 1000);
  EXPECT_TRUE(first + second == Bytes(2000));
  hdfsCloseFile(fs_, in);
}

TEST_F(ReadWriteTest, WhatWasFlushedIsSeenByWhoOpensNow) {
  hdfsFile out = hdfsOpenFile(fs_, "f", O_WRONLY, 0, 0, 0);
  int expected = 0;
  for (int (*flush)(hdfsFS, hdfsFile) : {hdfsFlush, hdfsHFlush, hdfsHSync}) {
    EXPECT_EQ(hdfsWrite(fs_, out, "abc", 3), 3);
    EXPECT_EQ(flush(fs_, out), 0);
    expected += 3;
    EXPECT_EQ(Read("f").size(), static_cast<size_t>(expected));
  }
  EXPECT_EQ(hdfsTell(fs_, out), expected);
  EXPECT_EQ(hdfsWrite(fs_, out, nullptr, 0), 0);
  EXPECT_EQ(hdfsCloseFile(fs_, out), 0);
  EXPECT_EQ(Read("f"), "abcabcabc");
}

TEST_F(ReadWriteTest, ReadingWhatIsWrittenAndTheOtherWayRoundAreErrors) {
  Write("f", "x");
  hdfsFile out = hdfsOpenFile(fs_, "g", O_WRONLY, 0, 0, 0);
  hdfsFile in = hdfsOpenFile(fs_, "f", O_RDONLY, 0, 0, 0);
  char byte = 0;
  const auto failed = [](long result) { return result == -1 ? errno : 0; };
  EXPECT_EQ(failed(hdfsRead(fs_, out, &byte, 1)), EINVAL);
  EXPECT_EQ(failed(hdfsPread(fs_, out, 0, &byte, 1)), EINVAL);
  EXPECT_EQ(failed(hdfsPreadFully(fs_, out, 0, &byte, 1)), EINVAL);
  EXPECT_EQ(failed(hdfsSeek(fs_, out, 0)), EBADF);
  EXPECT_EQ(failed(hdfsAvailable(fs_, out)), EBADF);
  EXPECT_EQ(hdfsUnbufferFile(out), ENOTSUP);
  EXPECT_EQ(failed(hdfsWrite(fs_, in, &byte, 1)), EINVAL);
  EXPECT_EQ(failed(hdfsFlush(fs_, in)), EBADF);
  EXPECT_EQ(failed(hdfsHFlush(fs_, in)), EBADF);
  EXPECT_EQ(failed(hdfsHSync(fs_, in)), EBADF);
  EXPECT_EQ(failed(hdfsRead(fs_, nullptr, &byte, 1)), EBADF);
  EXPECT_EQ(failed(hdfsWrite(fs_, nullptr, &byte, 1)), EBADF);
  hdfsCloseFile(fs_, in);
  hdfsCloseFile(fs_, out);
}

TEST_F(ReadWriteTest, WrongNumbersAndNoBufferAreInvalid) {
  Write("f", "x");
  hdfsFile in = hdfsOpenFile(fs_, "f", O_RDONLY, 0, 0, 0);
  hdfsFile out = hdfsOpenFile(fs_, "g", O_WRONLY, 0, 0, 0);
  char byte = 0;
  const auto failed = [](long result) { return result == -1 ? errno : 0; };
  EXPECT_EQ(failed(hdfsRead(fs_, in, &byte, -1)), EINVAL);
  EXPECT_EQ(failed(hdfsRead(fs_, in, nullptr, 1)), EINVAL);
  EXPECT_EQ(failed(hdfsPread(fs_, in, -1, &byte, 1)), EINVAL);
  EXPECT_EQ(failed(hdfsPreadFully(fs_, in, 0, &byte, -1)), EINVAL);
  EXPECT_EQ(failed(hdfsSeek(fs_, in, -1)), EINVAL);
  EXPECT_EQ(failed(hdfsWrite(fs_, out, &byte, -1)), EINVAL);
  EXPECT_EQ(failed(hdfsWrite(fs_, out, nullptr, 1)), EINVAL);
  hdfsCloseFile(fs_, in);
  hdfsCloseFile(fs_, out);
}

TEST_F(ReadWriteTest, StatisticsCountBytesByWhereTheyCameFrom) {
  Write("f", Bytes(200'000));
  hdfsFile in = hdfsOpenFile(fs_, "f", O_RDONLY, 0, 0, 0);
  std::string buffer(150'000, '\0');
  ASSERT_EQ(hdfsRead(fs_, in, buffer.data(), 150'000), 150'000);
  ASSERT_EQ(hdfsPread(fs_, in, 0, buffer.data(), 1000), 1000);
  hdfsReadStatistics* stats = nullptr;
  ASSERT_EQ(hdfsFileGetReadStatistics(in, &stats), 0);
  EXPECT_EQ(stats->totalBytesRead, 151'000u);
  EXPECT_EQ(stats->totalLocalBytesRead, 151'000u);  // the DataNodes are on this machine
  EXPECT_EQ(stats->totalShortCircuitBytesRead, 151'000u);
  EXPECT_EQ(stats->totalZeroCopyBytesRead, 0u);
  EXPECT_EQ(hdfsReadStatisticsGetRemoteBytesRead(stats), 0);
  hdfsFileFreeReadStatistics(stats);
  EXPECT_EQ(hdfsFileClearReadStatistics(in), 0);
  ASSERT_EQ(hdfsRead(fs_, in, buffer.data(), 10), 10);
  ASSERT_EQ(hdfsFileGetReadStatistics(in, &stats), 0);
  EXPECT_EQ(stats->totalBytesRead, 10u);
  EXPECT_EQ(stats->totalLocalBytesRead, 10u);
  hdfsFileFreeReadStatistics(stats);
  hdfsCloseFile(fs_, in);
  EXPECT_EQ(hdfsFileGetReadStatistics(in, &stats), -1);
  EXPECT_ERRNO(EBADF);
  EXPECT_EQ(hdfsFileClearReadStatistics(in), EBADF);
  EXPECT_EQ(hdfsReadStatisticsGetRemoteBytesRead(nullptr), -1);
}

TEST_F(ReadWriteTest, BytesOverTheNetworkAreRemote) {
  hdfsBuilder* builder = Builder();
  hdfsBuilderConfSetStr(builder, "dfs.client.read.shortcircuit", "false");
  hdfsFS fs = hdfsBuilderConnect(builder);
  Write("f", Bytes(1000));
  hdfsFile in = hdfsOpenFile(fs, (directory_ + "/f").c_str(), O_RDONLY, 0, 0, 0);
  std::string buffer(1000, '\0');
  ASSERT_EQ(hdfsRead(fs, in, buffer.data(), 1000), 1000);
  hdfsReadStatistics* stats = nullptr;
  ASSERT_EQ(hdfsFileGetReadStatistics(in, &stats), 0);
  EXPECT_EQ(hdfsReadStatisticsGetRemoteBytesRead(stats), 1000);
  hdfsFileFreeReadStatistics(stats);
  hdfsCloseFile(fs, in);
  hdfsDisconnect(fs);
}

TEST_F(ReadWriteTest, AZeroCopyReadGivesABufferAndAtTheEndAnEmptyOne) {
  Write("f", "0123456789");
  hdfsFile in = hdfsOpenFile(fs_, "f", O_RDONLY, 0, 0, 0);
  hadoopRzOptions* options = hadoopRzOptionsAlloc();
  EXPECT_EQ(hadoopRzOptionsSetSkipChecksum(options, 1), 0);
  EXPECT_EQ(hadoopRzOptionsSetByteBufferPool(options, ELASTIC_BYTE_BUFFER_POOL_CLASS), 0);
  EXPECT_EQ(hadoopRzOptionsSetByteBufferPool(options, nullptr), 0);
  hadoopRzBuffer* buffer = hadoopReadZero(in, options, 7);
  ASSERT_NE(buffer, nullptr);
  EXPECT_EQ(std::string(static_cast<const char*>(hadoopRzBufferGet(buffer)), static_cast<size_t>(hadoopRzBufferLength(buffer))),
            "0123456");
  EXPECT_EQ(hdfsTell(fs_, in), 7);
  hadoopRzBufferFree(in, buffer);
  EXPECT_EQ(hadoopRzBufferLength(buffer), -1);
  EXPECT_ERRNO(EINVAL);
  buffer = hadoopReadZero(in, options, INT32_MAX);
  EXPECT_EQ(hadoopRzBufferLength(buffer), 3);
  hadoopRzBufferFree(in, buffer);
  buffer = hadoopReadZero(in, options, 1);
  ASSERT_NE(buffer, nullptr);
  EXPECT_EQ(hadoopRzBufferLength(buffer), 0);
  EXPECT_EQ(hadoopRzBufferGet(buffer), nullptr);
  hadoopRzBufferFree(in, buffer);
  EXPECT_EQ(hadoopReadZero(in, options, -1), nullptr);
  EXPECT_ERRNO(EINVAL);
  hadoopRzOptionsFree(options);
  EXPECT_EQ(hadoopReadZero(in, options, 1), nullptr);
  EXPECT_ERRNO(EINVAL);
  EXPECT_EQ(hadoopRzOptionsSetSkipChecksum(nullptr, 1), -1);
  EXPECT_ERRNO(EINVAL);
  hdfsCloseFile(fs_, in);
  EXPECT_EQ(hadoopReadZero(in, nullptr, 1), nullptr);
  EXPECT_ERRNO(EBADF);
}

TEST_F(ReadWriteTest, ThreadsShareAFile) {
  const std::string bytes = Bytes(400'000);
  Write("f", bytes);
  hdfsFile in = hdfsOpenFile(fs_, "f", O_RDONLY, 0, 0, 0);
  std::atomic<int64_t> read{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      std::string piece(1000, '\0');
      tSize count = 0;
      while ((count = hdfsRead(fs_, in, piece.data(), 1000)) > 0) read += count;
      for (int at = i; at < 400; at += 40) {
        ASSERT_EQ(hdfsPread(fs_, in, at * 1000, piece.data(), 1000), 1000);
        ASSERT_TRUE(piece == std::string_view(bytes).substr(static_cast<size_t>(at) * 1000, 1000));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(read, 400'000);
  hdfsCloseFile(fs_, in);
}

}  // namespace
}  // namespace tusk::testing
