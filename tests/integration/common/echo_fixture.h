// A server that echoes, a client, and the loop they share; every test of the request channel starts from it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "common/base/random.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/runtime/task_group.h"
#include "tests/integration/common/echo.capnp.h"

namespace tusk::rpc::test {

inline constexpr Method<Echo, Echo> kEcho{7, "echo", Repeat::kSafe};
inline constexpr Method<Echo, Echo> kEchoOnce{8, "echoOnce", Repeat::kUnsafe};
inline constexpr Method<Echo, Echo> kMissing{99, "missing", Repeat::kSafe};

// Polls until `done` holds; false when it does not within ten seconds.
inline bool Eventually(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

class EchoFixture : public ::testing::Test {
 protected:
  EchoFixture() { server_ = MakeServer({}); }
  ~EchoFixture() override {
    client_.reset();
    server_.reset();
  }

  std::unique_ptr<Server> MakeServer(Server::Options options) {
    auto server = std::make_unique<Server>(server_loop_, options);
    const auto handler = [this](const CallContext& call, Echo::Reader request, Echo::Builder reply) -> Task<Status> {
      handled_.fetch_add(1);
      last_peer_host_ok_.store(call.peer_host == "127.0.0.1");
      if (request.getSleepMs() > 0) {
        const Status slept = co_await SleepFor(std::chrono::milliseconds(request.getSleepMs()));
        if (!slept.ok()) cancelled_.fetch_add(1);
        if (!slept.ok()) co_return slept;
      }
      if (request.getFailCode() != 0) co_return Status(static_cast<Code>(request.getFailCode()), "asked to fail");
      reply.setNumber(request.getNumber());
      reply.setData(request.getData());
      co_return OkStatus();
    };
    server->Handle(kEcho, handler);
    server->Handle(kEchoOnce, handler);
    return server;
  }

  void StartServer(uint16_t port = 0) {
    const Status started = server_->Start({"127.0.0.1", port});
    ASSERT_TRUE(started.ok()) << started;
    if (port == 0) peer_ = {"127.0.0.1", server_->port()};  // a restart leaves it: a call may be reading it
  }

  Client& client() {
    if (client_ == nullptr) client_ = std::make_unique<Client>(client_loop_, client_options_);
    return *client_;
  }

  template <class M>
  Result<uint64_t> CallNumber(M method, uint64_t number, CallOptions options = {}, uint32_t sleep_ms = 0, Code fail = Code::kOk) {
    auto reply = client().CallBlocking(
        peer_, method,
        [&](auto request) {
          request.setNumber(number);
          request.setSleepMs(sleep_ms);
          request.setFailCode(static_cast<uint16_t>(fail));
        },
        options);
    if (!reply.ok()) return reply.status();
    return (*reply)->getNumber();
  }

  std::atomic<int> handled_{0};
  std::atomic<int> cancelled_{0};
  std::atomic<bool> last_peer_host_ok_{false};
  LoopThread server_loop_{"echo-server"};
  LoopThread client_loop_{"echo-client"};
  Client::Options client_options_;
  net::Endpoint peer_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
};

}  // namespace tusk::rpc::test
