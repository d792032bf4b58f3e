// How many small files many writers create, write and close durably each second on a running cluster, and what bounds it.
//
// usage: TUSK_CONF=... small_files_bench [--files N] [--bytes N] [--writers N] [--replication N]
// Prints files/s, p50 and p99 of one file, the processor time the whole machine took for one (the bound: processors divided by
// it), and how much of the machine was idle.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "common/base/random.h"
#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "common/observe/logging.h"
#include "dfs/client/file_system.h"
#include "dfs/protocol/settings.h"

namespace tusk::bench {
namespace {

struct Plan {
  uint64_t files = 20'000;
  uint64_t bytes = 10 << 10;
  int writers = 64;
  uint16_t replication = 3;
};

// Seconds that all processors have spent working, and altogether, since the machine started.
struct ProcessorTime {
  double busy = 0, all = 0;
};
ProcessorTime Measure() {
  std::ifstream stat("/proc/stat");
  std::string name;
  stat >> name;
  ProcessorTime time;
  double ticks = 0;
  for (int column = 0; column < 8 && stat >> ticks; ++column) {
    time.all += ticks;
    if (column != 3 && column != 4) time.busy += ticks;  // idle, waiting for disks
  }
  const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return {time.busy / per_second, time.all / per_second};
}

Status Run(const Plan& plan) {
  const char* file = std::getenv("TUSK_CONF");
  TUSK_ASSIGN(const auto config,
              config::Config::Load({dfs::kDfsSettings}, {.file = file != nullptr ? file : "", .allow_unknown_sections = true}));
  TUSK_ASSIGN(const auto options, dfs::ClientOptions::FromConfig(config));
  TUSK_ASSIGN(const auto fs, dfs::FileSystem::Connect(options));
  const std::string root = "/bench-small-" + std::to_string(SecureRandom64());
  const std::string content(plan.bytes, 'x');
  std::atomic<uint64_t> next{0};
  std::mutex mutex;
  Status failed;
  std::vector<double> millis;
  for (int w = 0; w < plan.writers; ++w) TUSK_TRY(fs->Mkdirs(root + "/" + std::to_string(w)));
  const auto write = [&](int writer) {
    std::vector<double> mine;
    for (uint64_t n = next++; n < plan.files; n = next++) {
      const auto begin = std::chrono::steady_clock::now();
      const std::string path = root + "/" + std::to_string(writer) + "/" + std::to_string(n);
      dfs::CreateOptions create;
      create.replication = plan.replication;
      const Status written = dfs::WriteWholeFile(*fs, path, content, create);
      if (!written.ok()) {
        std::lock_guard lock(mutex);
        failed = written;
        return;
      }
      mine.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::lock_guard lock(mutex);
    millis.insert(millis.end(), mine.begin(), mine.end());
  };
  const ProcessorTime before = Measure();
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> writers;
  for (int w = 0; w < plan.writers; ++w) writers.emplace_back(write, w);
  for (auto& writer : writers) writer.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const ProcessorTime after = Measure();
  TUSK_TRY(failed);
  std::sort(millis.begin(), millis.end());
  const double busy = after.busy - before.busy;
  std::printf("%llu files of %llu bytes, %u replicas, durable, %d writers: %.0f files/s, p50 %.1f ms, p99 %.1f ms\n",
              static_cast<unsigned long long>(plan.files), static_cast<unsigned long long>(plan.bytes), plan.replication,
              plan.writers, static_cast<double>(plan.files) / seconds, millis[millis.size() / 2],
              millis[millis.size() * 99 / 100]);
  std::printf(
      "processor time of the whole machine: %.0f us a file, so %.0f files/s with all processors busy; busy here: %.0f %%\n",
      busy / static_cast<double>(plan.files) * 1e6, static_cast<double>(plan.files) / busy * std::thread::hardware_concurrency(),
      100 * busy / (after.all - before.all));
  return fs->Delete(root, true).status();
}

}  // namespace
}  // namespace tusk::bench

int main(int argc, char** argv) {
  tusk::bench::Plan plan;
  CLI::App app("Small files, many writers.", "small_files_bench");
  app.add_option("--files", plan.files, "How many files")->capture_default_str();
  app.add_option("--bytes", plan.bytes, "Bytes of each")->capture_default_str();
  app.add_option("--writers", plan.writers, "Writers at a time")->capture_default_str();
  app.add_option("--replication", plan.replication, "Replicas")->capture_default_str();
  if (const auto code = tusk::cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  tusk::observe::InitLogging({.component = "small_files_bench"});
  const tusk::Status status = tusk::bench::Run(plan);
  return status.ok() ? 0 : tusk::cli::Fail("small_files_bench", status);
}
