// Operations per second of a running NameNode over its real request channel, many in flight from one client process.
//
// usage: TUSK_CONF=... namenode_bench [--operations N] [--in-flight N]
// Prints one line for each operation; exit code 1 if any failed.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "common/base/login_name.h"
#include "common/base/random.h"
#include "common/cli/command_line.h"
#include "common/config/config.h"
#include "common/observe/logging.h"
#include "common/rpc/client.h"
#include "common/runtime/task_group.h"
#include "dfs/protocol/methods.h"
#include "dfs/protocol/settings.h"

namespace tusk::bench {
namespace {

using Clock = std::chrono::steady_clock;

class Bench {
 public:
  Bench(net::Endpoint namenode, uint64_t operations, int in_flight)
      : namenode_(std::move(namenode)),
        operations_(operations),
        in_flight_(in_flight),
        user_(LoginName()),
        loop_("bench"),
        client_(loop_, rpc::Client::Options()) {}
  ~Bench() { client_.Stop(); }

  // `call(n)` performs operation n; the time of each is kept for the percentiles.
  template <class Call>
  void Measure(const char* name, Call call) {
    std::vector<double> micros(operations_);
    uint64_t next = 0, failed = 0;
    const auto begin = Clock::now();
    {
      TaskGroup lanes(loop_);
      std::promise<void> done;
      int running = in_flight_;
      for (int lane = 0; lane < in_flight_; ++lane) {
        lanes.Spawn([](Bench*, Call operation, std::vector<double>& times, uint64_t& shared_next, uint64_t& failures, int& left,
                       std::promise<void>& finished) -> Task<void> {
          while (shared_next < times.size()) {
            const uint64_t number = shared_next++;
            const auto from = Clock::now();
            const Status status = co_await operation(number);
            if (!status.ok() && ++failures == 1) std::fprintf(stderr, "namenode_bench: %s\n", status.ToString().c_str());
            times[number] = std::chrono::duration<double, std::micro>(Clock::now() - from).count();
          }
          if (--left == 0) finished.set_value();
        }(this, call, micros, next, failed, running, done));
      }
      done.get_future().wait();
      lanes.CancelAndWait();
    }
    failed_ += failed;
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    std::sort(micros.begin(), micros.end());
    std::printf("%-10s %8.0f operations/s   p50 %7.0f us   p99 %7.0f us   failed %llu\n", name,
                static_cast<double>(operations_) / seconds, micros[micros.size() / 2], micros[micros.size() * 99 / 100],
                static_cast<unsigned long long>(failed));
    std::fflush(stdout);
  }

  // How many operations failed, of all kinds.
  uint64_t Run() {
    const std::string root = "/bench-" + std::to_string(SecureRandom64());
    const auto identify = [this](auto caller) {
      caller.setClientHigh(id_);
      caller.setClientLow(1);
      caller.setSequence(++sequence_);
      const auto window = static_cast<uint64_t>(in_flight_) * 16;  // long answered, as a client's own window
      caller.setAckedUpTo(sequence_ > window ? sequence_ - window : 0);
      caller.setUser(user_);
    };
    const auto path = [root](const char* kind, uint64_t n) {
      return root + "/" + kind + std::to_string(n % 100) + "/" + std::to_string(n);
    };
    // What a call costs that asks for nothing: the channel's share of the others.
    Measure("empty", [&, this](uint64_t) -> Task<Status> {
      auto reply = co_await client_.Call(namenode_, dfs::kServerDefaults, [](auto) {});
      co_return reply.status();
    });
    Measure("mkdirs", [&, this](uint64_t n) -> Task<Status> {
      auto reply = co_await client_.Call(namenode_, dfs::kMkdirs, [&](auto request) {
        identify(request.initCaller());
        request.setPath(path("d", n));
        request.setParents(true);
      });
      co_return reply.status();
    });
    Measure("create", [&, this](uint64_t n) -> Task<Status> {  // create and close of an empty file: two mutations
      auto created = co_await client_.Call(namenode_, dfs::kCreate, [&](auto request) {
        identify(request.initCaller());
        request.setPath(path("f", n));
      });
      if (!created.ok()) co_return created.status();
      const uint64_t inode = (*created)->getStatus().getInode();
      auto closed = co_await client_.Call(namenode_, dfs::kComplete, [&](auto request) {
        identify(request.initCaller());
        request.setInode(inode);
      });
      co_return closed.status();
    });
    Measure("stat", [&, this](uint64_t n) -> Task<Status> {
      auto reply = co_await client_.Call(namenode_, dfs::kStat, [&](auto request) {
        request.initCaller().setUser(user_);
        request.setPath(path("f", n));
      });
      co_return reply.status();
    });
    Measure("locations", [&, this](uint64_t n) -> Task<Status> {
      auto reply = co_await client_.Call(namenode_, dfs::kLocations, [&](auto request) {
        request.initCaller().setUser(user_);
        request.setPath(path("f", n));
        request.setLength(1);
      });
      co_return reply.status();
    });
    Measure("rename", [&, this](uint64_t n) -> Task<Status> {
      auto reply = co_await client_.Call(namenode_, dfs::kRename, [&](auto request) {
        identify(request.initCaller());
        request.setFrom(path("f", n));
        request.setTo(path("f", n) + "r");
      });
      co_return reply.status();
    });
    Measure("delete", [&, this](uint64_t n) -> Task<Status> {
      auto reply = co_await client_.Call(namenode_, dfs::kDelete, [&](auto request) {
        identify(request.initCaller());
        request.setPath(path("f", n) + "r");
      });
      co_return reply.status();
    });
    (void)client_.CallBlocking(namenode_, dfs::kDelete, [&](auto request) {
      identify(request.initCaller());
      request.setPath(root);
      request.setRecursive(true);
    });
    return failed_;
  }

 private:
  net::Endpoint namenode_;
  uint64_t operations_;
  uint64_t failed_ = 0;  // of all kinds
  int in_flight_;
  const std::string user_;  // the superuser, when the NameNode runs as this user
  uint64_t id_ = SecureRandom64();
  uint64_t sequence_ = 0;
  LoopThread loop_;
  rpc::Client client_;
};

}  // namespace
}  // namespace tusk::bench

int main(int argc, char** argv) {
  using namespace tusk;
  uint64_t operations = 100'000;
  int in_flight = 256;
  CLI::App app("Operations per second of a running NameNode.", "namenode_bench");
  app.add_option("--operations", operations, "Of each kind")->capture_default_str();
  app.add_option("--in-flight", in_flight, "Requests under way at a time")->capture_default_str();
  if (const auto code = cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  observe::InitLogging({.component = "namenode_bench"});
  const char* file = std::getenv("TUSK_CONF");
  auto config = config::Config::Load({dfs::kDfsSettings}, {.file = file != nullptr ? file : "", .allow_unknown_sections = true});
  if (!config.ok()) return cli::Fail("namenode_bench", config.status());
  auto namenode = net::ParseEndpoint(config->Get(dfs::kNameNodeAddress), 8020);
  if (!namenode.ok()) return cli::Fail("namenode_bench", namenode.status());
  std::printf("%llu operations of each kind, %d in flight\n", static_cast<unsigned long long>(operations), in_flight);
  const uint64_t failed = bench::Bench(*namenode, operations, in_flight).Run();
  if (failed == 0) return cli::kExitOk;
  std::fprintf(stderr, "namenode_bench: %llu operations failed; the figures above are of no use\n",
               static_cast<unsigned long long>(failed));
  return cli::kExitFailed;
}
