// Blocking sockets over loopback.
#include "common/net/socket.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>
#include <vector>

namespace tusk::net {
namespace {

using namespace std::chrono_literals;

class Sockets : public ::testing::Test {
 protected:
  void SetUp() override {
    auto listening = Listener::Listen({"127.0.0.1", 0});
    ASSERT_TRUE(listening.ok()) << listening.status();
    listener_ = std::move(listening).value();
    auto connected = Socket::Connect({"127.0.0.1", listener_.port()}, 5s);
    ASSERT_TRUE(connected.ok()) << connected.status();
    near_ = std::move(connected).value();
    auto accepted = listener_.Accept();
    ASSERT_TRUE(accepted.ok()) << accepted.status();
    far_ = std::move(accepted).value();
  }
  Listener listener_;
  Socket near_;
  Socket far_;
};

std::vector<std::byte> Pattern(size_t size) {
  std::vector<std::byte> data(size);
  for (size_t i = 0; i < size; ++i) data[i] = static_cast<std::byte>(i * 7 + i / 251);
  return data;
}

TEST_F(Sockets, CarryMegabytesThroughPartialWritesOfManyParts) {
  const auto data = Pattern(5'000'003);
  std::thread writer([&] {
    std::vector<iovec> parts;
    for (size_t at = 0, size = 0; at < data.size(); at += size) {
      size = std::min<size_t>(data.size() - at, 1 + at % 4099);
      parts.push_back({const_cast<std::byte*>(data.data()) + at, size});
      parts.push_back({nullptr, 0});
    }
    const Status written = near_.WriteFully(parts);
    EXPECT_TRUE(written.ok()) << written;
  });
  std::vector<std::byte> received(data.size());
  const Status read = far_.ReadFully(received);
  EXPECT_TRUE(read.ok()) << read;
  writer.join();
  EXPECT_EQ(received, data);
}

TEST_F(Sockets, SendARangeOfAFile) {
  const auto data = Pattern(3'000'001);
  FILE* file = tmpfile();
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(fwrite(data.data(), 1, data.size(), file), data.size());
  ASSERT_EQ(fflush(file), 0);
  std::thread writer([&] {
    const Status sent = near_.SendFile(fileno(file), 1'000, 2'500'000);
    EXPECT_TRUE(sent.ok()) << sent;
  });
  std::vector<std::byte> received(2'500'000);
  const Status read = far_.ReadFully(received);
  EXPECT_TRUE(read.ok()) << read;
  writer.join();
  EXPECT_EQ(std::memcmp(received.data(), data.data() + 1'000, received.size()), 0);

  const Status beyond = near_.SendFile(fileno(file), data.size() - 10, 20);
  EXPECT_EQ(beyond.code(), Code::kIoError) << beyond;
  fclose(file);
}

TEST_F(Sockets, TellAnOrderlyEndFromATornMessage) {
  ASSERT_TRUE(near_.WriteFully(Pattern(10)).ok());
  near_ = Socket();
  std::array<std::byte, 8> first;
  EXPECT_TRUE(far_.ReadFully(first).ok());
  std::array<std::byte, 8> torn;
  const Status cut = far_.ReadFully(torn);
  EXPECT_EQ(cut.code(), Code::kUnavailable);
  EXPECT_NE(cut.message().find("2 of 8"), std::string::npos) << cut;
  EXPECT_EQ(far_.ReadFully(torn), Unavailable("connection closed by peer"));
  const auto some = far_.ReadSome(torn);
  ASSERT_TRUE(some.ok());
  EXPECT_EQ(*some, 0U);
}

TEST_F(Sockets, EndAReadAtItsDeadline) {
  ASSERT_TRUE(far_.SetTimeout(20ms).ok());
  std::array<std::byte, 8> bytes;
  EXPECT_EQ(far_.ReadFully(bytes).code(), Code::kDeadlineExceeded);
  EXPECT_EQ(far_.ReadSome(bytes).status().code(), Code::kDeadlineExceeded);
}

TEST_F(Sockets, EndAWriteToAPeerThatDoesNotReadAtItsDeadline) {
  ASSERT_TRUE(near_.SetTimeout(20ms).ok());
  const std::vector<std::byte> data(64 << 20);
  EXPECT_EQ(near_.WriteFully(data).code(), Code::kDeadlineExceeded);
}

TEST_F(Sockets, ReportAPeerThatIsGoneOnWriteWithoutASignal) {
  far_ = Socket();
  const auto data = Pattern(100'000);
  Status written;
  for (int i = 0; i < 100 && written.ok(); ++i) written = near_.WriteFully(data);
  EXPECT_EQ(written.code(), Code::kUnavailable) << written;
}

TEST_F(Sockets, WakeABlockedReaderOnShutdown) {
  std::thread reader([&] {
    std::array<std::byte, 8> bytes;
    EXPECT_EQ(far_.ReadFully(bytes).code(), Code::kUnavailable);
  });
  far_.Shutdown();
  reader.join();
}

TEST_F(Sockets, HaveTheOptionsOfDataSockets) {
  int value = 0;
  socklen_t length = sizeof(value);
  ASSERT_EQ(getsockopt(near_.fd(), IPPROTO_TCP, TCP_NODELAY, &value, &length), 0);
  EXPECT_NE(value, 0);
  std::array<char, 16> name{};
  length = name.size();
  ASSERT_EQ(getsockopt(near_.fd(), IPPROTO_TCP, TCP_CONGESTION, name.data(), &length), 0);
  EXPECT_STREQ(name.data(), "reno");
  SocketOptions options;
  options.congestion = "no-such-control";
  EXPECT_TRUE(near_.Apply(options).ok());  // slower, not broken
}

TEST_F(Sockets, NameBothEnds) {
  EXPECT_EQ(near_.PeerName(), "127.0.0.1:" + std::to_string(listener_.port()));
  EXPECT_EQ(near_.LocalAddress(), "127.0.0.1");
}

TEST(Connecting, ToAPortWithoutAServiceSaysSo) {
  uint16_t port = 0;
  {
    auto listening = Listener::Listen({"127.0.0.1", 0});
    ASSERT_TRUE(listening.ok());
    port = listening->port();
  }
  const auto socket = Socket::Connect({"127.0.0.1", port}, 2s);
  EXPECT_EQ(socket.status().code(), Code::kUnavailable);
  EXPECT_NE(socket.status().message().find("127.0.0.1:" + std::to_string(port)), std::string::npos) << socket.status();
}

TEST(Connecting, ToANameUsesTheResolver) {
  auto listening = Listener::Listen({"localhost", 0});
  ASSERT_TRUE(listening.ok()) << listening.status();
  EXPECT_TRUE(Socket::Connect({"localhost", listening->port()}, 2s).ok());
  EXPECT_EQ(Socket::Connect({"no-such-host.invalid", 1}, 2s).status().code() == Code::kNotFound ||
                Socket::Connect({"no-such-host.invalid", 1}, 2s).status().code() == Code::kUnavailable,
            true);
}

TEST(Listening, OnAPortInUseSaysWhatToDo) {
  auto first = Listener::Listen({"127.0.0.1", 0});
  ASSERT_TRUE(first.ok());
  const auto second = Listener::Listen({"127.0.0.1", first->port()});
  EXPECT_EQ(second.status().code(), Code::kAlreadyExists);
  EXPECT_NE(second.status().message().find("choose another port"), std::string::npos) << second.status();
}

TEST(Listening, OnAForeignAddressIsInvalid) {
  EXPECT_EQ(Listener::Listen({"192.0.2.1", 0}).status().code(), Code::kInvalidArgument);
}

TEST(Listening, EndsOnClose) {
  auto listening = Listener::Listen({"127.0.0.1", 0});
  ASSERT_TRUE(listening.ok());
  std::thread acceptor([&] { EXPECT_EQ(listening->Accept().status().code(), Code::kCancelled); });
  listening->Close();
  acceptor.join();
  EXPECT_EQ(listening->Accept().status().code(), Code::kCancelled);
}

}  // namespace
}  // namespace tusk::net
