// `tusk dfsadmin` and `tusk balancer`: what operators order and ask.
#include <iostream>
#include <thread>

#include "common/base/clock.h"
#include "common/base/units.h"
#include "common/cli/command_line.h"
#include "dfs/client/admin.h"
#include "dfs/shell/commands.h"
#include "dfs/shell/dfsadmin.h"
#include "dfs/shell/quota_orders.h"
#include "dfs/shell/shell_options.h"

namespace tusk::dfs {
namespace {

constexpr std::chrono::milliseconds kSafeModePoll{500};
constexpr std::chrono::milliseconds kWatchPoll{2'000};

Result<std::shared_ptr<Admin>> ConnectAdmin(const config::Config& config) {
  TUSK_ASSIGN(ClientOptions options, ShellOptions(config));
  return Admin::Connect(std::move(options));
}

int Report(Admin& admin, bool json) {
  const auto report = admin.Report();
  if (!report.ok()) return cli::Fail("dfsadmin", report.status());
  std::cout << (json ? shell::AdminReportJson(*report) : shell::AdminReportText(*report)) << std::flush;
  return cli::kExitOk;
}

int SafeMode(Admin& admin, const std::string& action, bool json) {
  using Action = Admin::SafeModeAction;
  const Action first = action == "enter" ? Action::kEnter : action == "leave" ? Action::kLeave : Action::kGet;
  auto state = admin.SafeMode(first);
  while (state.ok() && state->on && action == "wait") {
    std::this_thread::sleep_for(kSafeModePoll);
    state = admin.SafeMode(Action::kGet);
  }
  if (!state.ok()) return cli::Fail("dfsadmin", state.status());
  if (json) {
    std::cout << "{\"safeMode\":" << (state->on ? "true" : "false") << "}\n";
  } else {
    std::cout << shell::SafeModeText(state->on);
    if (state->on && !state->reason.empty()) std::cout << ": " << state->reason;
    std::cout << '\n';
  }
  return cli::kExitOk;
}

int SaveNamespace(Admin& admin, bool json) {
  const auto saved = admin.SaveNamespace();
  if (!saved.ok()) return cli::Fail("dfsadmin", saved.status());
  if (json) {
    std::cout << "{\"index\":" << saved->index << ",\"bytes\":" << saved->bytes << "}\n";
  } else {
    std::cout << "Saved the namespace at log entry " << saved->index << ", " << saved->bytes << " bytes\n";
  }
  return cli::kExitOk;
}

int OrderNode(Admin& admin, const std::string& node, Admin::NodeAction action, int64_t until_ms, bool json) {
  if (Status ordered = admin.OrderNode(node, action, until_ms); !ordered.ok()) return cli::Fail("dfsadmin", ordered);
  if (json) {
    std::cout << "{\"ordered\":true}\n";
  } else {
    std::cout << "Ordered for " << node << "; tusk dfsadmin -report shows how far it has come\n";
  }
  return cli::kExitOk;
}

struct AdminArguments {
  bool report = false, save = false, json = false;
  std::string safe_mode, decommission, maintenance, until, recommission;

  int orders() const {
    return (report ? 1 : 0) + (save ? 1 : 0) + (safe_mode.empty() ? 0 : 1) + (decommission.empty() ? 0 : 1) +
           (maintenance.empty() ? 0 : 1) + (recommission.empty() ? 0 : 1);
  }
};

int RunOrder(Admin& admin, const AdminArguments& given, int64_t until_ms) {
  if (!given.decommission.empty()) {
    return OrderNode(admin, given.decommission, Admin::NodeAction::kDecommission, 0, given.json);
  }
  if (!given.maintenance.empty()) {
    return OrderNode(admin, given.maintenance, Admin::NodeAction::kMaintenance, until_ms, given.json);
  }
  if (!given.recommission.empty()) {
    return OrderNode(admin, given.recommission, Admin::NodeAction::kRecommission, 0, given.json);
  }
  if (given.save) return SaveNamespace(admin, given.json);
  return given.report ? Report(admin, given.json) : SafeMode(admin, given.safe_mode, given.json);
}

}  // namespace

int RunDfsAdmin(std::vector<std::string> args, const config::Config& config) {
  if (const auto code = shell::RunQuotaOrder(
          args, [&] { return ConnectShell(config); }, std::cerr))
    return *code;
  CLI::App app(
      "The state of the whole DFS, and orders for its nodes. A node is named by its name, host:port or id.\n\nExamples:\n"
      "  tusk dfsadmin -report\n  tusk dfsadmin -report --json\n  tusk dfsadmin -safemode get\n  tusk dfsadmin -saveNamespace\n"
      "  tusk dfsadmin -setQuota 100000 /user/ann\n  tusk dfsadmin -setSpaceQuota 2t /user/ann\n  tusk dfsadmin -clrQuota "
      "/user/ann\n"
      "  tusk dfsadmin -decommission node3\n  tusk dfsadmin -maintenance node3 -until 2h\n  tusk dfsadmin -recommission node3",
      "tusk dfsadmin");
  AdminArguments given;
  app.add_flag("--report", given.report, "capacity, blocks and every DataNode");
  app.add_option("--safemode", given.safe_mode, "get, enter, leave, or wait until it is off")
      ->type_name("ACTION")
      ->check(CLI::IsMember({"get", "enter", "leave", "wait"}));
  app.add_flag("--saveNamespace", given.save, "have the NameNode write a snapshot now");
  app.add_option("--decommission", given.decommission, "copy the node's replicas to others, so that it can be taken away")
      ->type_name("NODE");
  app.add_option("--maintenance", given.maintenance, "let the node be down for a while without copying all it holds")
      ->type_name("NODE");
  app.add_option("--until", given.until, "with -maintenance: how long, for example 2h; default: until -recommission")
      ->type_name("TIME");
  app.add_option("--recommission", given.recommission, "put the node back into service")->type_name("NODE");
  app.add_flag("--json", given.json, "an object instead of text");
  const std::vector<std::string> known{"report", "saveNamespace", "safemode", "decommission", "maintenance",
                                       "until",  "recommission",  "json",     "help"};
  if (const auto code = cli::Parse(app, cli::AcceptSingleDash(std::move(args), known))) return *code;
  if (given.orders() != 1 || (!given.until.empty() && given.maintenance.empty())) {
    std::cerr << "tusk dfsadmin: write one of -report, -safemode ACTION, -saveNamespace, -decommission NODE, -maintenance NODE "
                 "[-until TIME] and "
                 "-recommission NODE, -setQuota N DIRECTORY, -clrQuota DIRECTORY, -setSpaceQuota BYTES DIRECTORY, "
                 "-clrSpaceQuota DIRECTORY; see tusk dfsadmin --help\n";
    return cli::kExitUsage;
  }
  int64_t until_ms = 0;
  if (!given.until.empty()) {
    const auto duration = ParseDuration(given.until);
    if (!duration.ok() || duration->count() == 0) {
      std::cerr << "tusk dfsadmin: -until " << given.until << " is no time; write for example 30m or 2h\n";
      return cli::kExitUsage;
    }
    until_ms = Clock::System().WallMillis() + duration->count();
  }
  auto admin = ConnectAdmin(config);
  if (!admin.ok()) return cli::Fail("dfsadmin", admin.status());
  return RunOrder(**admin, given, until_ms);
}

int RunBalancer(std::vector<std::string> args, const config::Config& config) {
  CLI::App app(
      "The NameNode moves replicas from full DataNodes to empty ones by itself; this starts, pauses or watches it, until the "
      "NameNode restarts and goes by its settings (dfs.balance ...) again.\n\nExamples:\n  tusk balancer\n"
      "  tusk balancer -threshold 5 -bandwidth 50m start\n  tusk balancer -watch\n  tusk balancer pause",
      "tusk balancer");
  std::string action = "status", bandwidth;
  double threshold = 0;
  bool watch = false, json = false;
  app.add_option("action", action, "status, start or pause")
      ->type_name("ACTION")
      ->check(CLI::IsMember({"status", "start", "pause"}));
  app.add_option("--threshold", threshold, "difference from the mean level, in percent, that is left alone")
      ->type_name("PERCENT")
      ->check(CLI::Range(1.0, 100.0));
  app.add_option("--bandwidth", bandwidth, "bytes per second for each DataNode, for example 50m")->type_name("BYTES");
  app.add_flag("--watch", watch, "a line every 2 seconds until the nodes are balanced");
  app.add_flag("--json", json, "an object instead of text");
  const std::vector<std::string> known{"threshold", "bandwidth", "watch", "json", "help"};
  if (const auto code = cli::Parse(app, cli::AcceptSingleDash(std::move(args), known))) return *code;
  uint64_t bytes = 0;
  if (!bandwidth.empty()) {
    const auto parsed = ParseBytes(bandwidth);
    if (!parsed.ok() || *parsed == 0) {
      std::cerr << "tusk balancer: -bandwidth " << bandwidth << " is no number of bytes; write for example 50m\n";
      return cli::kExitUsage;
    }
    bytes = *parsed;
  }
  auto admin = ConnectAdmin(config);
  if (!admin.ok()) return cli::Fail("balancer", admin.status());
  using Action = Admin::BalancerAction;
  auto state = (*admin)->Balance(action == "start"   ? Action::kStart
                                 : action == "pause" ? Action::kPause
                                                     : Action::kStatus,
                                 bytes, threshold);
  while (true) {
    if (!state.ok()) return cli::Fail("balancer", state.status());
    std::cout << (json ? shell::BalancerJson(*state) : shell::BalancerText(*state)) << std::flush;
    if (!watch || !state->running || (state->remaining_bytes == 0 && state->moving == 0)) return cli::kExitOk;
    std::this_thread::sleep_for(kWatchPoll);
    state = (*admin)->Balance(Action::kStatus, 0, 0);
  }
}

}  // namespace tusk::dfs
