// The data server: a thread for each conversation, a limit, and an end that waits for all.
#include "common/net/data_server.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace tusk::net {
namespace {

using namespace std::chrono_literals;

void SendBack(Socket& socket) {
  std::vector<std::byte> buffer(4096);
  for (;;) {
    const auto n = socket.ReadSome(buffer);
    if (!n.ok() || *n == 0) return;
    if (!socket.WriteFully(std::span<const std::byte>(buffer.data(), *n)).ok()) return;
  }
}

bool RoundTrip(Socket& socket, int value) {
  std::array<std::byte, 1> byte = {static_cast<std::byte>(value)};
  if (!socket.WriteFully(byte).ok()) return false;
  byte[0] = {};
  return socket.ReadFully(byte).ok() && byte[0] == static_cast<std::byte>(value);
}

Socket Connected(const DataServer& server) {
  auto socket = Socket::Connect({"127.0.0.1", server.port()}, 5s);
  EXPECT_TRUE(socket.ok()) << socket.status();
  EXPECT_TRUE(socket->SetTimeout(5s).ok());
  return std::move(socket).value();
}

TEST(DataServer, ServesManyConversationsAtOnceAndAfterEachOther) {
  DataServer server({}, SendBack);
  ASSERT_TRUE(server.Start({"127.0.0.1", 0}).ok());
  for (int round = 0; round < 3; ++round) {
    std::vector<Socket> sockets;
    for (int i = 0; i < 20; ++i) sockets.push_back(Connected(server));
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(RoundTrip(sockets[static_cast<size_t>(i)], i));
    EXPECT_EQ(server.connections(), 20U);
    sockets.clear();
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (server.connections() > 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(server.connections(), 0U);
  }
}

TEST(DataServer, LetsConnectionsBeyondTheLimitWait) {
  DataServer::Options options;
  options.max_connections = 2;
  DataServer server(options, SendBack);
  ASSERT_TRUE(server.Start({"127.0.0.1", 0}).ok());
  Socket first = Connected(server);
  Socket second = Connected(server);
  EXPECT_TRUE(RoundTrip(first, 1));
  EXPECT_TRUE(RoundTrip(second, 2));
  Socket third = Connected(server);  // the kernel takes it, no thread does
  ASSERT_TRUE(third.SetTimeout(50ms).ok());
  EXPECT_FALSE(RoundTrip(third, 3));
  first = Socket();
  ASSERT_TRUE(third.SetTimeout(5s).ok());
  std::array<std::byte, 1> byte;
  EXPECT_TRUE(third.ReadFully(byte).ok());  // the answer to its first byte
  EXPECT_EQ(server.connections(), 2U);
}

TEST(DataServer, StopsWhileConversationsAreOpen) {
  DataServer server({}, SendBack);
  ASSERT_TRUE(server.Start({"127.0.0.1", 0}).ok());
  Socket open = Connected(server);
  EXPECT_TRUE(RoundTrip(open, 1));
  server.Stop();
  std::array<std::byte, 1> byte;
  EXPECT_FALSE(open.ReadFully(byte).ok());
  server.Stop();
}

TEST(DataServer, SurvivesAHandlerThatThrows) {
  std::atomic<int> calls{0};
  DataServer server({}, [&](Socket& socket) {
    if (calls.fetch_add(1) == 0) throw std::runtime_error("broken");
    SendBack(socket);
  });
  ASSERT_TRUE(server.Start({"127.0.0.1", 0}).ok());
  Socket first = Connected(server);
  EXPECT_FALSE(RoundTrip(first, 1));
  Socket second = Connected(server);
  EXPECT_TRUE(RoundTrip(second, 1));
}

TEST(DataServer, SendsFilesToItsPeers) {
  FILE* file = tmpfile();
  ASSERT_NE(file, nullptr);
  std::vector<char> data(2 << 20);
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 13);
  ASSERT_EQ(fwrite(data.data(), 1, data.size(), file), data.size());
  ASSERT_EQ(fflush(file), 0);
  DataServer server({}, [&](Socket& socket) {
    const Status sent = socket.SendFile(fileno(file), 0, data.size());
    EXPECT_TRUE(sent.ok()) << sent;
  });
  ASSERT_TRUE(server.Start({"127.0.0.1", 0}).ok());
  Socket socket = Connected(server);
  std::vector<char> received(data.size());
  const Status read = socket.ReadFully(std::as_writable_bytes(std::span(received)));
  EXPECT_TRUE(read.ok()) << read;
  EXPECT_EQ(received, data);
  server.Stop();
  fclose(file);
}

}  // namespace
}  // namespace tusk::net
