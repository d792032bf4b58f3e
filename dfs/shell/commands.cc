#include "dfs/shell/commands.h"

#include <chrono>
#include <iostream>
#include <thread>

#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "dfs/client/admin.h"
#include "dfs/shell/fsck.h"
#include "dfs/shell/shell_options.h"
#include "dfs/shell/verb.h"

namespace tusk::dfs {

int RunDfs(std::vector<std::string> args, const config::Config& config) {
  shell::Shell shell([&config] { return ConnectShell(config); }, std::cout, std::cerr, /*show_progress=*/true);
  return shell::RunVerb(shell, std::move(args));
}

int RunDebug(std::vector<std::string> args, const config::Config& config) {
  CLI::App app(
      "What is seldom needed. recoverLease takes a file from its writer, whoever that is, and closes it with the bytes that its "
      "replicas agree on.\n\nExamples:\n  tusk debug recoverLease -path /logs/today\n  tusk debug recoverLease -path /logs/today "
      "-retries 30",
      "tusk debug");
  app.require_subcommand(1);
  CLI::App* recover = app.add_subcommand("recoverLease", "take a file from its writer and close it");
  std::string path;
  uint32_t retries = 10;
  recover->add_option("--path", path, "the file")->required()->type_name("PATH");
  recover->add_option("--retries", retries, "how often to ask again, once a second, until it is closed");
  const std::vector<std::string> known{"path", "retries", "help"};
  if (const auto code = cli::Parse(app, cli::AcceptSingleDash(std::move(args), known))) return *code;
  auto options = ShellOptions(config);
  if (!options.ok()) return cli::Fail("debug", options.status());
  auto fs = FileSystem::Connect(*options);
  if (!fs.ok()) return cli::Fail("debug", fs.status());
  for (uint32_t i = 0; i <= retries; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::seconds(1));
    const auto closed = (*fs)->RecoverLease(path);
    if (!closed.ok()) return cli::Fail("debug", closed.status());
    if (!*closed) continue;
    std::cout << "recoverLease SUCCEEDED on " << path << '\n';
    return cli::kExitOk;
  }
  std::cerr << "tusk debug: the last block of " << path << " is still being recovered; ask again, and see `tusk fsck " << path
            << "`\n";
  return cli::kExitFailed;
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
