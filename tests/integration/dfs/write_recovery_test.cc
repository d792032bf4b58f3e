// Writers go on when DataNodes of their pipeline stop.
#include "tests/integration/dfs/cluster_fixture.h"

namespace tusk::testing {
namespace {

constexpr size_t kBlock = 1 << 20;

class WriteRecovery : public ClusterTest {
 protected:
  // The nodes of the block being written are not public; kill whatever node `which` and see.
  void WriteWithFailure(const std::string& path, int which, size_t fail_at, size_t size) {
    const std::string bytes = Content(fail_at + size, size);
    auto out = fs().Create(path, {});
    ASSERT_TRUE(out.ok()) << out.status();
    ASSERT_TRUE((*out)->Write(std::string_view(bytes).substr(0, fail_at)).ok());
    ASSERT_TRUE((*out)->Flush().ok());
    ASSERT_TRUE(cluster_->KillDataNode(which).ok());
    for (size_t at = fail_at; at < size; at += 50'000) {
      const Status status = (*out)->Write(std::string_view(bytes).substr(at, 50'000));
      ASSERT_TRUE(status.ok()) << status;
    }
    const Status closed = (*out)->Close();
    ASSERT_TRUE(closed.ok()) << closed;
    EXPECT_TRUE(Read(path) == bytes);
  }
};

TEST_F(WriteRecovery, AnyNodeOfThePipelineMayStop) {
  for (int which = 0; which < 3; ++which) {
    SCOPED_TRACE(::testing::Message() << "node " << which);
    StartCluster();
    WriteWithFailure("/f", which, 300'000, kBlock / 2);
  }
}

TEST_F(WriteRecovery, AFlushInTheMiddleOfAChunkIsNoObstacle) {
  StartCluster();
  WriteWithFailure("/f", 1, 12'345, 200'000);
}

TEST_F(WriteRecovery, TheFileGoesOnThroughSeveralBlocksAndHealsLater) {
  StartCluster({.datanodes = 4, .racks = 2, .settings = {}});
  WriteWithFailure("/f", 2, kBlock / 2, 4 * kBlock + 17);
  EXPECT_TRUE(Eventually([&] { return HasReplicas("/f", 3); }));
}

TEST_F(WriteRecovery, OneNodeIsEnoughToFinish) {
  StartCluster();
  const std::string bytes = Content(5, 700'000);
  auto out = fs().Create("/f", {});
  ASSERT_TRUE(out.ok());
  ASSERT_TRUE((*out)->Write(std::string_view(bytes).substr(0, 200'000)).ok());
  ASSERT_TRUE((*out)->Flush().ok());
  ASSERT_TRUE(cluster_->KillDataNode(0).ok());
  ASSERT_TRUE((*out)->Write(std::string_view(bytes).substr(200'000, 200'000)).ok());
  ASSERT_TRUE((*out)->Flush().ok());
  ASSERT_TRUE(cluster_->KillDataNode(1).ok());
  ASSERT_TRUE((*out)->Write(std::string_view(bytes).substr(400'000)).ok());
  const Status closed = (*out)->Close();
  ASSERT_TRUE(closed.ok()) << closed;
  EXPECT_TRUE(Read("/f") == bytes);
}

TEST_F(WriteRecovery, WithoutAnyNodeTheWriteFailsAndSaysWhy) {
  StartCluster({.datanodes = 2, .racks = 1, .settings = {{"dfs.replication", "2"}, {"dfs.data_timeout", "1s"}}});
  auto out = fs().Create("/f", {});
  ASSERT_TRUE(out.ok());
  ASSERT_TRUE((*out)->Write(std::string(100'000, 'x')).ok());
  ASSERT_TRUE((*out)->Flush().ok());
  ASSERT_TRUE(cluster_->KillDataNode(0).ok());
  ASSERT_TRUE(cluster_->KillDataNode(1).ok());
  Status status = (*out)->Write(std::string(100'000, 'y'));
  if (status.ok()) status = (*out)->Close();
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.message().find("/f"), std::string::npos) << status;
  EXPECT_FALSE((*out)->Close().ok()) << "an error sticks";
}

TEST_F(WriteRecovery, ANodeThatCannotBeReachedIsLeftOutOfTheNextPipeline) {
  StartCluster({.datanodes = 4, .racks = 2, .settings = {{"dfs.datanode_dead_after", "60s"}}});
  ASSERT_TRUE(cluster_->KillDataNode(3).ok());  // the NameNode still believes in it
  for (int i = 0; i < 4; ++i) {
    const std::string path = "/f" + std::to_string(i);
    const std::string bytes = Content(static_cast<uint64_t>(i), 100'000);
    Write(path, bytes);
    EXPECT_TRUE(Read(path) == bytes);
  }
}

TEST_F(WriteRecovery, AWriterWaitsOutARestartOfTheNameNode) {
  StartCluster();
  const std::string bytes = Content(6, 3 * kBlock);
  auto out = fs().Create("/f", {});
  ASSERT_TRUE(out.ok());
  ASSERT_TRUE((*out)->Write(std::string_view(bytes).substr(0, kBlock + 1000)).ok());
  ASSERT_TRUE(cluster_->RestartNameNode().ok());
  ASSERT_TRUE((*out)->Write(std::string_view(bytes).substr(kBlock + 1000)).ok());
  const Status closed = (*out)->Close();
  ASSERT_TRUE(closed.ok()) << closed;
  EXPECT_TRUE(Read("/f") == bytes);
}

}  // namespace
}  // namespace tusk::testing
