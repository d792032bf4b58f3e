// What a user feels when a DataNode dies or hangs, on a cluster of real processes with the default settings.
//
//   death: a node that holds about --mb MiB is killed with SIGKILL; how long until it is known to be dead, until every block has
//   its
//          replicas again, and what small reads take meanwhile.
//   hang:  a node is stopped with SIGSTOP; what small reads take, and the longest time a writer stands still.
//
// usage: dfs_faults_bench [--mb N] [--nodes N] [--subnet 127.0.6]
// Prints rows of a Markdown table. Exit code 1: something failed.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include "common/base/random.h"
#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "common/observe/logging.h"
#include "dfs/client/admin.h"
#include "tests/harness/process_cluster.h"

namespace tusk::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr size_t kReadBytes = 64 << 10;
constexpr size_t kPieceBytes = 1 << 20;
constexpr size_t kFileBytes = 64 << 20;
constexpr auto kCalm = std::chrono::seconds(5);  // of reads without a fault, and of the fault itself
constexpr auto kPatience = std::chrono::seconds(180);

double Seconds(SteadyClock::time_point from) { return std::chrono::duration<double>(SteadyClock::now() - from).count(); }
void Row(const std::string& what, const std::string& figure, const std::string& remark) {
  std::printf("| %-62s | %10s | %s |\n", what.c_str(), figure.c_str(), remark.c_str());
  std::fflush(stdout);
}
std::string Number(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.*f", digits, value);
  return text;
}

struct Percentiles {
  double p50 = 0, p99 = 0, longest = 0;  // milliseconds
  size_t count = 0;
};
Percentiles Of(std::vector<double> times) {
  if (times.empty()) return {};
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times[times.size() * 99 / 100], times.back(), times.size()};
}
std::string Text(const Percentiles& p) {
  return "p50 " + Number(p.p50, 2) + " ms, longest " + Number(p.longest, 1) + " ms, " + std::to_string(p.count) + " operations";
}

// Positional reads of random places of random files, one after another, until stopped; each opens its file anew now and then.
class Reader {
 public:
  Reader(std::shared_ptr<dfs::FileSystem> fs, std::vector<std::string> files)
      : fs_(std::move(fs)), files_(std::move(files)), thread_([this] { Run(); }) {}
  ~Reader() {
    stop_ = true;
    thread_.join();
  }
  // The times since the last call.
  Percentiles Take() {
    const std::lock_guard lock(mutex_);
    return Of(std::exchange(times_, {}));
  }
  uint64_t failed() const { return failed_; }

 private:
  void Run() {
    Random random(7);
    std::vector<std::byte> bytes(kReadBytes);
    while (!stop_) {
      const auto from = SteadyClock::now();
      const auto in = fs_->Open(files_[random.Below(files_.size())]);
      const auto got = in.ok() ? (*in)->ReadAt(random.Below(kFileBytes - kReadBytes), bytes) : Result<size_t>(in.status());
      if (!got.ok()) {
        if (failed_++ == 0) std::fprintf(stderr, "dfs_faults_bench: a read failed: %s\n", got.status().ToString().c_str());
        continue;
      }
      const std::lock_guard lock(mutex_);
      times_.push_back(Seconds(from) * 1000);
    }
  }
  std::shared_ptr<dfs::FileSystem> fs_;
  const std::vector<std::string> files_;
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> failed_{0};
  std::mutex mutex_;
  std::vector<double> times_;
  std::thread thread_;
};

class Bench {
 public:
  Bench(testing::ProcessCluster& cluster, int nodes) : cluster_(cluster), nodes_(nodes) {}

  Status Run(size_t megabytes) {
    TUSK_ASSIGN(fs_, cluster_.Connect());
    TUSK_ASSIGN(const auto config, cluster_.LoadConfig());
    TUSK_ASSIGN(auto client, dfs::ClientOptions::FromConfig(config));
    TUSK_ASSIGN(admin_, dfs::Admin::Connect(client));
    // Each byte lies on 3 of the nodes: this much in all gives the node that dies about `megabytes`.
    const size_t files = std::max<size_t>(1, megabytes * static_cast<size_t>(nodes_) / 3 / (kFileBytes >> 20));
    TUSK_TRY(WriteFiles(files));
    {
      Reader reader(fs_, files_);
      TUSK_TRY(Death(reader));
      TUSK_TRY(Hang(reader));
      if (reader.failed() > 0) return Unavailable(std::to_string(reader.failed()) + " reads failed");
    }
    return WriteBesideAHang();
  }

 private:
  Status WriteFiles(size_t count) {
    std::vector<std::byte> piece(kPieceBytes);
    Random random(1);
    for (auto& byte : piece) byte = static_cast<std::byte>(random());
    for (size_t i = 0; i < count; ++i) {
      files_.push_back("/bench/file" + std::to_string(i));
      TUSK_ASSIGN(auto out, fs_->Create(files_.back(), {.block_size = 16 << 20}));
      for (size_t at = 0; at < kFileBytes; at += kPieceBytes) TUSK_TRY(out->Write(std::span<const std::byte>(piece)));
      TUSK_TRY(out->Close());
    }
    return OkStatus();
  }

  Status Death(Reader& reader) {
    (void)reader.Take();
    std::this_thread::sleep_for(kCalm);
    const Percentiles calm = reader.Take();
    TUSK_ASSIGN(const auto before, admin_->Report());
    uint64_t held = 0;
    for (const auto& node : before.nodes) held = node.node.name == "node2" ? node.used : held;
    const auto begin = SteadyClock::now();
    TUSK_TRY(cluster_.Kill("node2/datanode"));
    double detected = 0;
    while (true) {
      TUSK_ASSIGN(const auto report, admin_->Report());
      const bool live =
          std::any_of(report.nodes.begin(), report.nodes.end(), [](const auto& n) { return n.node.name == "node2" && n.live; });
      if (!live && detected == 0) detected = Seconds(begin);
      if (!live && report.under_replicated == 0) break;
      if (SteadyClock::now() - begin > kPatience) return Unavailable("not every block has its replicas again");
      std::this_thread::sleep_for(milliseconds(20));
    }
    const double healed = Seconds(begin);
    const Percentiles during = reader.Take();
    Row("node death: until it is known", Number(detected, 1), "s");
    Row("node death: copying its " + std::to_string(held >> 20) + " MiB again",
        Number(static_cast<double>(held) / 1e6 / (healed - detected), 0),
        "MB/s, " + Number(healed - detected, 2) + " s after that");
    Row("node death: 64 KiB reads before it, p99", Number(calm.p99, 2), "ms, " + Text(calm));
    Row("node death: the same from the death until all is copied, p99", Number(during.p99, 2), "ms, " + Text(during));
    return cluster_.Restart("node2/datanode");
  }

  Status Hang(Reader& reader) {
    std::this_thread::sleep_for(kCalm);
    (void)reader.Take();
    std::this_thread::sleep_for(kCalm);
    const Percentiles calm = reader.Take();
    TUSK_TRY(cluster_.Pause("node3/datanode"));
    std::this_thread::sleep_for(kCalm);
    const Percentiles during = reader.Take();
    TUSK_TRY(cluster_.Resume("node3/datanode"));
    Row("hang (SIGSTOP): 64 KiB reads before it, p99", Number(calm.p99, 2), "ms, " + Text(calm));
    Row("hang (SIGSTOP): the same with one node stopped, p99", Number(during.p99, 2), "ms, " + Text(during));
    return OkStatus();
  }

  // A steady stream; a node of its pipeline stops in the middle. What counts is the longest single Write.
  Status WriteBesideAHang() {
    std::vector<std::byte> piece(kPieceBytes);
    TUSK_ASSIGN(auto out, fs_->Create("/bench/stream", {.block_size = 1 << 30}));
    std::vector<double> times;
    const auto write = [&](int pieces) -> Status {
      for (int i = 0; i < pieces; ++i) {
        const auto from = SteadyClock::now();
        TUSK_TRY(out->Write(std::span<const std::byte>(piece)));
        TUSK_TRY(out->Flush());
        times.push_back(Seconds(from) * 1000);
      }
      return OkStatus();
    };
    TUSK_TRY(write(64));
    const Percentiles calm = Of(std::exchange(times, {}));
    TUSK_ASSIGN(const auto located, fs_->Locate("/bench/stream"));
    if (located.blocks.empty() || located.blocks[0].locations.empty()) return Internal("the open block has no locations");
    const std::string victim = located.blocks[0].locations.back().name;
    TUSK_TRY(cluster_.Pause(victim + "/datanode"));
    const Status written = write(64);
    TUSK_TRY(cluster_.Resume(victim + "/datanode"));
    TUSK_TRY(written);
    const Percentiles during = Of(times);
    TUSK_TRY(out->Close());
    Row("hang (SIGSTOP): 1 MiB write and flush before it, longest", Number(calm.longest, 1), "ms, " + Text(calm));
    Row("hang (SIGSTOP): the same with a node of the pipeline stopped", Number(during.longest, 1), "ms, " + Text(during));
    return OkStatus();
  }

  testing::ProcessCluster& cluster_;
  const int nodes_;
  std::shared_ptr<dfs::FileSystem> fs_;
  std::shared_ptr<dfs::Admin> admin_;
  std::vector<std::string> files_;
};

int Run(int nodes, size_t megabytes, const std::string& subnet) {
  testing::ProcessCluster::Options options;
  options.nodes = nodes;
  options.subnet = subnet;
  auto cluster = testing::ProcessCluster::Start(options);
  const Status done = cluster.ok() ? Bench(**cluster, nodes).Run(megabytes) : cluster.status();
  if (done.ok()) return 0;
  std::fprintf(stderr, "dfs_faults_bench: %s\n", done.ToString().c_str());
  return 1;
}

}  // namespace
}  // namespace tusk::bench

int main(int argc, char** argv) {
  int nodes = 4;
  size_t megabytes = 1024;
  std::string subnet = "127.0.6";
  CLI::App app("Measures what users feel when a DataNode dies or hangs.", "dfs_faults_bench");
  app.add_option("--nodes", nodes, "Nodes of the cluster")->capture_default_str();
  app.add_option("--mb", megabytes, "MiB that the dying node holds, about")->capture_default_str();
  app.add_option("--subnet", subnet, "Loopback subnet of the cluster")->capture_default_str();
  if (const auto code = tusk::cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  tusk::observe::InitLogging({.component = "dfs_faults_bench"});
  return tusk::bench::Run(nodes, megabytes, subnet);
}
