// Calls over loopback: many at once, in any order, large, late, wrong.
#include "tests/integration/common/echo_fixture.h"

namespace tusk::rpc::test {
namespace {

using namespace std::chrono_literals;
using Calls = EchoFixture;

TEST_F(Calls, ReturnTheReplyOfTheService) {
  StartServer();
  const auto number = CallNumber(kEcho, 42);
  ASSERT_TRUE(number.ok()) << number.status();
  EXPECT_EQ(*number, 42U);
  EXPECT_TRUE(last_peer_host_ok_.load());
}

TEST_F(Calls, ThousandAtOnceEachGetTheirOwnReplyOutOfOrder) {
  StartServer();
  TaskGroup tasks(client_loop_);
  std::atomic<int> right{0};
  std::atomic<int> ended{0};
  std::vector<uint64_t> order;  // belongs to the client's loop
  const auto one = [&](uint64_t i) -> Task<void> {
    const auto fill = [i](Echo::Builder request) {
      request.setNumber(i);
      request.setSleepMs(i % 10 == 0 ? 50 : static_cast<uint32_t>(i % 3));
    };
    auto reply = co_await client().Call(peer_, kEcho, fill);
    if (reply.ok() && (*reply)->getNumber() == i) right.fetch_add(1);
    order.push_back(i);
    ended.fetch_add(1);
  };
  client();
  for (uint64_t i = 0; i < 1000; ++i) tasks.Spawn(one(i));
  EXPECT_TRUE(Eventually([&] { return ended.load() == 1000; }));
  tasks.CancelAndWait();
  EXPECT_EQ(right.load(), 1000);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(Calls, CarryBodiesOfEightMebibytesBothWays) {
  StartServer();
  std::vector<kj::byte> data(8 << 20);
  Random random(11);
  for (auto& byte : data) byte = static_cast<kj::byte>(random());
  for (int i = 0; i < 3; ++i) {
    const auto reply = client().CallBlocking(
        peer_, kEcho, [&](Echo::Builder request) { request.setData(kj::arrayPtr(data.data(), data.size())); });
    ASSERT_TRUE(reply.ok()) << reply.status();
    const auto echoed = (*reply)->getData();
    ASSERT_EQ(echoed.size(), data.size());
    EXPECT_EQ(std::memcmp(echoed.begin(), data.data(), data.size()), 0);
  }
}

TEST_F(Calls, CarryBodiesOfEverySizeAroundTheReadBuffer) {
  StartServer();
  for (const size_t size :
       {0U, 1U, 7U, 8U, 4000U, 65'000U, 65'480U, 65'488U, 65'496U, 65'504U, 65'512U, 65'536U, 70'000U, 200'000U}) {
    std::vector<kj::byte> data(size, static_cast<kj::byte>(size * 31));
    const auto reply = client().CallBlocking(
        peer_, kEcho, [&](Echo::Builder request) { request.setData(kj::arrayPtr(data.data(), data.size())); });
    ASSERT_TRUE(reply.ok()) << size << ": " << reply.status();
    const auto echoed = (*reply)->getData();
    ASSERT_EQ(echoed.size(), size);
    EXPECT_TRUE(std::equal(data.begin(), data.end(), echoed.begin())) << size;
  }
}

TEST_F(Calls, LargeAndSmallOnesShareAConnection) {
  StartServer();
  TaskGroup tasks(client_loop_);
  std::atomic<int> right{0};
  std::atomic<int> ended{0};
  const auto one = [&](size_t size) -> Task<void> {
    std::vector<kj::byte> data(size, static_cast<kj::byte>(size));
    const auto fill = [&data](Echo::Builder request) { request.setData(kj::arrayPtr(data.data(), data.size())); };
    auto reply = co_await client().Call(peer_, kEcho, fill);
    if (reply.ok() && (*reply)->getData() == kj::arrayPtr(data.data(), data.size())) right.fetch_add(1);
    ended.fetch_add(1);
  };
  client();
  Random random(5);
  for (int i = 0; i < 200; ++i) tasks.Spawn(one(random.Below(random.OneIn(5) ? 500'000 : 300)));
  EXPECT_TRUE(Eventually([&] { return ended.load() == 200; }));
  tasks.CancelAndWait();
  EXPECT_EQ(right.load(), 200);
}

TEST_F(Calls, EndAtTheirDeadlineAndTheLateReplyIsIgnored) {
  StartServer();
  CallOptions options;
  options.deadline = 30ms;
  const auto late = CallNumber(kEcho, 1, options, 150);
  EXPECT_EQ(late.status().code(), Code::kDeadlineExceeded) << late.status();
  EXPECT_NE(late.status().message().find("echo at 127.0.0.1:"), std::string::npos) << late.status();
  // The late reply arrives while this call is open and takes the same slot.
  const auto next = CallNumber(kEcho, 2, {}, 250);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(*next, 2U);
}

TEST_F(Calls, OfAnUnknownMethodAreUnimplemented) {
  StartServer();
  const auto reply = CallNumber(kMissing, 1);
  EXPECT_EQ(reply.status().code(), Code::kUnimplemented) << reply.status();
  EXPECT_TRUE(CallNumber(kEcho, 1).ok());
}

TEST_F(Calls, BringTheStatusOfTheService) {
  StartServer();
  const auto reply = CallNumber(kEcho, 1, {}, 0, Code::kLeaseConflict);
  EXPECT_EQ(reply.status(), Status(Code::kLeaseConflict, "asked to fail"));
}

TEST_F(Calls, ThatThrowAreInternalAndTheServerGoesOn) {
  server_->Handle(Method<Echo, Echo>{20, "late", Repeat::kSafe},
                  [](const CallContext&, Echo::Reader, Echo::Builder) -> Task<Status> {
                    (void)co_await SleepFor(1ms);
                    throw std::runtime_error("broken");
                  });
  server_->HandleRaw(21, "early", [](const CallContext&, const RawMessage&, capnp::MessageBuilder&) -> Task<Status> {
    throw std::runtime_error("broken at once");
  });
  StartServer();
  EXPECT_EQ(CallNumber(Method<Echo, Echo>{20, "late", Repeat::kSafe}, 1).status().code(), Code::kInternal);
  EXPECT_EQ(CallNumber(Method<Echo, Echo>{21, "early", Repeat::kSafe}, 1).status().code(), Code::kInternal);
  EXPECT_TRUE(CallNumber(kEcho, 1).ok());
}

TEST_F(Calls, WaitUnreadWhenAConnectionHasTooManyInFlight) {
  server_.reset();
  Server::Options options;
  options.max_in_flight = 3;
  server_ = MakeServer(options);
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  const Method<Echo, Echo> slow{30, "slow", Repeat::kSafe};
  server_->Handle(slow, [&](const CallContext&, Echo::Reader, Echo::Builder) -> Task<Status> {
    most.store(std::max(most.load(), now.fetch_add(1) + 1));
    const Status slept = co_await SleepFor(2ms);
    now.fetch_sub(1);
    co_return slept;
  });
  StartServer();
  TaskGroup tasks(client_loop_);
  std::atomic<int> ended{0};
  const auto one = [&]() -> Task<void> {
    const auto fill = [](Echo::Builder) {};
    auto reply = co_await client().Call(peer_, slow, fill);
    if (reply.ok()) ended.fetch_add(1);
  };
  client();
  for (int i = 0; i < 50; ++i) tasks.Spawn(one());
  EXPECT_TRUE(Eventually([&] { return ended.load() == 50; }));
  tasks.CancelAndWait();
  EXPECT_EQ(most.load(), 3);
}

TEST_F(Calls, PassTheHookWhichMayFailDelayOrDropThem) {
  StartServer();
  std::atomic<int> mode{0};
  client_options_.hook.before_send = [&](const net::Endpoint&, std::string_view method) -> Task<Status> {
    EXPECT_EQ(method, "echo");
    if (mode.load() == 1) co_return Aborted("not this one");
    if (mode.load() == 2) co_return Cancelled("lost");
    if (mode.load() == 3) {
      const Status slept = co_await SleepFor(20ms);
      co_return slept;
    }
    co_return OkStatus();
  };
  EXPECT_TRUE(CallNumber(kEcho, 1).ok());
  mode.store(1);
  EXPECT_EQ(CallNumber(kEcho, 1).status(), Aborted("not this one"));
  mode.store(2);
  CallOptions options;
  options.deadline = 40ms;
  EXPECT_EQ(CallNumber(kEcho, 1, options).status().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(handled_.load(), 1);
  mode.store(3);
  EXPECT_TRUE(CallNumber(kEcho, 1).ok());
}

TEST_F(Calls, ToAPortInUseCannotBeServed) {
  StartServer();
  Server second(server_loop_, {});
  const Status started = second.Start(peer_);
  EXPECT_EQ(started.code(), Code::kAlreadyExists);
  EXPECT_NE(started.message().find(peer_.ToString()), std::string::npos) << started;
}

}  // namespace
}  // namespace tusk::rpc::test
