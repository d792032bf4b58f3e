// The client's side of the data port, step by step, so that a test can stop anywhere.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <optional>
#include <vector>

#include "common/net/message_stream.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/data_transfer.capnp.h"
#include "dfs/protocol/packet.h"
#include "tests/integration/datanode/fake_namenode.h"

namespace tusk::dfs {

struct SetUpReply {
  Code code = Code::kOk;
  std::string message;
  uint64_t failed_node = 0;
  uint64_t block_length = 0;
};

class DataClient {
 public:
  static constexpr uint32_t kChunk = 512;

  explicit DataClient(const DataNodeInfo& node) {
    auto connected = net::Socket::Connect({node.host, node.data_port}, std::chrono::seconds(5));
    EXPECT_TRUE(connected.ok()) << connected.status();
    if (connected.ok()) socket_ = std::move(connected).value();
    EXPECT_TRUE(socket_.SetTimeout(std::chrono::seconds(10)).ok());
  }

  net::Socket& socket() { return socket_; }

  // Everything is allowed, unless a test takes it away.
  static std::string Token(BlockId block, uint8_t modes = kReadAccess | kWriteAccess | kCopyAccess) {
    return MintToken({.expires_ms = TestKey().expires_ms, .block = block, .modes = modes, .user = "test"}, TestKey());
  }
  void UseToken(std::string token) { token_ = std::move(token); }  // from now on

  struct WriteOptions {
    wire::WriteBlock::Stage stage = wire::WriteBlock::Stage::CREATE;
    uint64_t resume_at = 0;
    Generation old_generation = {};
    std::span<const std::byte> whole = {};  // all of the block, in the request's wake
  };
  SetUpReply BeginWrite(const Block& block, const std::vector<DataNodeInfo>& below, const WriteOptions& options) {
    capnp::MallocMessageBuilder message;
    auto write = NewRequest(message, block.id).initWrite();
    ToWire(block, write.initBlock());
    write.setStage(options.stage);
    write.setChunkBytes(kChunk);
    write.setResumeAt(options.resume_at);
    write.setOldGeneration(options.old_generation.value());
    write.setClient("test");
    auto targets = write.initTargets(static_cast<uint32_t>(below.size()));
    for (uint32_t i = 0; i < below.size(); ++i) ToWire(below[i], targets[i]);
    write.setWhole(!options.whole.empty());
    EXPECT_TRUE(net::WriteMessage(socket_, message).ok());
    sequence_ = 0;
    if (!options.whole.empty()) {
      EXPECT_TRUE(SendPacket(0, options.whole, kLastPacket).ok());
    }
    return ReadReply();
  }
  SetUpReply BeginWrite(const Block& block, const std::vector<DataNodeInfo>& below) { return BeginWrite(block, below, {}); }

  Status SendPacket(uint64_t offset, std::span<const std::byte> data, uint16_t flags, bool damage = false) {
    auto crcs = datanode::ComputeChunks(data, offset, kChunk);
    if (damage) crcs[0] ^= std::byte{1};
    PacketHeader header;
    header.payload_bytes = static_cast<uint32_t>(data.size());
    header.checksum_count = static_cast<uint32_t>(crcs.size() / 4);
    header.offset = offset;
    header.sequence = sequence_++;
    header.flags = flags;
    std::array<std::byte, kPacketHeaderBytes> head{};
    EncodePacketHeader(header, head);
    std::array<iovec, 3> parts{iovec{head.data(), head.size()}, iovec{crcs.data(), crcs.size()},
                               iovec{const_cast<std::byte*>(data.data()), data.size()}};
    return socket_.WriteFully(std::span<iovec>(parts));
  }

  uint64_t signs_of_life() const { return signs_of_life_; }  // that came instead of acks; any thread
  Result<Ack> ReadAck() {
    std::array<std::byte, kAckBytes> bytes{};
    while (true) {
      if (Status read = socket_.ReadFully(bytes); !read.ok()) return read;
      auto ack = DecodeAck(bytes);
      if (!ack.ok() || !ack->sign_of_life()) return ack;
      ++signs_of_life_;
    }
  }

  // Packets of at most `step` bytes from `from` to the end, the last one flagged; every ack must be ok.
  void WriteRest(std::span<const std::byte> data, uint64_t from, size_t step) {
    uint64_t packets = 0;
    for (uint64_t at = from;; ++packets) {
      const size_t n = std::min<size_t>(step, data.size() - at);
      const bool last = at + n == data.size();
      ASSERT_TRUE(SendPacket(at, data.subspan(at, n), last ? uint16_t{kLastPacket} : uint16_t{0}).ok());
      at += n;
      if (last) break;
    }
    for (uint64_t i = 0; i <= packets; ++i) {
      const auto ack = ReadAck();
      ASSERT_TRUE(ack.ok()) << ack.status();
      ASSERT_EQ(ack->code, Code::kOk) << "packet " << i << " failed " << ack->failed << " nodes below";
      ASSERT_EQ(ack->sequence, i);
    }
  }

  // Verified bytes of [offset, offset + length), cut to what was asked for.
  Result<std::vector<std::byte>> Read(const Block& block, uint64_t offset, uint64_t length) {
    capnp::MallocMessageBuilder message;
    auto read = NewRequest(message, block.id).initRead();
    ToWire(block, read.initBlock());
    read.setOffset(offset);
    read.setLength(length);
    if (Status sent = net::WriteMessage(socket_, message); !sent.ok()) return sent;
    auto received = net::ReadMessage(socket_, net::kMaxMessageBytes, std::chrono::seconds(10));
    if (!received.ok()) return received.status();
    const auto reply = received->As<wire::DataReply>();
    if (reply.getCode() != 0) return Status(static_cast<Code>(reply.getCode()), reply.getMessage().cStr());
    const uint64_t first = reply.getFirstOffset();
    const uint32_t chunk = reply.getChunkBytes();
    std::vector<std::byte> bytes;
    for (bool last = false; !last;) {
      std::array<std::byte, kPacketHeaderBytes> head{};
      if (Status got = socket_.ReadFully(head); !got.ok()) return got;
      const auto header = DecodePacketHeader(head);
      if (!header.ok()) return header.status();
      if (header->offset != first + bytes.size()) return Corruption("a packet out of order");
      std::vector<std::byte> crcs(4 * size_t{header->checksum_count}), payload(header->payload_bytes);
      if (Status got = socket_.ReadFully(crcs); !got.ok()) return got;
      if (Status got = socket_.ReadFully(payload); !got.ok()) return got;
      if (Status good = datanode::VerifyChunks(payload, header->offset, chunk, crcs); !good.ok()) return good;
      bytes.insert(bytes.end(), payload.begin(), payload.end());
      last = header->last();
    }
    const uint64_t skip = std::min<uint64_t>(offset - first, bytes.size());
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(skip));
    bytes.resize(std::min<uint64_t>(bytes.size(), length));
    return bytes;
  }

  Result<uint32_t> Checksum(const Block& block) {
    capnp::MallocMessageBuilder message;
    ToWire(block, NewRequest(message, block.id).initChecksum().initBlock());
    if (Status sent = net::WriteMessage(socket_, message); !sent.ok()) return sent;
    auto received = net::ReadMessage(socket_, net::kMaxMessageBytes, std::chrono::seconds(10));
    if (!received.ok()) return received.status();
    const auto reply = received->As<wire::DataReply>();
    if (reply.getCode() != 0) return Status(static_cast<Code>(reply.getCode()), reply.getMessage().cStr());
    return reply.getCrc32c();
  }

 private:
  wire::DataRequest::Builder NewRequest(capnp::MallocMessageBuilder& message, BlockId block) const {
    auto request = message.initRoot<wire::DataRequest>();
    const std::string token = token_.value_or(Token(block));
    request.setToken(AsData(token));
    return request;
  }

  SetUpReply ReadReply() {
    auto received = net::ReadMessage(socket_, net::kMaxMessageBytes, std::chrono::seconds(10));
    if (!received.ok()) return {received.status().code(), received.status().message(), 0, 0};
    const auto reply = received->As<wire::DataReply>();
    return {static_cast<Code>(reply.getCode()), reply.getMessage().cStr(), reply.getFailedNode(), reply.getBlockLength()};
  }

  net::Socket socket_;
  std::optional<std::string> token_;
  uint64_t sequence_ = 0;
  std::atomic<uint64_t> signs_of_life_ = 0;
};

}  // namespace tusk::dfs
