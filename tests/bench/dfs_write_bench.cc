// How fast one client writes a large file with three replicas to a running cluster.
//
// usage: TUSK_CONF=... dfs_write_bench [--megabytes N] [--runs N] [--relaxed] [--replication N]
// Prints the seconds of each run, the median as MB/s last. Beside it: pipeline_limit, in the same run.
#include <algorithm>
#include <chrono>
#include <cstdio>
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
  uint64_t megabytes = 1024;
  int runs = 5;
  bool relaxed = false;
  uint16_t replication = 3;
};

Status Run(const Plan& plan) {
  const char* file = std::getenv("TUSK_CONF");
  TUSK_ASSIGN(const auto config,
              config::Config::Load({dfs::kDfsSettings}, {.file = file != nullptr ? file : "", .allow_unknown_sections = true}));
  TUSK_ASSIGN(const auto options, dfs::ClientOptions::FromConfig(config));
  TUSK_ASSIGN(const auto fs, dfs::FileSystem::Connect(options));
  const std::string root = "/bench-write-" + std::to_string(SecureRandom64());
  TUSK_TRY(fs->Mkdirs(root));
  const std::vector<std::byte> source(4 << 20, std::byte{0x5A});
  std::vector<double> seconds;
  for (int run = 0; run < plan.runs; ++run) {
    const std::string path = root + "/file";
    const auto begin = std::chrono::steady_clock::now();
    dfs::CreateOptions create;
    create.replication = plan.replication;
    create.overwrite = true;
    create.durable = !plan.relaxed;
    TUSK_ASSIGN(const auto out, fs->Create(path, create));
    for (uint64_t left = plan.megabytes << 20; left > 0;) {
      const size_t n = std::min<uint64_t>(left, source.size());
      TUSK_TRY(out->Write(std::span(source).first(n)));
      left -= n;
    }
    TUSK_TRY(out->Close());
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    std::printf("%.3f s\n", seconds.back());
    std::fflush(stdout);
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf("DFS write, %u replicas, %s close: %.0f MB/s\n", plan.replication, plan.relaxed ? "relaxed" : "durable",
              static_cast<double>(plan.megabytes << 20) / 1e6 / seconds[seconds.size() / 2]);
  return fs->Delete(root, true).status();
}

}  // namespace
}  // namespace tusk::bench

int main(int argc, char** argv) {
  tusk::bench::Plan plan;
  CLI::App app("Write throughput of one client.", "dfs_write_bench");
  app.add_option("--megabytes", plan.megabytes, "Size of the file in MiB")->capture_default_str();
  app.add_option("--runs", plan.runs, "How many")->capture_default_str();
  app.add_option("--replication", plan.replication, "Replicas")->capture_default_str();
  app.add_flag("--relaxed", plan.relaxed, "Close does not wait for the disks");
  if (const auto code = tusk::cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  tusk::observe::InitLogging({.component = "dfs_write_bench"});
  const tusk::Status status = tusk::bench::Run(plan);
  return status.ok() ? 0 : tusk::cli::Fail("dfs_write_bench", status);
}
