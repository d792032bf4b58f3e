// Bytes that no client of ours would send. Whatever comes, the server answers the next honest call.
#include "common/net/socket.h"
#include "common/rpc/frame.h"
#include "tests/integration/common/echo_fixture.h"

namespace tusk::rpc::test {
namespace {

using namespace std::chrono_literals;

class Hostile : public EchoFixture {
 protected:
  net::Socket Connect() {
    auto socket = net::Socket::Connect(peer_, 5s);
    EXPECT_TRUE(socket.ok()) << socket.status();
    EXPECT_TRUE(socket->SetTimeout(5s).ok());
    return std::move(socket).value();
  }
  // Reads until the server closes; the bytes that came.
  static size_t Drain(net::Socket& socket) {
    std::vector<std::byte> buffer(64 * 1024);
    size_t total = 0;
    for (;;) {
      const auto n = socket.ReadSome(buffer);
      if (!n.ok() || *n == 0) return total;
      total += *n;
    }
  }
  void ExpectAlive() {
    const auto number = CallNumber(kEcho, 9);
    EXPECT_TRUE(number.ok()) << number.status();
  }
  static std::vector<std::byte> Frame(FrameHeader header, std::span<const std::byte> body) {
    header.body_bytes = static_cast<uint32_t>(body.size());
    std::vector<std::byte> bytes(kFrameHeaderBytes);
    EncodeFrameHeader(header, std::span<std::byte, kFrameHeaderBytes>(bytes.data(), kFrameHeaderBytes));
    bytes.insert(bytes.end(), body.begin(), body.end());
    return bytes;
  }
  static FrameHeader Request() {
    FrameHeader header;
    header.method = kEcho.id;
    header.request_id = 1;
    header.deadline_ms = 1000;
    return header;
  }
};

TEST_F(Hostile, RandomBytesDoNotHarmTheServer) {
  StartServer();
  const uint64_t seed = SecureRandom64();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 100; ++round) {
    net::Socket socket = Connect();
    std::vector<std::byte> bytes(24 + random.Below(4000));
    for (auto& byte : bytes) byte = static_cast<std::byte>(random());
    (void)socket.WriteFully(bytes);  // the server may close first
    socket.Shutdown();
  }
  ExpectAlive();
}

TEST_F(Hostile, RandomBodiesBehindGoodHeadersDoNotHarmTheServer) {
  const Method<Echo, Echo> read_all{50, "readAll", Repeat::kSafe};
  server_->Handle(read_all, [](const CallContext&, Echo::Reader request, Echo::Builder reply) -> Task<Status> {
    reply.setNumber(request.getNumber() + request.getSleepMs() + request.getFailCode());
    reply.setData(request.getData());
    co_return OkStatus();
  });
  StartServer();
  FrameHeader header = Request();
  header.method = read_all.id;
  const uint64_t seed = SecureRandom64();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 300; ++round) {
    net::Socket socket = Connect();
    std::vector<std::byte> body((1 + random.Below(40)) * 8);
    for (auto& byte : body) byte = random.OneIn(3) ? static_cast<std::byte>(random()) : std::byte{0};
    if (random.OneIn(2)) std::fill_n(body.begin(), std::min<size_t>(8, body.size()), std::byte{0});
    if (body.size() > 8) body[4] = static_cast<std::byte>(body.size() / 8 - 1);  // often a segment of the right size
    ASSERT_TRUE(socket.WriteFully(Frame(header, body)).ok());
    std::array<std::byte, kFrameHeaderBytes> reply;
    ASSERT_TRUE(socket.ReadFully(reply).ok());
  }
  ExpectAlive();
}

TEST_F(Hostile, AnEmptyMessageIsAnInvalidRequest) {
  StartServer();
  net::Socket socket = Connect();
  const std::vector<std::byte> body(8, std::byte{0xff});
  ASSERT_TRUE(socket.WriteFully(Frame(Request(), body)).ok());
  std::array<std::byte, kFrameHeaderBytes> bytes;
  ASSERT_TRUE(socket.ReadFully(bytes).ok());
  const auto header = DecodeFrameHeader(bytes);
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->flags, kReply | kError);
  ExpectAlive();
}

TEST_F(Hostile, AnAnnouncedLengthBeyondTheLimitClosesTheConnection) {
  StartServer();
  net::Socket socket = Connect();
  FrameHeader header = Request();
  header.body_bytes = 0xFFFFFFF8;
  std::array<std::byte, kFrameHeaderBytes> bytes;
  EncodeFrameHeader(header, bytes);
  ASSERT_TRUE(socket.WriteFully(bytes).ok());
  EXPECT_EQ(Drain(socket), 0U);
  ExpectAlive();
}

TEST_F(Hostile, ManyLargestAnnouncementsWithoutBytesCostLittle) {
  StartServer();
  std::vector<net::Socket> sockets;
  for (int i = 0; i < 64; ++i) {
    sockets.push_back(Connect());
    FrameHeader header = Request();
    header.body_bytes = kMaxBodyBytes;
    std::array<std::byte, kFrameHeaderBytes> bytes;
    EncodeFrameHeader(header, bytes);
    ASSERT_TRUE(sockets.back().WriteFully(bytes).ok());
  }
  ExpectAlive();
}

TEST_F(Hostile, ATruncatedFrameIsDroppedWithItsConnection) {
  StartServer();
  for (const size_t length : {1U, 23U, 24U, 31U, 100U}) {
    net::Socket socket = Connect();
    auto bytes = Frame(Request(), std::vector<std::byte>(200));
    bytes.resize(length);
    ASSERT_TRUE(socket.WriteFully(bytes).ok());
    socket.Shutdown();
  }
  ExpectAlive();
  EXPECT_EQ(handled_.load(), 1);
}

TEST_F(Hostile, APeerThatAsksAndNeverReadsIsHeldBack) {
  StartServer();
  net::Socket socket = Connect();
  ASSERT_TRUE(socket.SetTimeout(300ms).ok());
  capnp::MallocMessageBuilder message;
  auto echo = message.initRoot<Echo>();
  echo.initData(60'000);
  const auto words = capnp::messageToFlatArray(message);
  const auto frame = Frame(Request(), std::as_bytes(std::span(words.begin(), words.size())));
  // The server stops taking requests once 16 MiB of replies wait; the kernel's buffers hold some more.
  Status written;
  int sent = 0;
  while (written.ok() && sent < 4000) {
    written = socket.WriteFully(frame);
    ++sent;
  }
  EXPECT_EQ(written.code(), Code::kDeadlineExceeded) << sent << " frames of 60 kB were taken";
  ExpectAlive();
}

}  // namespace
}  // namespace tusk::rpc::test
