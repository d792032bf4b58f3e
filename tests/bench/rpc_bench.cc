// The request channel over loopback, one connection: an empty call one at a time and with many in flight, and large bodies.
//
//   build/release/bin/rpc_bench
// Server and client have a loop of their own each: on two cores a call one at a time pays for waking the other one, twice.
#include <benchmark/benchmark.h>
#include <glog/logging.h>

#include <atomic>
#include <latch>

#include "common/rpc/client.h"
#include "common/rpc/error.capnp.h"
#include "common/rpc/server.h"
#include "common/runtime/task_group.h"

namespace tusk::rpc {
namespace {

constexpr Method<wire::Empty, wire::Empty> kEmpty{1, "empty", Repeat::kSafe};
constexpr Method<wire::Error, wire::Error> kEcho{2, "echo", Repeat::kSafe};

// A server and a client, on one loop (an empty call then never wakes another CPU) or on two.
class Pair {
 public:
  explicit Pair(bool one_loop) : server_(server_loop_, {}), client_(one_loop ? server_loop_ : client_loop_, {}) {
    server_.Handle(kEmpty,
                   [](const CallContext&, wire::Empty::Reader, wire::Empty::Builder) -> Task<Status> { co_return OkStatus(); });
    server_.Handle(kEcho, [](const CallContext&, wire::Error::Reader request, wire::Error::Builder reply) -> Task<Status> {
      reply.setMessage(request.getMessage());
      co_return OkStatus();
    });
    const Status started = server_.Start({"127.0.0.1", 0});
    CHECK(started.ok()) << started;
    peer_ = {"127.0.0.1", server_.port()};
  }
  ~Pair() {
    client_.Stop();
    server_.Stop();
  }
  LoopThread& loop(bool one_loop) { return one_loop ? server_loop_ : client_loop_; }
  Client& client() { return client_; }
  const net::Endpoint& peer() const { return peer_; }

 private:
  LoopThread server_loop_{"server"};
  LoopThread client_loop_{"client"};
  Server server_;
  Client client_;
  net::Endpoint peer_;
};

Task<void> CallRepeatedly(Pair* pair, int calls, std::atomic<int>* failed, std::latch* done) {
  for (int i = 0; i < calls; ++i) {
    const auto fill = [](wire::Empty::Builder) {};
    const auto reply = co_await pair->client().Call(pair->peer(), kEmpty, fill);
    if (!reply.ok()) failed->fetch_add(1);
  }
  done->count_down();
}

// Arguments: calls in flight, 1 when client and server share a loop.
void EmptyCalls(benchmark::State& state) {
  const auto in_flight = static_cast<int>(state.range(0));
  const bool one_loop = state.range(1) != 0;
  Pair pair(one_loop);
  TaskGroup tasks(pair.loop(one_loop));
  constexpr int kCallsPerRound = 20'000;
  std::atomic<int> failed{0};
  for (auto _ : state) {
    std::latch done(in_flight);
    for (int i = 0; i < in_flight; ++i) tasks.Spawn(CallRepeatedly(&pair, kCallsPerRound / in_flight, &failed, &done));
    done.wait();
  }
  tasks.CancelAndWait();
  if (failed.load() > 0) state.SkipWithError("calls failed");
  state.SetItemsProcessed(state.iterations() * (kCallsPerRound / in_flight * in_flight));
}
BENCHMARK(EmptyCalls)
    ->ArgNames({"in_flight", "one_loop"})
    ->ArgsProduct({{1, 16, 64, 256, 1024}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// A call from a thread that blocks, as tools and job binaries make it.
void BlockingCalls(benchmark::State& state) {
  Pair pair(false);
  for (auto _ : state) {
    const auto reply = pair.client().CallBlocking(pair.peer(), kEmpty, [](wire::Empty::Builder) {});
    if (!reply.ok()) return state.SkipWithError(reply.status().ToString().c_str());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BlockingCalls)->UseRealTime()->Unit(benchmark::kMicrosecond);

void LargeBodies(benchmark::State& state) {
  Pair pair(false);
  const std::string text(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    const auto reply =
        pair.client().CallBlocking(pair.peer(), kEcho, [&](wire::Error::Builder request) { request.setMessage(text); });
    if (!reply.ok()) return state.SkipWithError(reply.status().ToString().c_str());
  }
  state.SetBytesProcessed(state.iterations() * 2 * state.range(0));
}
BENCHMARK(LargeBodies)->Arg(4 << 10)->Arg(64 << 10)->Arg(1 << 20)->Arg(8 << 20)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tusk::rpc

BENCHMARK_MAIN();
