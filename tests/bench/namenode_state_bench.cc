// Operations per second of the NameNode's core in one process: the real operations on real requests, the real log with its group
// commit on disk, the real applied state; no sockets. Many operations are under way at a time, all on one thread. Requests are
// built before the time is taken: that is the work of clients.
//
// usage: namenode_state_bench --dir DIRECTORY [--operations N] [--in-flight N]
// Prints one line for each operation; exit code 1 if any failed. The folder must be empty or missing.
#include <capnp/serialize.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "common/cli/command_line.h"
#include "common/observe/logging.h"
#include "coordination/log/log.h"
#include "dfs/namenode/core.h"
#include "dfs/namenode/ops/operation.h"

namespace tusk::bench {
namespace {

using namespace dfs;            // NOLINT(google-build-using-namespace)
using namespace dfs::namenode;  // NOLINT(google-build-using-namespace)
using Steady = std::chrono::steady_clock;

constexpr const char* kUser = "bench";

class Bench {
 public:
  Bench(const std::string& directory, uint64_t operations, int in_flight)
      : directory_(directory), operations_(operations), in_flight_(in_flight) {
    coordination::Log::Options log;
    log.directory = directory + "/log";
    auto opened = coordination::Log::Open(storage::Disk::Posix(), log);
    if (!opened.ok()) throw std::runtime_error(opened.status().ToString());
    log_ = std::move(*opened);
    auto store = storage::KeyValueStore::Open(directory + "/state", {});
    if (!store.ok()) throw std::runtime_error(store.status().ToString());
    Namespace::Options state_options;
    state_options.cache_bytes = 128 << 20;
    auto state = Namespace::Open(std::move(*store), state_options);
    if (!state.ok()) throw std::runtime_error(state.status().ToString());
    CoreOptions options;
    options.permissions = true;  // as a NameNode has them by default; the superuser pays what everybody pays
    options.superuser = kUser;
    core_ = std::make_unique<Core>(context_, Clock::System(), options, std::move(*state), *log_);
    const Status recovered = core_->Recover();
    if (!recovered.ok()) throw std::runtime_error(recovered.ToString());
    core_->safe_mode.Leave();
    core_->UpdateSafeMode();
    call_.deadline = Clock::System().Now() + std::chrono::hours(1);
  }
  ~Bench() {
    log_.reset();
    core_->Stop();
  }

  uint64_t Run() {
    MeasureLog();
    const auto path = [](const char* kind, uint64_t n) {
      return "/" + std::string(kind) + std::to_string(n % 100) + "/" + std::to_string(n);
    };
    std::vector<uint64_t> inodes(operations_);
    Measure<wire::MkdirsRequest, wire::MkdirsReply>("mkdir", Mkdirs, [&](uint64_t n, auto request) {
      Identify(request.initCaller());
      request.setPath(path("d", n));
      request.setParents(true);
    });
    Measure<wire::CreateRequest, wire::CreateReply>(
        "create", Create,
        [&](uint64_t n, auto request) {
          Identify(request.initCaller());
          request.setPath(path("f", n));
          request.setCreateParents(true);
        },
        [&inodes](uint64_t n, auto reply) { inodes[n] = reply.getStatus().getInode(); });
    const double create = last_seconds_;
    Measure<wire::CompleteRequest, wire::CompleteReply>("close", Complete, [&](uint64_t n, auto request) {
      Identify(request.initCaller());
      request.setInode(inodes[n]);
    });
    std::printf("%-14s %9.0f operations/s\n", "create+close", static_cast<double>(operations_) / (create + last_seconds_));
    Measure<wire::StatRequest, wire::StatReply>("stat", Stat, [&](uint64_t n, auto request) {
      request.initCaller().setUser(kUser);
      request.setPath(path("f", n));
    });
    MeasureLookups(path);
    Measure<wire::RenameRequest, wire::RenameReply>("rename", Rename, [&](uint64_t n, auto request) {
      Identify(request.initCaller());
      request.setFrom(path("f", n));
      request.setTo(path("f", n) + "r");
    });
    Measure<wire::DeleteRequest, wire::DeleteReply>("delete", Delete, [&](uint64_t n, auto request) {
      Identify(request.initCaller());
      request.setPath(path("f", n) + "r");
    });
    return failed_;
  }

 private:
  void Identify(wire::CallerId::Builder caller) {
    caller.setClientHigh(7);
    caller.setClientLow(1);
    caller.setSequence(++sequence_);
    const auto window = static_cast<uint64_t>(in_flight_) * 2;
    caller.setAckedUpTo(sequence_ > window ? sequence_ - window : 0);
    caller.setUser(kUser);
  }

  // The requests of a kind, as clients would have sent them: they are built before the time is taken.
  class Requests {
   public:
    template <class Request, class Fill>
    void Add(uint64_t number, const Fill& fill) {
      capnp::MallocMessageBuilder message;
      fill(number, message.initRoot<Request>());
      const auto words = capnp::messageToFlatArray(message);
      begins_.push_back(words_.size());
      const auto* begin = reinterpret_cast<const uint64_t*>(words.begin());
      words_.insert(words_.end(), begin, begin + words.size());
    }
    kj::ArrayPtr<const capnp::word> operator[](uint64_t number) const {
      const size_t begin = begins_[number];
      return {reinterpret_cast<const capnp::word*>(words_.data()) + begin,
              (number + 1 < begins_.size() ? begins_[number + 1] : words_.size()) - begin};
    }

   private:
    std::vector<uint64_t> words_;  // capnp::word cannot be copied
    std::vector<size_t> begins_;
  };

  // One operation after the other, as a runner of the server: the reply's room is kept, and zeroed again by each reply.
  template <class Request, class Reply, class Operation, class Then>
  Task<void> Lane(const Requests& requests, Operation operation, const Then& then, uint64_t& next) {
    std::array<capnp::word, 128> room{};
    while (next < operations_) {
      const uint64_t number = next++;
      capnp::FlatArrayMessageReader request(requests[number]);
      capnp::MallocMessageBuilder reply(kj::arrayPtr(room.data(), room.size()));
      auto out = reply.initRoot<Reply>();
      const Status status = co_await operation(*core_, call_, request.template getRoot<Request>(), out);
      if (status.ok()) {
        then(number, out);
      } else if (++failed_ == 1) {
        std::fprintf(stderr, "namenode_state_bench: %s\n", status.ToString().c_str());
      }
    }
  }
  template <class Request, class Reply, class Operation, class Fill>
  void Measure(const char* name, Operation operation, const Fill& fill) {
    Measure<Request, Reply>(name, operation, fill, [](uint64_t, auto) {});
  }
  template <class Request, class Reply, class Operation, class Fill, class Then>
  void Measure(const char* name, Operation operation, const Fill& fill, const Then& then) {
    Requests requests;
    for (uint64_t n = 0; n < operations_; ++n) requests.Add<Request>(n, fill);
    uint64_t next = 0;
    int left = in_flight_;
    cpu_seconds_ = ThreadCpuSeconds();
    const auto begin = Steady::now();
    auto work = asio::make_work_guard(context_);
    for (int lane = 0; lane < in_flight_; ++lane) {
      asio::co_spawn(context_, Lane<Request, Reply>(requests, operation, then, next), [&](const std::exception_ptr&) {
        if (--left == 0) work.reset();
      });
    }
    context_.restart();
    context_.run();
    Report(name, begin);
  }

  // The limit: the same log, as many entries of the size of a create's under way, and no state machine.
  void MeasureLog() {
    coordination::Log::Options options;
    options.directory = directory_ + "/limit";
    auto opened = coordination::Log::Open(storage::Disk::Posix(), options);
    if (!opened.ok()) throw std::runtime_error(opened.status().ToString());
    const auto log = std::move(*opened);
    const std::vector<std::byte> entry(kEntryBytes);
    auto work = asio::make_work_guard(context_);
    const auto refill = [&] {
      const uint64_t durable = log->durable_index();
      if (durable == operations_) work.reset();
      while (log->last_index() < std::min<uint64_t>(operations_, durable + static_cast<uint64_t>(in_flight_))) {
        failed_ += log->Append(1, coordination::EntryType::kData, entry, {}).ok() ? 0 : 1;
      }
    };
    std::atomic<bool> scheduled = false;
    log->OnDurable([&](const Status&) {
      if (scheduled.exchange(true)) return;
      asio::post(context_, [&] {
        scheduled = false;
        refill();
      });
    });
    cpu_seconds_ = ThreadCpuSeconds();
    const auto begin = Steady::now();
    refill();
    context_.restart();
    context_.run();
    Report("log alone", begin);
  }

  // The state machine's own part of a stat: the path walk and the record.
  template <class Path>
  void MeasureLookups(Path path) {
    std::vector<std::string> paths;
    for (uint64_t n = 0; n < operations_; ++n) paths.push_back(path("f", n));
    cpu_seconds_ = ThreadCpuSeconds();
    const auto begin = Steady::now();
    for (const std::string& wanted : paths) failed_ += FindPath(core_->state->view(), wanted).ok() ? 0 : 1;
    Report("look up a path", begin);
  }

  void Report(const char* name, Steady::time_point begin) {
    last_seconds_ = std::chrono::duration<double>(Steady::now() - begin).count();
    const double cpu = ThreadCpuSeconds();
    std::printf("%-14s %9.0f operations/s   %5.2f us of the loop's CPU each   failed %llu\n", name,
                static_cast<double>(operations_) / last_seconds_, (cpu - cpu_seconds_) * 1e6 / static_cast<double>(operations_),
                static_cast<unsigned long long>(failed_));
    std::fflush(stdout);
    cpu_seconds_ = cpu;
  }

  // Of this thread: what the loop costs, whatever else runs on the machine.
  static double ThreadCpuSeconds() {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }

  static constexpr size_t kEntryBytes = 240;

  const std::string directory_;
  const uint64_t operations_;
  const int in_flight_;
  double cpu_seconds_ = 0;
  uint64_t failed_ = 0;
  uint64_t sequence_ = 0;
  double last_seconds_ = 0;
  asio::io_context context_{1};
  rpc::CallContext call_;
  std::unique_ptr<coordination::Log> log_;
  std::unique_ptr<Core> core_;
};

}  // namespace
}  // namespace tusk::bench

int main(int argc, char** argv) {
  using namespace tusk;
  std::string directory;
  uint64_t operations = 200'000;
  int in_flight = 2048;
  CLI::App app("Operations per second of the NameNode's core, without sockets.", "namenode_state_bench");
  app.add_option("--dir", directory, "Folder for log and state; must be empty or missing")->required();
  app.add_option("--operations", operations, "Of each kind")->capture_default_str();
  app.add_option("--in-flight", in_flight, "Operations under way at a time")->capture_default_str();
  if (const auto code = cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  observe::InitLogging({.component = "namenode_state_bench"});
  if (std::filesystem::exists(directory) && !std::filesystem::is_empty(directory)) {
    return cli::Fail("namenode_state_bench", AlreadyExists(directory + " is not empty; name another folder"));
  }
  std::printf("%llu operations of each kind, %d in flight\n", static_cast<unsigned long long>(operations), in_flight);
  return bench::Bench(directory, operations, in_flight).Run() == 0 ? cli::kExitOk : cli::kExitFailed;
}
