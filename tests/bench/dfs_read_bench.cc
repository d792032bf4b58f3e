// How fast one client reads from a running cluster, every byte verified: a large file in order, and small pieces anywhere in it.
//
// usage: TUSK_CONF=... dfs_read_bench [--megabytes N] [--runs N] [--pieces N] [--kib N]
// Prints the seconds of each run, then medians as MB/s and the latencies of the pieces: over the network, and from the files of a
// DataNode on this machine. Beside it: read_limit, in the same run.
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
  int pieces = 2000;
  uint64_t kib = 64;
};

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

Status WriteFile(dfs::FileSystem& fs, const std::string& path, uint64_t megabytes) {
  std::vector<std::byte> piece(1 << 20);
  TUSK_ASSIGN(const auto out, fs.Create(path));
  Random random(1);
  for (auto& byte : piece) byte = static_cast<std::byte>(random());
  for (uint64_t i = 0; i < megabytes; ++i) TUSK_TRY(out->Write(piece));
  return out->Close();
}

Result<double> ReadAll(dfs::FileSystem& fs, const std::string& path) {
  std::vector<std::byte> buffer(1 << 20);
  const auto begin = Clock::now();
  TUSK_ASSIGN(const auto in, fs.Open(path));
  while (true) {
    TUSK_ASSIGN(const size_t n, in->Read(buffer));
    if (n == 0) return SecondsSince(begin);
  }
}

Result<std::vector<double>> ReadPieces(dfs::FileSystem& fs, const std::string& path, const Plan& plan) {
  std::vector<std::byte> buffer(plan.kib << 10);
  TUSK_ASSIGN(const auto in, fs.Open(path));
  Random random(2);
  std::vector<double> seconds;
  for (int i = 0; i < plan.pieces; ++i) {
    const uint64_t offset = random.Below(in->length() - buffer.size());
    const auto begin = Clock::now();
    TUSK_TRY(in->ReadAt(offset, buffer).status());
    seconds.push_back(SecondsSince(begin));
  }
  return seconds;
}

Status Measure(const char* how, dfs::FileSystem& fs, const std::string& path, const Plan& plan) {
  std::vector<double> seconds;
  for (int run = 0; run < plan.runs; ++run) {
    TUSK_ASSIGN(const double took, ReadAll(fs, path));
    std::printf("%.3f s\n", took);
    std::fflush(stdout);
    seconds.push_back(took);
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf("DFS read, %s: %.0f MB/s\n", how, static_cast<double>(plan.megabytes << 20) / 1e6 / seconds[seconds.size() / 2]);
  TUSK_ASSIGN(std::vector<double> pieces, ReadPieces(fs, path, plan));
  if (pieces.empty()) return OkStatus();
  std::sort(pieces.begin(), pieces.end());
  const auto at = [&](double share) { return pieces[static_cast<size_t>(share * static_cast<double>(pieces.size() - 1))] * 1e6; };
  std::printf("DFS positional reads of %llu KiB, %s: p50 %.0f us, p99 %.0f us, longest %.0f us\n",
              static_cast<unsigned long long>(plan.kib), how, at(0.5), at(0.99), at(1));
  return OkStatus();
}

Status Run(const Plan& plan) {
  const char* file = std::getenv("TUSK_CONF");
  TUSK_ASSIGN(const auto config,
              config::Config::Load({dfs::kDfsSettings}, {.file = file != nullptr ? file : "", .allow_unknown_sections = true}));
  TUSK_ASSIGN(auto options, dfs::ClientOptions::FromConfig(config));
  const std::string path = "/bench-read-" + std::to_string(SecureRandom64());
  for (const bool local : {false, true}) {
    options.local_reads = local;
    TUSK_ASSIGN(const auto fs, dfs::FileSystem::Connect(options));
    if (!local) TUSK_TRY(WriteFile(*fs, path, plan.megabytes));
    TUSK_TRY(Measure(local ? "from the files" : "over the network", *fs, path, plan));
    if (local) TUSK_TRY(fs->Delete(path, false).status());
  }
  return OkStatus();
}

}  // namespace
}  // namespace tusk::bench

int main(int argc, char** argv) {
  tusk::bench::Plan plan;
  CLI::App app("Read throughput and latency of one client.", "dfs_read_bench");
  app.add_option("--megabytes", plan.megabytes, "Size of the file in MiB")->capture_default_str();
  app.add_option("--runs", plan.runs, "How many")->capture_default_str();
  app.add_option("--pieces", plan.pieces, "Positional reads")->capture_default_str();
  app.add_option("--kib", plan.kib, "Size of one, in KiB")->capture_default_str();
  if (const auto code = tusk::cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  tusk::observe::InitLogging({.component = "dfs_read_bench"});
  const tusk::Status status = tusk::bench::Run(plan);
  return status.ok() ? 0 : tusk::cli::Fail("dfs_read_bench", status);
}
