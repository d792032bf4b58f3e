// Rounds of writing while processes are killed, paused and restarted; after each round every acknowledged file is read and
// compared.
//
// usage: chaos [--rounds N] [--seed S] [--nodes N] [--writers N] [--subnet 127.0.8]
//
// Prints the seed of each round; `chaos --rounds 1 --seed S` repeats that round's plan and files. Exit code 0: nothing
// acknowledged was lost or changed.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include "common/cli/command_line.h"
#include "common/observe/logging.h"
#include "tests/chaos/ledger.h"
#include "tests/chaos/nemesis.h"
#include "tests/chaos/workload.h"
#include "tests/harness/process_cluster.h"

namespace tusk::chaos {
namespace {

// Files live this many rounds, and are verified after each; then the folder is emptied, so that a long run needs no more disk
// than a short one.
constexpr int kRoundsKept = 10;

struct Flags {
  int rounds = 20;
  uint64_t seed = 0;
  int nodes = 5;
  int writers = 3;
  std::string subnet = "127.0.8";
};

int Fail(const std::string& what, const Status& status, uint64_t seed) {
  std::printf("FAILED: %s: %s\nrepeat it with: chaos --rounds 1 --seed %llu\n", what.c_str(), status.ToString().c_str(),
              static_cast<unsigned long long>(seed));
  return 1;
}

int Run(const Flags& flags) {
  const uint64_t first_seed = flags.seed != 0 ? flags.seed : SecureRandom64() >> 1;
  std::printf("chaos: %d rounds, seed %llu, %d nodes, %d writers\n", flags.rounds, static_cast<unsigned long long>(first_seed),
              flags.nodes, flags.writers);
  testing::ProcessCluster::Options options;
  options.nodes = flags.nodes;
  options.racks = 2;
  options.subnet = flags.subnet;
  // Everything quick, and small blocks: many pipelines, many recoveries.
  options.settings = {{"dfs.block_size", "1m"},          {"dfs.heartbeat_interval", "200ms"},
                      {"dfs.datanode_dead_after", "2s"}, {"dfs.replication_interval", "100ms"},
                      {"dfs.data_timeout", "3s"},        {"dfs.packet_bytes", "64k"}};
  auto cluster = testing::ProcessCluster::Start(options);
  if (!cluster.ok()) return Fail("start", cluster.status(), first_seed);
  Ledger ledger;
  uint64_t written = 0, renamed = 0, deleted = 0, failed = 0, blows = 0, verified = 0;
  Random seeds(first_seed);
  for (int round = 1; round <= flags.rounds; ++round) {
    const uint64_t seed = round == 1 ? first_seed : seeds() >> 1;
    const auto plan = PlanRound(seed, flags.nodes);
    std::string told;
    for (const Blow& blow : plan) told += (told.empty() ? "" : ", ") + blow.ToString();
    std::printf("round %d, seed %llu: %s\n", round, static_cast<unsigned long long>(seed), told.c_str());
    std::fflush(stdout);

    auto fs = (*cluster)->Connect(std::chrono::milliseconds(20'000));
    if (!fs.ok()) return Fail("connect", fs.status(), seed);
    if (const Status made = (*fs)->Mkdirs("/chaos"); !made.ok()) return Fail("mkdir", made, seed);
    Workload workload(*fs, ledger, "/chaos");
    std::atomic<bool> stop{false};
    std::thread writers([&] { workload.Run(seed, flags.writers, stop); });
    const Status carried = Carry(plan, **cluster);
    stop = true;
    writers.join();
    if (!carried.ok()) return Fail("the nemesis", carried, seed);
    // Through a new client: nothing the writers' client remembers may help.
    auto reader = (*cluster)->Connect(std::chrono::milliseconds(30'000));
    if (!reader.ok()) return Fail("connect", reader.status(), seed);
    if (const Status verdict = VerifyLedger(**reader, ledger); !verdict.ok())
      return Fail("round " + std::to_string(round), verdict, seed);
    verified += ledger.acknowledged();
    if (round % kRoundsKept == 0) {
      if (const auto gone = (*reader)->Delete("/chaos", true); !gone.ok())
        return Fail("delete of verified files", gone.status(), seed);
      for (const auto& expectation : ledger.All()) ledger.Forget(expectation.path);
    }
    written += workload.counts().written;
    renamed += workload.counts().renamed;
    deleted += workload.counts().deleted;
    failed += workload.counts().failed;
    blows += plan.size();
  }
  std::printf(
      "chaos: %d rounds, %llu blows; %llu files written, %llu renamed, %llu deleted, %llu operations failed and were not "
      "acknowledged; "
      "%llu verifications of acknowledged files, lost or changed: 0\n",
      flags.rounds, static_cast<unsigned long long>(blows), static_cast<unsigned long long>(written),
      static_cast<unsigned long long>(renamed), static_cast<unsigned long long>(deleted), static_cast<unsigned long long>(failed),
      static_cast<unsigned long long>(verified));
  return 0;
}

}  // namespace
}  // namespace tusk::chaos

int main(int argc, char** argv) {
  tusk::chaos::Flags flags;
  CLI::App app("Kills, pauses and restarts processes under a writing workload and verifies every acknowledged file.", "chaos");
  app.add_option("--rounds", flags.rounds, "Rounds")->capture_default_str();
  app.add_option("--seed", flags.seed, "Of the first round; 0: random, printed");
  app.add_option("--nodes", flags.nodes, "Nodes of the cluster")->capture_default_str();
  app.add_option("--writers", flags.writers, "Writing threads")->capture_default_str();
  app.add_option("--subnet", flags.subnet, "Loopback subnet of the cluster")->capture_default_str();
  if (const auto code = tusk::cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  tusk::observe::InitLogging({.component = "chaos"});
  return tusk::chaos::Run(flags);
}
