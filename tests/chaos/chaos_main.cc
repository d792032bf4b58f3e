// Rounds of work while processes are killed, paused and restarted, folders vanish, disks fill up and bits flip; after each round
// every acknowledged file is read and compared.
//
// usage: chaos [--rounds N] [--seed S] [--nodes N] [--writers N] [--readers N] [--subnet 127.0.8] [--table FILE]
//
// Prints the seed of each round; `chaos --rounds 1 --seed S` repeats that round's plan and files. Exit code 0: nothing
// acknowledged was lost or wrong.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "common/observe/logging.h"
#include "dfs/client/admin.h"
#include "tests/chaos/disk_faults.h"
#include "tests/chaos/judge.h"
#include "tests/chaos/ledger.h"
#include "tests/chaos/nemesis.h"
#include "tests/chaos/report.h"
#include "tests/chaos/workload.h"
#include "tests/harness/process_cluster.h"
#include "tests/harness/temporary_folder.h"

namespace tusk::chaos {
namespace {

// Files live this many rounds, and are verified after each; then the folder is emptied, so that a long run needs no more disk
// than a short one.
constexpr int kRoundsKept = 10;
constexpr uint64_t kSmallDiskBytes = 1 << 30;
constexpr auto kHealingPatience = std::chrono::seconds(60);
constexpr const char* kDirectory = "/chaos";

struct Flags {
  int rounds = 20;
  uint64_t seed = 0;
  int nodes = 5;
  int writers = 3;
  int readers = 1;
  std::string subnet = "127.0.8";
  std::string table;
};

using Cluster = std::unique_ptr<testing::ProcessCluster>;

Result<Cluster> StartCluster(const Flags& flags, const std::string& directory) {
  testing::ProcessCluster::Options options;
  options.nodes = flags.nodes;
  options.racks = 2;
  options.folders = NemesisOptions().folders;
  options.subnet = flags.subnet;
  options.directory = directory;
  // Everything quick, and small blocks: many pipelines, many recoveries. Two replicas before a file closes: see nemesis.h.
  options.settings = {{"dfs.block_size", "1m"},
                      {"dfs.heartbeat_interval", "200ms"},
                      {"dfs.min_replication", "2"},
                      {"dfs.datanode_dead_after", "2s"},
                      {"dfs.replication_interval", "100ms"},
                      {"dfs.datanode_reserved", "16m"},
                      {"dfs.pending_replication_timeout", "5s"},
                      {"dfs.data_timeout", "3s"},
                      {"dfs.packet_bytes", "64k"}};
  return testing::ProcessCluster::Start(options);
}

// Waits until every block has its replicas again.
Status AwaitHealed(const testing::ProcessCluster& cluster) {
  TUSK_ASSIGN(const auto config, cluster.LoadConfig());
  TUSK_ASSIGN(auto client, dfs::ClientOptions::FromConfig(config));
  TUSK_ASSIGN(const auto admin, dfs::Admin::Connect(client));
  const auto deadline = std::chrono::steady_clock::now() + kHealingPatience;
  std::string seen;
  while (std::chrono::steady_clock::now() < deadline) {
    if (const auto report = admin->Report(); report.ok()) {
      if (!report->safe_mode && report->under_replicated == 0 && report->missing == 0) return OkStatus();
      seen = std::to_string(report->under_replicated) + " blocks under-replicated, " + std::to_string(report->missing) +
             " missing" + (report->safe_mode ? ", safe mode" : "");
    } else {
      seen = report.status().ToString();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return FailedPrecondition("a minute after the round not every block has its replicas: " + seen);
}

class Run {
 public:
  explicit Run(const Flags& flags) : flags_(flags) {}

  int All() {
    nemesis_.nodes = flags_.nodes;
    figures_.first_seed = flags_.seed != 0 ? flags_.seed : SecureRandom64() >> 1;
    figures_.rounds = flags_.rounds;
    std::printf("chaos: %d rounds, seed %llu, %d nodes of %d folders, %d writers, %d readers\n", flags_.rounds,
                static_cast<unsigned long long>(figures_.first_seed), flags_.nodes, nemesis_.folders, flags_.writers,
                flags_.readers);
    const std::string filled = folder_.path() + "/data/" + std::string(kFilledNode) + "/datanode";
    const Status mounted = disk_.Mount(filled, kSmallDiskBytes);
    nemesis_.full_disks = mounted.ok();
    if (!mounted.ok()) std::printf("chaos: full disks are left out: %s\n", mounted.ToString().c_str());
    auto cluster = StartCluster(flags_, folder_.path());
    if (!cluster.ok()) return Fail("start", cluster.status(), figures_.first_seed);
    cluster_ = std::move(*cluster);
    const auto begin = std::chrono::steady_clock::now();
    Random seeds(figures_.first_seed);
    for (int round = 1; round <= flags_.rounds; ++round) {
      const uint64_t seed = round == 1 ? figures_.first_seed : seeds() >> 1;
      if (Status done = Round(round, seed); !done.ok()) return Fail("round " + std::to_string(round), done, seed);
    }
    figures_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::fputs(Summary(figures_).c_str(), stdout);
    return WriteTable();
  }

 private:
  static int Fail(const std::string& what, const Status& status, uint64_t seed) {
    std::printf("FAILED: %s: %s\nrepeat it with: chaos --rounds 1 --seed %llu\n", what.c_str(), status.ToString().c_str(),
                static_cast<unsigned long long>(seed));
    // What the daemons wrote is worth more than the space.
    ::setenv("TUSK_KEEP_TEST_DIRS", "1", 1);
    return 1;
  }

  Status Round(int round, uint64_t seed) {
    const auto begin = std::chrono::steady_clock::now();
    TUSK_TRY(WorkAndVerify(round, seed));
    const auto verified = std::chrono::steady_clock::now();
    TUSK_TRY(AwaitHealed(*cluster_));
    std::printf("  done in %.1f s, healed after %.1f s\n", std::chrono::duration<double>(verified - begin).count(),
                std::chrono::duration<double>(std::chrono::steady_clock::now() - verified).count());
    return OkStatus();
  }

  Status WorkAndVerify(int round, uint64_t seed) {
    const auto plan = PlanRound(seed, nemesis_);
    std::string told;
    for (const Blow& blow : plan) {
      figures_.Add(blow);
      told += (told.empty() ? "" : ", ") + blow.ToString();
    }
    std::printf("round %d, seed %llu: %s\n", round, static_cast<unsigned long long>(seed), told.c_str());
    std::fflush(stdout);
    TUSK_ASSIGN(const auto fs, cluster_->Connect(std::chrono::milliseconds(20'000)));
    TUSK_TRY(fs->Mkdirs(kDirectory));
    Workload workload(fs, ledger_, kDirectory);
    std::atomic<bool> stop{false};
    std::thread clients([&] { workload.Run(seed, flags_.writers, flags_.readers, stop); });
    const Status carried = Carry(plan, *cluster_, nemesis_);
    stop = true;
    clients.join();
    TUSK_TRY(carried);
    TUSK_TRY(workload.wrong_read());
    figures_.Add(workload.counts());
    return Verify(round);
  }

  Status Verify(int round) {
    // Through a new client: nothing the writers' client remembers may help.
    TUSK_ASSIGN(const auto reader, cluster_->Connect(std::chrono::milliseconds(30'000)));
    TUSK_TRY(VerifyLedger(*reader, ledger_));
    figures_.verified += ledger_.acknowledged();
    if (round % kRoundsKept == 0) {
      TUSK_TRY(reader->Delete(kDirectory, true).status());
      for (const auto& expectation : ledger_.All()) ledger_.Forget(expectation.path);
    }
    return OkStatus();
  }

  int WriteTable() const {
    if (flags_.table.empty()) return 0;
    char date[16];
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&now, &parts);
    std::strftime(date, sizeof(date), "%Y-%m-%d", &parts);
    std::ofstream(flags_.table, std::ios::app) << TableRow(figures_, date);
    return 0;
  }

  const Flags flags_;
  const testing::TemporaryFolder folder_;
  SmallDisk disk_;
  NemesisOptions nemesis_;
  Cluster cluster_;
  Ledger ledger_;
  RunFigures figures_;
};

}  // namespace
}  // namespace tusk::chaos

int main(int argc, char** argv) {
  tusk::chaos::Flags flags;
  CLI::App app("Kills, pauses, robs and bites processes under a working load and verifies every acknowledged file.", "chaos");
  app.add_option("--rounds", flags.rounds, "Rounds")->capture_default_str();
  app.add_option("--seed", flags.seed, "Of the first round; 0: random, printed");
  app.add_option("--nodes", flags.nodes, "Nodes of the cluster")->capture_default_str();
  app.add_option("--writers", flags.writers, "Writing threads")->capture_default_str();
  app.add_option("--readers", flags.readers, "Reading threads")->capture_default_str();
  app.add_option("--subnet", flags.subnet, "Loopback subnet of the cluster")->capture_default_str();
  app.add_option("--table", flags.table, "Append a row with the figures to this file");
  if (const auto code = tusk::cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  tusk::observe::InitLogging({.component = "chaos"});
  return tusk::chaos::Run(flags).All();
}
