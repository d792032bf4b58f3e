// What a peer sends to the data ports (blocks, shuffle): messages one after another on a socket, then its end.
#include <glog/logging.h>
#include <sys/socket.h>

#include "common/net/message_stream.h"
#include "dfs/protocol/data_transfer.capnp.h"
#include "mapreduce/protocol/shuffle.capnp.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

constexpr size_t kMaxRequestBytes = 256 << 10;
constexpr size_t kMaxStreamBytes = 64 << 10;  // fits into the socket, so that one thread can write and then read

struct Pair {
  net::Socket near, far;
};

Pair MakePair() {
  int fds[2];
  PCHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
  return {net::Socket(fds[0]), net::Socket(fds[1])};
}

template <class T>
void Walk(const net::ReceivedMessage& message) {
  try {
    (void)message.As<T>().toString().flatten();
  } catch (const kj::Exception&) {  // a pointer that leads nowhere, or a message made to be walked for ever
  }
}

template <class Build>
std::string Sent(Build build) {
  Pair pair = MakePair();
  capnp::MallocMessageBuilder message;
  build(message);
  CHECK(net::WriteMessage(pair.near, message).ok());
  pair.near.Shutdown();
  std::string bytes(kMaxStreamBytes, '\0');
  size_t filled = 0;
  for (;;) {
    const auto read = pair.far.ReadSome(std::as_writable_bytes(std::span(bytes).subspan(filled)));
    CHECK(read.ok()) << read.status();
    if (*read == 0) break;
    filled += *read;
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  seeds.push_back(Sent([](capnp::MessageBuilder& message) {
    auto write = message.initRoot<dfs::wire::DataRequest>().initWrite();
    write.initBlock().setId(1 << 30);
    write.setChunkBytes(16384);
    write.setClient("client-1");
    auto targets = write.initTargets(2);
    targets[0].setHost("127.0.1.3");
    targets[1].setRack("/rack1");
  }));
  seeds.push_back(Sent([](capnp::MessageBuilder& message) {
    auto read = message.initRoot<dfs::wire::DataRequest>().initRead();
    read.initBlock().setGeneration(1001);
    read.setLength(1 << 20);
  }));
  seeds.push_back(Sent([](capnp::MessageBuilder& message) {
    auto reply = message.initRoot<dfs::wire::DataReply>();
    reply.setMessage("no such block");
    reply.setBlockLength(12345);
  }));
  seeds.push_back(Sent([](capnp::MessageBuilder& message) {
    auto request = message.initRoot<mr::wire::ShuffleRequest>();
    request.setJob("job_1764000000_0001");
    auto maps = request.initMaps(5);
    for (unsigned i = 0; i < maps.size(); ++i) maps[i].setMap(i);
  }));
  seeds.push_back(seeds[0] + seeds[1] + seeds[3]);
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk;
  size = std::min(size, fuzz::kMaxStreamBytes);
  fuzz::Pair pair = fuzz::MakePair();
  CHECK(size == 0 || ::send(pair.near.fd(), data, size, MSG_DONTWAIT) == static_cast<ssize_t>(size));
  pair.near.Shutdown();
  size_t messages = 0;
  for (;;) {
    const auto message = net::ReadMessage(pair.far, fuzz::kMaxRequestBytes);
    if (!message.ok()) break;
    CHECK_LE(++messages * 12, size) << "more messages than the bytes can hold";
    fuzz::Walk<dfs::wire::DataRequest>(*message);
    fuzz::Walk<dfs::wire::DataReply>(*message);
    fuzz::Walk<mr::wire::ShuffleRequest>(*message);
    fuzz::Walk<mr::wire::ShuffleReply>(*message);
  }
  return 0;
}
