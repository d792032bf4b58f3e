#include "dfs/shell/commands.h"

#include <iostream>
#include <thread>

#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "dfs/client/admin.h"
#include "dfs/protocol/settings.h"
#include "dfs/shell/dfsadmin.h"
#include "dfs/shell/fsck.h"
#include "dfs/shell/verb.h"

namespace tusk::dfs {
namespace {

// A person waits for the answer: a NameNode that is not there is told soon.
constexpr std::chrono::milliseconds kFirstContact{5'000};
constexpr std::chrono::milliseconds kSafeModePoll{500};

Result<ClientOptions> ShellOptions(const config::Config& config) {
  TUSK_ASSIGN(ClientOptions options, ClientOptions::FromConfig(config));
  options.first_contact = kFirstContact;
  options.wait_out_safe_mode = false;
  return options;
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

}  // namespace

int RunDfs(std::vector<std::string> args, const config::Config& config) {
  shell::Shell shell(
      [&config]() -> Result<std::shared_ptr<FileSystem>> {
        TUSK_ASSIGN(const ClientOptions options, ShellOptions(config));
        return FileSystem::Connect(options);
      },
      std::cout, std::cerr, /*show_progress=*/true);
  return shell::RunVerb(shell, std::move(args));
}

int RunDfsAdmin(std::vector<std::string> args, const config::Config& config) {
  CLI::App app(
      "The state of the whole DFS.\n\nExamples:\n  tusk dfsadmin -report\n  tusk dfsadmin -safemode get\n"
      "  tusk dfsadmin -safemode wait\n  tusk dfsadmin -report --json",
      "tusk dfsadmin");
  bool report = false, json = false;
  std::string safe_mode;
  app.add_flag("--report", report, "capacity, blocks and every DataNode");
  app.add_option("--safemode", safe_mode, "get, enter, leave, or wait until it is off")
      ->type_name("ACTION")
      ->check(CLI::IsMember({"get", "enter", "leave", "wait"}));
  app.add_flag("--json", json, "an object instead of text");
  const std::vector<std::string> known{"report", "safemode", "json", "help"};
  if (const auto code = cli::Parse(app, cli::AcceptSingleDash(std::move(args), known))) return *code;
  if (report == !safe_mode.empty()) {
    std::cerr << "tusk dfsadmin: write one of -report and -safemode ACTION; see tusk dfsadmin --help\n";
    return cli::kExitUsage;
  }
  auto options = ShellOptions(config);
  if (!options.ok()) return cli::Fail("dfsadmin", options.status());
  auto admin = Admin::Connect(std::move(*options));
  if (!admin.ok()) return cli::Fail("dfsadmin", admin.status());
  return report ? Report(**admin, json) : SafeMode(**admin, safe_mode, json);
}

int RunFsck(std::vector<std::string> args, const config::Config& config) {
  CLI::App app(
      "Checks that every block below PATH has its replicas. Exit codes: 0 healthy, 1 no such path, 3 no NameNode, 4 damage.\n\n"
      "Examples:\n  tusk fsck /\n  tusk fsck /data -files -blocks -locations\n  tusk fsck / --json",
      "tusk fsck");
  shell::FsckOptions fsck;
  std::string path;
  app.add_option("path", path, "where to begin")->required()->type_name("PATH");
  app.add_flag("--files", fsck.files, "every file");
  app.add_flag("--blocks", fsck.blocks, "every block");
  app.add_flag("--locations", fsck.locations, "where the replicas are (with -blocks)");
  app.add_flag("--racks", fsck.racks, "and in which rack");
  app.add_flag("--json", fsck.json, "an object instead of text");
  const std::vector<std::string> known{"files", "blocks", "locations", "racks", "json", "help"};
  if (const auto code = cli::Parse(app, cli::AcceptSingleDash(std::move(args), known))) return *code;
  fsck.blocks = fsck.blocks || fsck.locations || fsck.racks;
  auto options = ShellOptions(config);
  if (!options.ok()) return cli::Fail("fsck", options.status());
  auto fs = FileSystem::Connect(*options);
  if (!fs.ok()) return cli::Fail("fsck", fs.status());
  auto admin = Admin::Connect(*options);
  if (!admin.ok()) return cli::Fail("fsck", admin.status());
  return shell::Fsck(**fs, admin->get(), path, fsck, options->replication, std::cout, std::cerr);
}

}  // namespace tusk::dfs
