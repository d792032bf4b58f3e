#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "common/fault/fault.h"
#include "common/storage/crc32c.h"
#include "tests/integration/datanode/datanode_fixture.h"

namespace tusk::dfs {
namespace {

class Pipeline : public DataNodeFixture {
 protected:
  void SetUp() override { StartCluster(3); }
};

TEST_F(Pipeline, StoresABlockOnThreeNodesAndTellsTheNameNode) {
  const auto data = RandomBytes(1, 3'500'000);
  const Block block = MakeBlock(7, 100, data.size());
  DataClient client(info(0));
  const auto reply = client.BeginWrite(MakeBlock(7, 100), {info(1), info(2)});
  ASSERT_EQ(reply.code, Code::kOk) << reply.message;
  client.WriteRest(data, 0, kMaxPacketBytes);
  for (int i = 0; i < 3; ++i) {
    ExpectReplica(i, block, data);
    EXPECT_TRUE(Eventually([&] { return namenode_->Has(info(i).id, block); })) << "node " << i;
  }
}

TEST_F(Pipeline, ServesBlocksOneAfterAnotherOnOneConnection) {
  DataClient client(info(0));
  for (uint64_t id = 1; id <= 20; ++id) {
    const auto data = RandomBytes(id, id * 333);
    ASSERT_EQ(client.BeginWrite(MakeBlock(id, 1), {info(1)}).code, Code::kOk);
    client.WriteRest(data, 0, 1000);
    const auto read = client.Read(MakeBlock(id, 1), 0, data.size());
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, data);
  }
}

TEST_F(Pipeline, ReadsAnyRange) {
  const auto data = RandomBytes(1, 2'100'000);
  DataClient client(info(0));
  ASSERT_EQ(client.BeginWrite(MakeBlock(7, 100), {}).code, Code::kOk);
  client.WriteRest(data, 0, 300'000);
  const std::vector<std::pair<uint64_t, uint64_t>> ranges = {{0, 1},           {511, 2},       {512, 512},      {1000, 1'500'000},
                                                             {2'099'999, 100}, {2'100'000, 5}, {0, UINT64_MAX}, {7, 0}};
  for (const auto& [offset, length] : ranges) {
    const auto read = client.Read(MakeBlock(7, 0), offset, length);
    ASSERT_TRUE(read.ok()) << read.status() << " at " << offset;
    const uint64_t expected = std::min<uint64_t>(length, data.size() - offset);
    ASSERT_EQ(read->size(), expected) << offset << "+" << length;
    EXPECT_TRUE(std::equal(read->begin(), read->end(), data.begin() + static_cast<std::ptrdiff_t>(offset)));
  }
  EXPECT_EQ(client.Read(MakeBlock(7, 0), 2'100'001, 1).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(client.Read(MakeBlock(8, 0), 0, 1).status().code(), Code::kNotFound);
  const auto crc = client.Checksum(MakeBlock(7, 100));
  ASSERT_TRUE(crc.ok()) << crc.status();
  EXPECT_EQ(*crc, storage::Crc32c(data));
}

TEST_F(Pipeline, NamesTheNodeThatCannotBeSetUp) {
  const DataNodeInfo gone = info(2);
  node(2).Stop();
  DataClient client(info(0));
  const auto reply = client.BeginWrite(MakeBlock(7, 100), {info(1), gone});
  EXPECT_NE(reply.code, Code::kOk);
  EXPECT_EQ(reply.failed_node, gone.id.value());
  EXPECT_FALSE(node(0).store().StateOf(BlockId(7)).has_value()) << "nothing of it is left";
  EXPECT_EQ(client.BeginWrite(MakeBlock(7, 100), {info(1)}).code, Code::kOk) << "the connection is still good: " << reply.message;
}

TEST_F(Pipeline, TellsHowFarBelowANodeDied) {
  for (const int victim : {2, 1}) {
    const uint64_t id = 10 + static_cast<uint64_t>(victim);
    const auto data = RandomBytes(1, 100'000);
    DataClient client(info(0));
    std::vector<DataNodeInfo> below;
    for (int i = 1; i <= victim; ++i) below.push_back(info(i));
    ASSERT_EQ(client.BeginWrite(MakeBlock(id, 100), below).code, Code::kOk);
    ASSERT_TRUE(client.SendPacket(0, data, 0).ok());
    const auto first = client.ReadAck();
    ASSERT_TRUE(first.ok());
    ASSERT_EQ(first->code, Code::kOk);
    node(victim).Stop();
    Result<Ack> ack = *first;
    for (uint64_t at = data.size(); ack.ok() && ack->code == Code::kOk; at += data.size()) {
      ASSERT_TRUE(client.SendPacket(at, data, 0).ok());
      ack = client.ReadAck();
    }
    ASSERT_TRUE(ack.ok()) << ack.status();
    EXPECT_EQ(ack->failed, victim) << CodeName(ack->code);
    EXPECT_EQ(node(0).store().StateOf(BlockId(id)), datanode::ReplicaState::kBeingWritten) << "kept for the recovery";
  }
}

TEST_F(Pipeline, StoresABlockThatComesWithItsRequest) {
  DataClient client(info(0));
  for (const size_t bytes : {size_t{10'000}, size_t{300'000}}) {  // packed, and in files
    const auto data = RandomBytes(1, bytes);
    const Block block = MakeBlock(bytes, 100, data.size());
    const auto reply = client.BeginWrite(MakeBlock(bytes, 100), {info(1), info(2)}, {.whole = data});
    ASSERT_EQ(reply.code, Code::kOk) << reply.message;
    const auto ack = client.ReadAck();
    ASSERT_TRUE(ack.ok()) << ack.status();
    EXPECT_EQ(ack->code, Code::kOk);
    EXPECT_EQ(ack->sequence, 0u);
    for (int i = 0; i < 3; ++i) {
      ExpectReplica(i, block, data);
      EXPECT_TRUE(Eventually([&] { return namenode_->Has(info(i).id, block); })) << "node " << i;
    }
  }
}

TEST_F(Pipeline, KeepsNothingOfAWholeBlockThatANodeBelowCannotTake) {
  const auto data = RandomBytes(1, 10'000);
  const DataNodeInfo gone = info(2);
  node(2).Stop();
  DataClient client(info(0));
  const auto reply = client.BeginWrite(MakeBlock(7, 100), {info(1), gone}, {.whole = data});
  EXPECT_NE(reply.code, Code::kOk);
  EXPECT_EQ(reply.failed_node, gone.id.value());
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(node(i).store().StateOf(BlockId(7)).has_value()) << "node " << i;
  const auto second = client.BeginWrite(MakeBlock(8, 100), {info(1)}, {.whole = data});
  EXPECT_EQ(second.code, Code::kOk) << "the connection is still good: " << second.message;
  EXPECT_EQ(client.ReadAck()->code, Code::kOk);
}

TEST_F(Pipeline, RefusesAWholeBlockThatIsThereAlready) {
  const auto data = RandomBytes(1, 10'000);
  DataClient first(info(0));
  ASSERT_EQ(first.BeginWrite(MakeBlock(7, 100), {info(1)}, {.whole = data}).code, Code::kOk);
  ASSERT_EQ(first.ReadAck()->code, Code::kOk);
  DataClient second(info(0));
  EXPECT_EQ(second.BeginWrite(MakeBlock(7, 100), {info(1)}, {.whole = data}).code, Code::kAlreadyExists);
  for (int i = 0; i < 2; ++i) ExpectReplica(i, MakeBlock(7, 100, data.size()), data);
}

#ifdef TUSK_FAULTS
TEST_F(Pipeline, ANodeWithASlowDiskGivesSignsOfLifeAndIsWaitedFor) {
  const auto data = RandomBytes(1, 100'000);
  DataClient client(info(0));
  ASSERT_EQ(client.BeginWrite(MakeBlock(7, 100), {info(1), info(2)}).code, Code::kOk);
  ASSERT_TRUE(client.SendPacket(0, data, 0).ok());
  ASSERT_EQ(client.ReadAck()->code, Code::kOk);
  std::atomic<int> hits{0};
  constexpr uint64_t kSigns = 12;  // each after at least an eighth of dfs.peer_silence
  fault::Arm("datanode.finalize", [&] {
    if (hits++ == 0) Eventually([&client] { return client.signs_of_life() >= kSigns; });
    return OkStatus();
  });
  ASSERT_TRUE(client.SendPacket(data.size(), data, kLastPacket).ok());
  const auto ack = client.ReadAck();
  fault::DisarmAll();
  ASSERT_TRUE(ack.ok()) << ack.status();
  EXPECT_EQ(ack->code, Code::kOk) << ack->failed << " nodes below";
  EXPECT_GE(client.signs_of_life(), kSigns) << "longer than dfs.peer_silence without an ack";
}
#endif

TEST_F(Pipeline, ASetUpThatTakesLongGivesSignsOfLife) {
  // Somebody who takes the request of the pipeline's second node and never answers, as a node that hangs does.
  auto silent = net::Listener::Listen({"127.0.0.1", 0});
  ASSERT_TRUE(silent.ok());
  DataNodeInfo hung = info(1);
  hung.data_port = silent->port();
  DataClient client(info(0));
  const auto begin = std::chrono::steady_clock::now();
  const auto reply = client.BeginWrite(MakeBlock(7, 100), {hung});
  EXPECT_EQ(reply.code, Code::kDeadlineExceeded) << reply.message;
  EXPECT_EQ(reply.failed_node, hung.id.value());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(2500)) << "dfs.data_timeout is 5 s here";
}

TEST_F(Pipeline, ANodeThatFallsSilentIsNamedAfterDfsPeerSilence) {
  auto silent = net::Listener::Listen({"127.0.0.1", 0});
  ASSERT_TRUE(silent.ok());
  DataNodeInfo hung = info(2);
  hung.data_port = silent->port();
  std::thread answers_only_the_set_up([&] {
    auto peer = silent->Accept();
    ASSERT_TRUE(peer.ok());
    ASSERT_TRUE(net::ReadMessage(*peer).ok());
    capnp::MallocMessageBuilder message;
    message.initRoot<wire::DataReply>().setChunkBytes(DataClient::kChunk);
    ASSERT_TRUE(net::WriteMessage(*peer, message).ok());
    ASSERT_TRUE(peer->SetTimeout(std::chrono::seconds(10)).ok());
    std::array<std::byte, 4096> taken;
    auto got = peer->ReadSome(taken);
    while (got.ok() && *got > 0) got = peer->ReadSome(taken);  // and says nothing, until the other one has had enough
  });
  DataClient client(info(0));
  EXPECT_EQ(client.BeginWrite(MakeBlock(7, 100), {info(1), hung}).code, Code::kOk);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(client.SendPacket(0, RandomBytes(1, 100'000), 0).ok());
  const auto ack = client.ReadAck();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(2500)) << "dfs.data_timeout is 5 s here";
  answers_only_the_set_up.join();
  ASSERT_TRUE(ack.ok()) << ack.status();
  EXPECT_EQ(ack->code, Code::kDeadlineExceeded);
  EXPECT_EQ(ack->failed, 2);
}

TEST_F(Pipeline, RecoversOnTheSurvivors) {
  const auto data = RandomBytes(1, 1'000'000);
  {
    DataClient client(info(0));
    ASSERT_EQ(client.BeginWrite(MakeBlock(7, 100), {info(1), info(2)}).code, Code::kOk);
    ASSERT_TRUE(client.SendPacket(0, std::span(data).first(500'000), 0).ok());
    ASSERT_EQ(client.ReadAck()->code, Code::kOk);
    ASSERT_TRUE(client.SendPacket(500'000, std::span(data).subspan(500'000, 100'000), 0).ok());
    node(1).Stop();
  }
  DataClient client(info(0));
  const auto reply =
      client.BeginWrite(MakeBlock(7, 101), {info(2)}, {wire::WriteBlock::Stage::RECOVER, 500'000, Generation(100)});
  ASSERT_EQ(reply.code, Code::kOk) << reply.message;
  EXPECT_EQ(reply.block_length, 500'000u);
  client.WriteRest(data, 500'000, 123'457);
  ExpectReplica(0, MakeBlock(7, 101), data);
  ExpectReplica(2, MakeBlock(7, 101), data);
  EXPECT_TRUE(Eventually([&] { return namenode_->Has(info(2).id, MakeBlock(7, 101, data.size())); }));
}

TEST_F(Pipeline, AcknowledgesAFlushOfAFewBytesWhenTheyAreInFiles) {
  const auto data = RandomBytes(1, 300);
  DataClient client(info(0));
  ASSERT_EQ(client.BeginWrite(MakeBlock(7, 100), {info(1), info(2)}).code, Code::kOk);
  ASSERT_TRUE(client.SendPacket(0, data, 0).ok());
  ASSERT_EQ(client.ReadAck()->code, Code::kOk);
  for (int i = 0; i < 3; ++i) {
    std::error_code error;
    EXPECT_EQ(std::filesystem::file_size(root_ + "/dn" + std::to_string(i) + "/rbw/blk_7", error), 300u) << error.message();
  }
}

TEST_F(Pipeline, RecoversAfterSomeNodesHaveFinalized) {
  const auto data = RandomBytes(1, 50'000);
  for (int i = 0; i < 2; ++i) {
    DataClient client(info(i));
    ASSERT_EQ(client.BeginWrite(MakeBlock(7, 100), {}).code, Code::kOk);
    client.WriteRest(data, 0, 10'000);
  }
  DataClient client(info(0));
  ASSERT_EQ(client.BeginWrite(MakeBlock(7, 101), {info(1)}, {wire::WriteBlock::Stage::RECOVER, 40'000, Generation(100)}).code,
            Code::kOk);
  client.WriteRest(data, 40'000, 10'000);
  for (int i = 0; i < 2; ++i) ExpectReplica(i, MakeBlock(7, 101), data);
}

TEST_F(Pipeline, RefusesAPacketWithAWrongChecksumAndStoresNothingOfIt) {
  const auto data = RandomBytes(1, 10'000);
  DataClient client(info(0));
  ASSERT_EQ(client.BeginWrite(MakeBlock(7, 100), {info(1)}).code, Code::kOk);
  ASSERT_TRUE(client.SendPacket(0, data, 0).ok());
  ASSERT_EQ(client.ReadAck()->code, Code::kOk);
  ASSERT_TRUE(client.SendPacket(data.size(), data, kLastPacket, true).ok());
  const auto ack = client.ReadAck();
  ASSERT_TRUE(ack.ok()) << ack.status();
  EXPECT_EQ(ack->code, Code::kCorruption);
  EXPECT_FALSE(client.ReadAck().ok()) << "after an error nothing more follows";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(node(i).store().finalized_count(), 0u);
}

TEST_F(Pipeline, SurvivesGarbageOnTheDataPort) {
  Random random(1);
  for (int round = 0; round < 60; ++round) {
    DataClient client(info(0));
    std::vector<std::byte> garbage = RandomBytes(random(), 1 + random.Below(3000));
    if (round % 3 == 0) {  // a plausible length, then garbage
      const auto length = static_cast<uint32_t>((garbage.size() - 1) / 8 * 8);
      if (garbage.size() >= 4) std::memcpy(garbage.data(), &length, 4);
    }
    if (round % 3 == 1 && client.BeginWrite(MakeBlock(1000 + static_cast<uint64_t>(round), 1), {info(1)}).code == Code::kOk) {
      if (round % 2 == 0) {  // a header that asks for more than a packet may have
        PacketHeader header;
        header.payload_bytes = 0xFFFFFFF0;
        header.checksum_count = 0xFFFFFFF0;
        garbage.resize(kPacketHeaderBytes);
        EncodePacketHeader(header, std::span(garbage).first<kPacketHeaderBytes>());
      }
    }
    client.socket().WriteFully(garbage).ok();
    client.socket().Shutdown();
  }
  DataClient huge(info(0));
  const uint32_t length = 0xFFFFFFF8;
  ASSERT_TRUE(huge.socket().WriteFully(std::as_bytes(std::span(&length, 1))).ok());
  EXPECT_FALSE(huge.ReadAck().ok()) << "the connection is closed, no memory is taken";
  const auto data = RandomBytes(1, 10'000);
  DataClient client(info(0));
  ASSERT_EQ(client.BeginWrite(MakeBlock(7, 100), {info(1), info(2)}).code, Code::kOk);
  client.WriteRest(data, 0, 3000);
}

TEST_F(Pipeline, RefusesAZeroIdAndAWrongChunkSize) {
  DataClient client(info(0));
  EXPECT_EQ(client.BeginWrite(MakeBlock(0, 1), {}).code, Code::kInvalidArgument);
  EXPECT_EQ(client.BeginWrite(MakeBlock(7, 0), {}).code, Code::kInvalidArgument);
  EXPECT_EQ(client.BeginWrite(MakeBlock(7, 1), {}).code, Code::kOk);
}

}  // namespace
}  // namespace tusk::dfs
