// Files of every interesting size go in and come out the same.
#include "common/storage/crc32c.h"
#include "tests/integration/dfs/cluster_fixture.h"

namespace tusk::testing {
namespace {

constexpr size_t kChunk = 16 << 10, kPacket = 64 << 10, kBlock = 1 << 20;

using Files = ClusterTest;

TEST_F(Files, ComeBackAsTheyWereAroundEveryBorder) {
  StartCluster();
  uint64_t seed = 1;
  for (const size_t border : {size_t{1}, kChunk, kPacket, kBlock, 2 * kBlock}) {
    for (const size_t size : {border - 1, border, border + 1}) {
      SCOPED_TRACE(::testing::Message() << size << " bytes");
      const std::string path = "/f" + std::to_string(size);
      const std::string bytes = Content(++seed, size);
      if (auto exists = fs().Exists(path); exists.ok() && *exists) continue;
      Write(path, bytes);
      EXPECT_EQ(Read(path), bytes);
      auto status = fs().Stat(path);
      ASSERT_TRUE(status.ok());
      EXPECT_EQ(status->length, size);
      EXPECT_FALSE(status->under_construction);
      auto checksum = fs().Checksum(path);
      ASSERT_TRUE(checksum.ok()) << checksum.status();
      EXPECT_EQ(checksum->crc32c, storage::Crc32c(bytes.data(), bytes.size()));
      EXPECT_TRUE(Eventually([&] { return HasReplicas(path, 3); }));
    }
  }
}

TEST_F(Files, MayBeWrittenInAnyPieces) {
  StartCluster();
  const std::string bytes = Content(7, 2 * kBlock + 12345);
  for (const size_t piece : {size_t{997}, kChunk, size_t{100'003}}) {
    const std::string path = "/pieces" + std::to_string(piece);
    Write(path, bytes, piece);
    EXPECT_TRUE(Read(path) == bytes) << piece;
  }
}

TEST_F(Files, MayGetTheirFirstBlockWithTheirCreation) {
  StartCluster();
  for (const size_t size : {size_t{0}, size_t{1}, kChunk, kPacket + 1, 2 * kBlock + 5}) {
    SCOPED_TRACE(::testing::Message() << size << " bytes");
    const std::string path = "/first" + std::to_string(size);
    const std::string bytes = Content(size + 1, size);
    auto out = fs().Create(path, {.bytes_follow = true});
    ASSERT_TRUE(out.ok()) << out.status();
    if (size > 0) {
      ASSERT_TRUE((*out)->Write(bytes).ok());
    }
    const Status closed = (*out)->Close();
    ASSERT_TRUE(closed.ok()) << closed;
    EXPECT_TRUE(Read(path) == bytes);
    auto located = fs().Locate(path, 0, UINT64_MAX);
    ASSERT_TRUE(located.ok()) << located.status();
    EXPECT_EQ(located->blocks.size(), (size + kBlock - 1) / kBlock);
  }
}

TEST_F(Files, MayBeFlushedAnywhere) {
  StartCluster();
  const std::string bytes = Content(8, kBlock + 5000);
  auto out = fs().Create("/flushed", {});
  ASSERT_TRUE(out.ok());
  Random random(3);
  size_t at = 0;
  while (at < bytes.size()) {
    const size_t piece = std::min<size_t>(1 + random.Below(100'000), bytes.size() - at);
    ASSERT_TRUE((*out)->Write(std::string_view(bytes).substr(at, piece)).ok());
    at += piece;
    const Status status = random.OneIn(2) ? (*out)->Flush() : (*out)->Sync();
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ((*out)->position(), at);
  }
  ASSERT_TRUE((*out)->Close().ok());
  EXPECT_TRUE(Read("/flushed") == bytes);
}

TEST_F(Files, CanBeReadAtAnyPosition) {
  StartCluster();
  const std::string bytes = Content(9, 3 * kBlock + 777);
  Write("/f", bytes);
  auto in = fs().Open("/f");
  ASSERT_TRUE(in.ok()) << in.status();
  Random random(4);
  for (int i = 0; i < 200; ++i) {
    const uint64_t offset = random.Below(bytes.size());
    std::string out(1 + random.Below(300'000), '\0');
    const bool positional = random.OneIn(2);
    size_t count = 0;
    if (positional) {
      auto got = (*in)->ReadAt(offset, std::as_writable_bytes(std::span(out)));
      ASSERT_TRUE(got.ok()) << got.status();
      count = *got;
    } else {
      ASSERT_TRUE((*in)->Seek(offset).ok());
      auto got = (*in)->Read(std::as_writable_bytes(std::span(out)));
      ASSERT_TRUE(got.ok()) << got.status();
      count = *got;
      EXPECT_EQ((*in)->position(), offset + count);
    }
    ASSERT_EQ(count, std::min<size_t>(out.size(), bytes.size() - offset));
    ASSERT_TRUE(std::string_view(out).substr(0, count) == std::string_view(bytes).substr(offset, count)) << offset;
  }
  EXPECT_FALSE((*in)->Seek(bytes.size() + 1).ok());
}

TEST_F(Files, SeveralWritersWorkAtOnce) {
  StartCluster();
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([this, i] { Write("/w" + std::to_string(i), Content(static_cast<uint64_t>(i), kBlock + 99)); });
  }
  for (std::thread& writer : writers) writer.join();
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(Read("/w" + std::to_string(i)) == Content(static_cast<uint64_t>(i), kBlock + 99));
  }
}

TEST_F(Files, SurviveARestartOfEverything) {
  StartCluster();
  const std::string bytes = Content(11, kBlock + 1);
  Write("/f", bytes);
  for (int i = 0; i < cluster_->datanodes(); ++i) ASSERT_TRUE(cluster_->KillDataNode(i).ok());
  ASSERT_TRUE(cluster_->RestartNameNode().ok());
  for (int i = 0; i < cluster_->datanodes(); ++i) ASSERT_TRUE(cluster_->RestartDataNode(i).ok());
  ASSERT_TRUE(cluster_->AwaitReady().ok());
  EXPECT_TRUE(Read("/f") == bytes);
  EXPECT_TRUE(Eventually([&] { return HasReplicas("/f", 3); }));
}

}  // namespace
}  // namespace tusk::testing
