// Connections over time: idle ones are closed, silent peers noticed, keepalives answered.
#include <poll.h>

#include "common/net/socket.h"
#include "common/rpc/frame.h"
#include "tests/integration/common/echo_fixture.h"

namespace tusk::rpc::test {
namespace {

using namespace std::chrono_literals;
using Links = EchoFixture;

FrameHeader ReadHeader(net::Socket& socket) {
  std::array<std::byte, kFrameHeaderBytes> bytes;
  const Status read = socket.ReadFully(bytes);
  EXPECT_TRUE(read.ok()) << read;
  auto header = DecodeFrameHeader(bytes);
  EXPECT_TRUE(header.ok()) << header.status();
  return header.ok() ? *header : FrameHeader();
}

TEST_F(Links, ServerAnswersAKeepalive) {
  StartServer();
  auto socket = net::Socket::Connect(peer_, 5s);
  ASSERT_TRUE(socket.ok()) << socket.status();
  ASSERT_TRUE(socket->SetTimeout(5s).ok());
  FrameHeader ping;
  ping.flags = kKeepalive;
  ping.request_id = 77;
  std::array<std::byte, kFrameHeaderBytes> bytes;
  EncodeFrameHeader(ping, bytes);
  ASSERT_TRUE(socket->WriteFully(bytes).ok());
  const FrameHeader pong = ReadHeader(*socket);
  EXPECT_EQ(pong.flags, kKeepalive | kReply);
  EXPECT_EQ(pong.request_id, 77U);
}

TEST_F(Links, ServerClosesAConnectionWithoutFrames) {
  server_.reset();
  Server::Options options;
  options.idle_timeout = 30ms;
  server_ = MakeServer(options);
  StartServer();
  auto socket = net::Socket::Connect(peer_, 5s);
  ASSERT_TRUE(socket.ok()) << socket.status();
  ASSERT_TRUE(socket->SetTimeout(5s).ok());
  std::array<std::byte, 1> byte;
  const auto read = socket->ReadSome(byte);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, 0U);
}

// A peer made by hand: accepts one connection and shows what the client does with it.
class HandMadePeer {
 public:
  HandMadePeer() {
    auto listener = net::Listener::Listen({"127.0.0.1", 0});
    EXPECT_TRUE(listener.ok()) << listener.status();
    listener_ = std::move(listener).value();
  }
  net::Endpoint endpoint() const { return {"127.0.0.1", listener_.port()}; }
  net::Socket Accept() {
    auto socket = listener_.Accept();
    EXPECT_TRUE(socket.ok()) << socket.status();
    EXPECT_TRUE(socket->SetTimeout(5s).ok());
    return std::move(socket).value();
  }

 private:
  net::Listener listener_;
};

TEST_F(Links, ClientClosesAConnectionThatNobodyUses) {
  client_options_.idle_timeout = 30ms;
  StartServer();
  HandMadePeer peer;
  peer_ = peer.endpoint();
  CallOptions options;
  options.deadline = 50ms;
  std::thread caller([&] { EXPECT_FALSE(CallNumber(kEcho, 1, options).ok()); });
  net::Socket socket = peer.Accept();
  const FrameHeader request = ReadHeader(socket);
  EXPECT_EQ(request.method, kEcho.id);
  std::vector<std::byte> body(request.body_bytes);
  ASSERT_TRUE(socket.ReadFully(body).ok());
  caller.join();
  std::array<std::byte, 1> byte;
  const auto end = socket.ReadSome(byte);
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(*end, 0U);
}

TEST_F(Links, ClientPingsASilentPeerAndThenGivesItUp) {
  client_options_.keepalive_interval = 30ms;
  HandMadePeer peer;
  peer_ = peer.endpoint();
  CallOptions options;
  options.retry = false;
  std::thread caller([&] {
    const auto number = CallNumber(kEcho, 1, options);
    EXPECT_EQ(number.status().code(), Code::kUnavailable) << number.status();
    EXPECT_NE(number.status().message().find("keepalive"), std::string::npos) << number.status();
  });
  net::Socket socket = peer.Accept();
  std::vector<std::byte> body(ReadHeader(socket).body_bytes);
  ASSERT_TRUE(socket.ReadFully(body).ok());
  EXPECT_EQ(ReadHeader(socket).flags, kKeepalive);
  caller.join();
}

TEST_F(Links, KeepalivesHoldALongCallOpen) {
  client_options_.keepalive_interval = 10ms;
  server_.reset();
  Server::Options options;
  options.idle_timeout = 60ms;
  server_ = MakeServer(options);
  StartServer();
  const auto number = CallNumber(kEcho, 3, {}, 300);
  EXPECT_TRUE(number.ok()) << number.status();
}

TEST_F(Links, ClientRejectsFramesThatAServerMayNotSend) {
  HandMadePeer peer;
  peer_ = peer.endpoint();
  CallOptions options;
  options.retry = false;
  for (const bool unknown_id : {true, false}) {
    std::thread caller([&] {
      const auto number = CallNumber(kEcho, 1, options);
      EXPECT_EQ(number.status().code(), Code::kUnavailable) << number.status();
    });
    net::Socket socket = peer.Accept();
    FrameHeader header = ReadHeader(socket);
    header.flags = unknown_id ? kReply : 0;
    header.deadline_ms = unknown_id ? 0 : 1000;
    header.body_bytes = 8;
    if (unknown_id) header.request_id = 12345;
    std::array<std::byte, kFrameHeaderBytes + 8> bytes{};
    EncodeFrameHeader(header, std::span<std::byte, kFrameHeaderBytes>(bytes.data(), kFrameHeaderBytes));
    EXPECT_TRUE(socket.WriteFully(bytes).ok());
    caller.join();
  }
}

TEST_F(Links, ClientReportsAMalformedReply) {
  HandMadePeer peer;
  peer_ = peer.endpoint();
  std::thread caller([&] {
    const auto number = CallNumber(kEcho, 1);
    EXPECT_EQ(number.status().code(), Code::kCorruption) << number.status();
  });
  net::Socket socket = peer.Accept();
  FrameHeader header = ReadHeader(socket);
  header.flags = kReply;
  header.deadline_ms = 0;
  header.body_bytes = 8;
  std::array<std::byte, kFrameHeaderBytes + 8> bytes;
  bytes.fill(std::byte{0xff});  // a segment table of 2^32 segments
  EncodeFrameHeader(header, std::span<std::byte, kFrameHeaderBytes>(bytes.data(), kFrameHeaderBytes));
  EXPECT_TRUE(socket.WriteFully(bytes).ok());
  caller.join();
}

}  // namespace
}  // namespace tusk::rpc::test
