#include "dfs/shell/commands.h"

#include <iostream>

#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "dfs/client/admin.h"
#include "dfs/shell/fsck.h"
#include "dfs/shell/shell_options.h"
#include "dfs/shell/verb.h"

namespace tusk::dfs {

int RunDfs(std::vector<std::string> args, const config::Config& config) {
  shell::Shell shell(
      [&config]() -> Result<std::shared_ptr<FileSystem>> {
        TUSK_ASSIGN(const ClientOptions options, ShellOptions(config));
        return FileSystem::Connect(options);
      },
      std::cout, std::cerr, /*show_progress=*/true);
  return shell::RunVerb(shell, std::move(args));
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
