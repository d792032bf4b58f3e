// From submit to committed of the smallest job (one map, one reduce, one line of text), many times, on a running cluster.
//
// usage: TUSK_CONF=... job_latency_bench BINARY [--jobs N]      BINARY: the wordcount executable; prints p50, p90, p99
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
#include "mapreduce/client/job_client.h"
#include "mapreduce/protocol/settings.h"

namespace tusk::bench {
namespace {

Status Run(const std::string& binary, int jobs) {
  const char* file = std::getenv("TUSK_CONF");
  TUSK_ASSIGN(const auto config, config::Config::Load({dfs::kDfsSettings, mr::kMapReduceSettings},
                                                      {.file = file != nullptr ? file : "", .allow_unknown_sections = true}));
  TUSK_ASSIGN(const auto options, dfs::ClientOptions::FromConfig(config));
  TUSK_ASSIGN(const auto fs, dfs::FileSystem::Connect(options));
  TUSK_ASSIGN(const auto client, mr::JobClient::Connect(config, fs));
  const std::string root = "/bench-jobs-" + std::to_string(SecureRandom64());
  const std::string text = "one line of text\n";
  TUSK_TRY(dfs::WriteWholeFile(*fs, root + "/in", text, {}));
  TUSK_ASSIGN(const auto located, fs->Locate(root + "/in"));
  std::vector<double> millis;
  for (int n = 0; n < jobs; ++n) {
    mr::JobDescription job;
    job.name = "smallest";
    job.binary = binary;
    job.output = root + "/out" + std::to_string(n);
    mr::InputSplit split{root + "/in", 0, text.size(), {}, text.size()};
    for (const auto& node : located.blocks.at(0).locations) split.hosts.push_back(node.host);
    job.splits = {split};
    const auto begin = std::chrono::steady_clock::now();
    TUSK_ASSIGN(const auto id, client->Submit(job));
    TUSK_ASSIGN(const auto status, client->Watch(id, [](const mr::JobStatus&) {}));
    millis.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    if (status.state != mr::JobState::kSucceeded) return Internal("job " + id + ": " + status.failure);
  }
  std::sort(millis.begin(), millis.end());
  std::printf("%d jobs, submit to committed: p50 %.1f ms   p90 %.1f ms   p99 %.1f ms\n", jobs, millis[millis.size() / 2],
              millis[millis.size() * 9 / 10], millis[millis.size() * 99 / 100]);
  return fs->Delete(root, true).status();
}

}  // namespace
}  // namespace tusk::bench

int main(int argc, char** argv) {
  std::string binary;
  int jobs = 50;
  CLI::App app("Latency of the smallest job.", "job_latency_bench");
  app.add_option("BINARY", binary, "The wordcount executable")->required();
  app.add_option("--jobs", jobs, "How many")->capture_default_str();
  if (const auto code = tusk::cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  tusk::observe::InitLogging({.component = "job_latency_bench"});
  const tusk::Status status = tusk::bench::Run(binary, jobs);
  return status.ok() ? 0 : tusk::cli::Fail("job_latency_bench", status);
}
