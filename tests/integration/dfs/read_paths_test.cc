// The ways a client reads: from a DataNode's files, over the network, several ranges at once; and what it may not read.
#include <atomic>
#include <filesystem>

#include "common/fault/fault.h"
#include "common/net/message_stream.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/data_transfer.capnp.h"
#include "dfs/protocol/settings.h"
#include "tests/integration/dfs/cluster_fixture.h"

namespace tusk::testing {
namespace {

constexpr size_t kBlock = 1 << 20;

class ReadPaths : public ClusterTest {
 protected:
  std::shared_ptr<dfs::FileSystem> Client(bool local_reads) {
    auto options = dfs::ClientOptions::FromConfig(cluster_->config());
    EXPECT_TRUE(options.ok());
    options->local_reads = local_reads;
    auto made = dfs::FileSystem::Connect(*options);
    EXPECT_TRUE(made.ok());
    return *made;
  }

  static Code Ask(const dfs::DataNodeInfo& node, const dfs::LocatedBlock& block, const std::string& token) {
    auto socket = net::Socket::Connect({node.host, node.data_port}, std::chrono::seconds(5));
    EXPECT_TRUE(socket.ok()) << socket.status();
    capnp::MallocMessageBuilder message;
    auto request = message.initRoot<dfs::wire::DataRequest>();
    request.setToken(dfs::AsData(token));
    auto read = request.initRead();
    dfs::ToWire(block.block, read.initBlock());
    read.setLength(1);
    EXPECT_TRUE(net::WriteMessage(*socket, message).ok());
    auto received = net::ReadMessage(*socket);
    EXPECT_TRUE(received.ok()) << received.status();
    return received.ok() ? static_cast<Code>(received->As<dfs::wire::DataReply>().getCode()) : Code::kInternal;
  }
};

TEST_F(ReadPaths, GiveTheSameBytes) {
  StartCluster();
  const std::string bytes = Content(1, 3 * kBlock + 12'345);
  Write("/f", bytes);
  for (const bool local : {true, false}) {
    auto client = Client(local);
    const auto read = dfs::ReadWholeFile(*client, "/f", UINT64_MAX);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(*read == bytes) << local;
    auto in = client->Open("/f");
    ASSERT_TRUE(in.ok());
    Random random(7);
    for (int i = 0; i < 200; ++i) {
      const uint64_t offset = random.Below(bytes.size() + 10);
      std::string piece(random.Below(random.OneIn(4) ? 2 * kBlock : 9'000), '\0');
      const auto count = (*in)->ReadAt(offset, std::as_writable_bytes(std::span(piece)));
      ASSERT_TRUE(count.ok()) << count.status();
      piece.resize(*count);
      ASSERT_TRUE(piece == bytes.substr(std::min<uint64_t>(offset, bytes.size()), piece.size())) << offset;
      ASSERT_TRUE(offset + piece.size() >= bytes.size() || !piece.empty() || *count == 0);
    }
  }
}

TEST_F(ReadPaths, ManyRangesAtOnceAreEachFilled) {
  StartCluster();
  const std::string bytes = Content(2, 4 * kBlock + 777);
  Write("/f", bytes);
  for (const bool local : {true, false}) {
    auto in = Client(local)->Open("/f");
    ASSERT_TRUE(in.ok());
    Random random(3);
    std::vector<std::string> pieces;
    std::vector<dfs::ReadRange> ranges;
    for (int i = 0; i < 60; ++i) pieces.emplace_back(random.Below(50'000), '\0');
    for (std::string& piece : pieces) {
      ranges.push_back({.offset = random.Below(bytes.size()), .out = std::as_writable_bytes(std::span(piece))});
    }
    ranges.push_back({.offset = bytes.size() + 5, .out = std::as_writable_bytes(std::span(pieces[0]))});
    const Status read = (*in)->ReadVec(ranges);
    ASSERT_TRUE(read.ok()) << read;
    EXPECT_EQ(ranges.back().done, 0u);
    ranges.pop_back();
    for (size_t i = 0; i < ranges.size(); ++i) {
      const size_t expected = std::min<uint64_t>(pieces[i].size(), bytes.size() - ranges[i].offset);
      ASSERT_EQ(ranges[i].done, expected) << i;
      EXPECT_TRUE(pieces[i].substr(0, expected) == bytes.substr(ranges[i].offset, expected)) << i;
    }
  }
}

#ifdef TUSK_FAULTS
TEST_F(ReadPaths, ALocalReaderNeedsNoPackets) {
  StartCluster();
  const std::string bytes = Content(5, 2 * kBlock + 99);
  Write("/f", bytes);
  std::atomic<int> packets_asked = 0;
  fault::Arm("datanode.before_read", [&] {
    ++packets_asked;
    return OkStatus();
  });
  const auto local = dfs::ReadWholeFile(*Client(true), "/f", UINT64_MAX);
  EXPECT_EQ(packets_asked, 0);
  const auto remote = dfs::ReadWholeFile(*Client(false), "/f", UINT64_MAX);
  EXPECT_GT(packets_asked, 0);
  fault::DisarmAll();
  ASSERT_TRUE(local.ok() && remote.ok());
  EXPECT_TRUE(*local == bytes && *remote == bytes);
}
#endif

TEST_F(ReadPaths, ALocalReaderFallsBackToTheNetworkWhenTheSocketIsGone) {
  StartCluster();
  const std::string bytes = Content(3, kBlock + 5);
  Write("/f", bytes);
  for (int i = 0; i < cluster_->datanodes(); ++i) std::filesystem::remove(cluster_->datanode(i).local_socket);
  const auto read = dfs::ReadWholeFile(*Client(true), "/f", UINT64_MAX);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(*read == bytes);
}

TEST_F(ReadPaths, ADataNodeServesNobodyWithoutAToken) {
  StartCluster();
  Write("/a", "one");
  Write("/b", "two");
  const auto a = fs().Locate("/a"), b = fs().Locate("/b");
  ASSERT_TRUE(a.ok() && b.ok());
  const dfs::LocatedBlock& block = a->blocks[0];
  const dfs::DataNodeInfo& node = block.locations[0];
  EXPECT_EQ(Ask(node, block, block.token), Code::kOk);
  EXPECT_EQ(Ask(node, block, ""), Code::kPermissionDenied);
  EXPECT_EQ(Ask(node, block, b->blocks[0].token), Code::kPermissionDenied) << "of another block";
  std::string forged = block.token;
  forged.back() = static_cast<char>(forged.back() ^ 1);
  EXPECT_EQ(Ask(node, block, forged), Code::kPermissionDenied);
}

TEST_F(ReadPaths, AReaderGoesOnWhenTheNameNodeAndADataNodeHaveForgottenTheKeys) {
  StartCluster({.datanodes = 1, .racks = 1, .settings = {{"dfs.replication", "1"}}});
  const std::string bytes = Content(4, 3 * kBlock);
  Write("/f", bytes);
  auto client = Client(false);
  auto in = client->Open("/f");
  ASSERT_TRUE(in.ok());
  std::string read(bytes.size(), '\0');
  auto out = std::as_writable_bytes(std::span(read));
  ASSERT_TRUE((*in)->Read(out.first(1000)).ok());
  // The tokens that the stream holds are signed with keys that nobody knows any more.
  ASSERT_TRUE(cluster_->RestartNameNode().ok());
  ASSERT_TRUE(cluster_->RestartDataNode(0).ok());
  ASSERT_TRUE(cluster_->AwaitReady().ok());
  const auto count = (*in)->ReadAt(0, out);
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ(*count, bytes.size());
  EXPECT_TRUE(read == bytes);
}

TEST_F(ReadPaths, TheChecksumOfHdfsComesFromTheDataNodes) {
  StartCluster();
  std::string bytes(10'000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
  auto out = fs().Create("/f", {.block_size = 4096});
  ASSERT_TRUE(out.ok()) << out.status();
  ASSERT_TRUE((*out)->Write(bytes).ok());
  ASSERT_TRUE((*out)->Close().ok());
  const auto checksum = fs().Checksum("/f", dfs::ChecksumKind::kHdfsMd5);
  ASSERT_TRUE(checksum.ok()) << checksum.status();
  EXPECT_EQ(checksum->algorithm, "MD5-of-8MD5-of-512CRC32C");
  // The same vector as in tests/unit/dfs/protocol/md5_checksum_test.cc.
  EXPECT_EQ(checksum->hdfs, "000002000000000000000008fecb6ff4d45507ae9173090b6e159db7");
}

}  // namespace
}  // namespace tusk::testing
