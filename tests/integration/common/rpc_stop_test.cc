// Ends: of a server with running handlers, of a client with open calls, of a caller that is cancelled, of the loop itself.
#include "tests/integration/common/echo_fixture.h"

namespace tusk::rpc::test {
namespace {

using namespace std::chrono_literals;
using Stops = EchoFixture;

TEST_F(Stops, OfTheServerCancelTheHandlersAndAwaitThem) {
  StartServer();
  std::vector<std::thread> callers;
  CallOptions options;
  options.retry = false;
  client();
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] { EXPECT_EQ(CallNumber(kEcho, 1, options, 60'000).status().code(), Code::kUnavailable); });
  }
  EXPECT_TRUE(Eventually([&] { return handled_.load() == 8; }));
  server_->Stop();
  EXPECT_EQ(cancelled_.load(), 8);
  for (auto& caller : callers) caller.join();
}

TEST_F(Stops, OfTheServerMayBeRepeated) {
  StartServer();
  EXPECT_TRUE(CallNumber(kEcho, 1).ok());
  server_->Stop();
  server_->Stop();
}

TEST_F(Stops, OfTheClientFailItsOpenCalls) {
  StartServer();
  std::vector<std::thread> callers;
  client();
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] { EXPECT_EQ(CallNumber(kEcho, 1, {}, 60'000).status().code(), Code::kCancelled); });
  }
  EXPECT_TRUE(Eventually([&] { return handled_.load() == 8; }));
  client_->Stop();
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(CallNumber(kEcho, 1).status().code(), Code::kCancelled);
}

TEST_F(Stops, OfTheClientEndACallThatWaitsForAPeer) {
  StartServer();
  server_->Stop();
  client();
  std::thread caller([&] {
    CallOptions options;
    options.wait_until_ready = true;
    EXPECT_EQ(CallNumber(kEcho, 1, options).status().code(), Code::kCancelled);
  });
  const auto until = std::chrono::steady_clock::now() + 60ms;  // somewhere between its attempts
  EXPECT_TRUE(Eventually([&] { return std::chrono::steady_clock::now() > until; }));
  client_->Stop();
  caller.join();
}

TEST_F(Stops, OfACallerCancelItsCall) {
  StartServer();
  TaskGroup tasks(client_loop_);
  std::atomic<int> code{-1};
  client();
  const auto one = [&]() -> Task<void> {
    const auto fill = [](Echo::Builder request) { request.setSleepMs(60'000); };
    const auto reply = co_await client().Call(peer_, kEcho, fill);
    code.store(static_cast<int>(reply.status().code()));
  };
  tasks.Spawn(one());
  EXPECT_TRUE(Eventually([&] { return handled_.load() == 1; }));
  tasks.CancelAndWait();
  EXPECT_EQ(code.load(), static_cast<int>(Code::kCancelled));
  EXPECT_TRUE(CallNumber(kEcho, 5).ok());  // the connection goes on
}

TEST_F(Stops, OfTheLoopDoNotLeaveABlockedCallerBehind) {
  StartServer();
  client();
  std::thread caller([&] { EXPECT_EQ(CallNumber(kEcho, 1, {}, 60'000).status().code(), Code::kCancelled); });
  EXPECT_TRUE(Eventually([&] { return handled_.load() == 1; }));
  client_loop_.Stop();
  caller.join();
  EXPECT_EQ(CallNumber(kEcho, 1).status().code(), Code::kCancelled);
}

TEST_F(Stops, OfTheServersLoopLeaveTheServerDestructible) {
  StartServer();
  client();
  CallOptions options;
  options.deadline = 200ms;
  std::thread caller([&] { EXPECT_FALSE(CallNumber(kEcho, 1, options, 60'000).ok()); });
  EXPECT_TRUE(Eventually([&] { return handled_.load() == 1; }));
  server_loop_.Stop();
  server_.reset();
  caller.join();
}

}  // namespace
}  // namespace tusk::rpc::test
