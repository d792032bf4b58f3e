// Servers that go away and come back, and peers that are not there.
#include "common/net/socket.h"
#include "tests/integration/common/echo_fixture.h"

namespace tusk::rpc::test {
namespace {

using namespace std::chrono_literals;
using Retries = EchoFixture;

CallOptions Patient(std::chrono::milliseconds deadline = 10s) {
  CallOptions options;
  options.deadline = deadline;
  options.wait_until_ready = true;
  return options;
}

TEST_F(Retries, CarryASafeCallOverARestartOfTheServer) {
  StartServer();
  ASSERT_TRUE(CallNumber(kEcho, 1).ok());
  const uint16_t port = server_->port();
  std::thread caller([&] {
    const auto number = CallNumber(kEcho, 2, Patient(), 100);
    EXPECT_TRUE(number.ok()) << number.status();
  });
  EXPECT_TRUE(Eventually([&] { return handled_.load() == 2; }));  // the second call is with the old server
  server_->Stop();
  server_ = MakeServer({});
  StartServer(port);
  caller.join();
  EXPECT_EQ(handled_.load(), 3);
}

TEST_F(Retries, DoNotRepeatAnUnsafeCallThatWasSent) {
  StartServer();
  const uint16_t port = server_->port();
  std::thread caller([&] {
    const auto number = CallNumber(kEchoOnce, 2, Patient(), 60'000);
    EXPECT_EQ(number.status().code(), Code::kUnavailable) << number.status();
  });
  EXPECT_TRUE(Eventually([&] { return handled_.load() == 1; }));
  server_->Stop();
  server_ = MakeServer({});
  StartServer(port);
  caller.join();
  EXPECT_EQ(handled_.load(), 1);
}

TEST_F(Retries, RepeatAnUnsafeCallThatNeverLeft) {
  StartServer();
  const uint16_t port = server_->port();
  server_->Stop();
  client();
  std::thread caller([&] {
    const auto number = CallNumber(kEchoOnce, 2, Patient());
    EXPECT_TRUE(number.ok()) << number.status();
  });
  server_ = MakeServer({});
  StartServer(port);
  caller.join();
  EXPECT_EQ(handled_.load(), 1);
}

TEST_F(Retries, AreNotMadeWhenTheCallSaysSo) {
  StartServer();
  server_->Stop();
  CallOptions options;
  options.retry = false;
  const auto number = CallNumber(kEcho, 1, options);
  EXPECT_EQ(number.status().code(), Code::kUnavailable) << number.status();
  EXPECT_NE(number.status().message().find("is the service running"), std::string::npos) << number.status();
}

TEST_F(Retries, WaitOutSafeModeOnlyWhenAsked) {
  std::atomic<int> refused{0};
  const Method<Echo, Echo> starting{40, "starting", Repeat::kSafe};
  server_->Handle(starting, [&](const CallContext&, Echo::Reader request, Echo::Builder reply) -> Task<Status> {
    if (refused.fetch_add(1) < 3) co_return Status(Code::kSafeMode, "still starting");
    reply.setNumber(request.getNumber());
    co_return OkStatus();
  });
  StartServer();
  EXPECT_EQ(CallNumber(starting, 1).status().code(), Code::kSafeMode);
  EXPECT_EQ(refused.load(), 1);
  const auto number = CallNumber(starting, 2, Patient());
  EXPECT_TRUE(number.ok()) << number.status();
  EXPECT_EQ(refused.load(), 4);
}

TEST_F(Retries, EndWithTheReasonWhenThePeerNeverComes) {
  StartServer();
  server_->Stop();
  const auto number = CallNumber(kEcho, 1, Patient(150ms));
  EXPECT_EQ(number.status().code(), Code::kUnavailable) << number.status();
  EXPECT_NE(number.status().message().find("150 ms"), std::string::npos) << number.status();
  EXPECT_NE(number.status().message().find(peer_.ToString()), std::string::npos) << number.status();
}

TEST_F(Retries, AreCutShortByTheBreakerForADeadPeer) {
  client_options_.breaker_failures = 3;
  client_options_.breaker_open = 60s;
  StartServer();
  server_->Stop();
  EXPECT_FALSE(CallNumber(kEcho, 1).ok());  // three attempts, which open it
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    const auto number = CallNumber(kEcho, 1);
    EXPECT_EQ(number.status().code(), Code::kUnavailable);
    EXPECT_NE(number.status().message().find("left alone"), std::string::npos) << number.status();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);  // a hundred times four back-offs would take longer
}

TEST_F(Retries, GoOnWhenTheBreakerLetsAProbeThrough) {
  client_options_.breaker_failures = 2;
  client_options_.breaker_open = 20ms;
  StartServer();
  const uint16_t port = server_->port();
  server_->Stop();
  EXPECT_FALSE(CallNumber(kEcho, 1).ok());
  server_ = MakeServer({});
  StartServer(port);
  EXPECT_TRUE(Eventually([&] { return CallNumber(kEcho, 1).ok(); }));
}

TEST_F(Retries, TimeOutAPeerThatAcceptsAndNeverAnswers) {
  auto listener = net::Listener::Listen({"127.0.0.1", 0});
  ASSERT_TRUE(listener.ok()) << listener.status();
  peer_ = {"127.0.0.1", listener->port()};
  CallOptions options;
  options.deadline = 50ms;
  EXPECT_EQ(CallNumber(kEcho, 1, options).status().code(), Code::kDeadlineExceeded);
}

TEST_F(Retries, NameAHostThatDoesNotExist) {
  peer_ = {"no-such-host.invalid", 1};
  CallOptions options;
  options.retry = false;
  const auto number = CallNumber(kEcho, 1, options);
  EXPECT_EQ(number.status().code(), Code::kUnavailable) << number.status();
  EXPECT_NE(number.status().message().find("no-such-host.invalid"), std::string::npos) << number.status();
}

}  // namespace
}  // namespace tusk::rpc::test
