// `tusk <command>`: one binary for every daemon and tool.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cluster/cli/generic_options.h"
#include "cluster/launcher/commands.h"
#include "common/base/json_text.h"
#include "common/cli/command_line.h"
#include "common/config/config.h"
#include "common/observe/logging.h"
#include "common/observe/settings.h"
#include "dfs/command/commands.h"
#include "dfs/protocol/settings.h"
#include "dfs/shell/commands.h"
#include "mapreduce/client/commands.h"
#include "mapreduce/command/commands.h"
#include "mapreduce/protocol/settings.h"

namespace tusk::cluster {
namespace {

using Arguments = std::vector<std::string>;

struct Command {
  std::string name;
  std::string help;
  // Of a daemon or tool that needs the configuration; null for those that do not.
  std::function<int(const Arguments&, const config::Config&)> run;
  bool daemon = false;
  std::string example = {};  // of a daemon: its settings in the example of --help
};

config::Config::Schema AllSettings() { return {dfs::kDfsSettings, mr::kMapReduceSettings, observe::kLogSettings}; }

int ShowConfig(const Arguments& arguments, const config::Config& config) {
  bool json = false;
  std::vector<std::string> names;
  CLI::App app("Shows every setting, its value and where the value comes from.", "tusk config");
  app.add_option("NAME", names, "Only these settings");
  app.add_flag("--json", json, "For programs");
  app.footer("Examples:\n  tusk config\n  tusk config dfs.replication\n  tusk --set dfs.replication=2 config dfs.replication");
  if (const auto code = cli::Parse(app, arguments)) return *code;
  std::string text;
  size_t shown = 0;
  for (const auto& setting : config.Show()) {
    if (!names.empty() && std::find(names.begin(), names.end(), setting.name) == names.end()) continue;
    ++shown;
    if (json) {
      text += (text.empty() ? "[" : ",\n ") + ("{\"name\":" + QuoteJson(setting.name)) +
              ",\"value\":" + QuoteJson(setting.value) + ",\"origin\":" + QuoteJson(setting.origin) +
              ",\"help\":" + QuoteJson(setting.help) + "}";
    } else {
      std::printf("%-36s %-20s %-24s %s\n", setting.name.c_str(), setting.value.c_str(), setting.origin.c_str(),
                  std::string(setting.help).c_str());
    }
  }
  if (json) std::printf("%s]\n", text.empty() ? "[" : text.c_str());
  return shown == 0 ? cli::Fail("tusk config", NotFound("no such setting; `tusk config` lists all")) : cli::kExitOk;
}

// A daemon takes only --conf and --set, which TakeGenericOptions has taken unless something unknown came before them.
std::optional<int> ParseDaemon(const Command& command, const Arguments& arguments) {
  std::string conf;
  std::vector<std::string> sets;
  CLI::App app(command.help, "tusk " + command.name);
  app.add_option("--conf", conf, "The configuration file; default: the environment variable TUSK_CONF");
  app.add_option("--set", sets, "A setting that overrides the file's: section.key=value")->allow_extra_args(false);
  app.footer("Example:\n  tusk " + command.name + " --conf /etc/tusk.toml" + command.example);
  return cli::Parse(app, arguments);
}

std::vector<Command> Commands() {
  const auto daemon = [](int (*run)(const config::Config&)) {
    return [run](const Arguments&, const config::Config& config) { return run(config); };  // ParseDaemon left no arguments
  };
  return {
      {"dfs", "Files: -ls -put -get -cat -mkdir -rm ... (as `hdfs dfs`)", dfs::RunDfs},
      {"fs", "The same (as `hadoop fs`)", dfs::RunDfs},
      {"dfsadmin", "The state of the DFS and of its nodes: -report, -safemode, -decommission ...", dfs::RunDfsAdmin},
      {"balancer", "Moves replicas from full DataNodes to empty ones: status, start, pause", dfs::RunBalancer},
      {"fsck", "Whether every block has its replicas", dfs::RunFsck},
      {"debug", "recoverLease: takes a file from its writer and closes it", dfs::RunDebug},
      {"job", "Jobs: submit, list, status, kill, counters, logs", mr::RunJob},
      {"cluster", "A local cluster: start, status, stop, kill, restart, logs", nullptr},
      {"config", "Settings, their values and origins", ShowConfig},
      {"namenode", "Daemon: the namespace of the DFS", daemon(dfs::RunNameNode), true, " --set dfs.namenode_dir=/data/tusk-name"},
      {"datanode", "Daemon: stores blocks", daemon(dfs::RunDataNode), true,
       " --set dfs.datanode_dir=/data/tusk --set dfs.datanode_host=10.0.0.7"},
      {"jobtracker", "Daemon: schedules jobs", daemon(mr::RunJobTracker), true,
       " --set mapreduce.jobtracker_dir=/data/tusk-jobs"},
      {"tasktracker", "Daemon: runs tasks", daemon(mr::RunTaskTracker), true,
       " --set mapreduce.tasktracker_dir=/data/tusk-tasks --set mapreduce.tasktracker_host=10.0.0.7"},
      {"version", "The version of this program", nullptr},
  };
}

void PrintHelp(const std::vector<Command>& commands) {
  std::printf(
      "Tusk: a distributed file system and MapReduce engine.\n\nusage: tusk [--conf FILE] [--set section.key=value]... COMMAND "
      "...\n\nCommands:\n");
  for (const Command& command : commands) std::printf("  %-12s %s\n", command.name.c_str(), command.help.c_str());
  std::printf(
      "\nEvery command finds its cluster through --conf FILE or the environment variable TUSK_CONF, and has its own --help.\n\n"
      "Examples:\n"
      "  tusk cluster start --nodes 3 --dir /tmp/tusk\n"
      "  export TUSK_CONF=/tmp/tusk/tusk.toml\n"
      "  tusk dfs -put notes.txt /notes.txt\n"
      "  tusk dfs -ls /\n");
}

int Run(const Command& command, const GenericOptions& options) {
  if (command.name == "version") {
    std::printf("tusk %s\n", TUSK_VERSION);
    return cli::kExitOk;
  }
  if (command.name == "cluster") return RunCluster(options.rest, options.config_file);
  if (command.daemon) {
    if (const auto code = ParseDaemon(command, options.rest)) return *code;
  }
  // Job binaries and tools started below find the same cluster.
  if (!options.config_file.empty()) ::setenv("TUSK_CONF", options.config_file.c_str(), 1);
  auto config = config::Config::Load(AllSettings(), {.file = options.config_file, .flags = options.settings});
  if (!config.ok()) {
    std::fprintf(stderr, "tusk %s: %s\n", command.name.c_str(), config.status().message().c_str());
    return cli::kExitUsage;
  }
  if (!command.daemon) observe::InitLogging({.component = command.name});
  return command.run(options.rest, *config);
}

int Main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::vector<Command> commands = Commands();
  // Called through a symlink named `hdfs`, the binary is `tusk` with Hadoop's command names, which are the same.
  auto before = TakeGenericOptions(arguments, std::getenv("TUSK_CONF"));
  if (!before.ok()) return std::fprintf(stderr, "tusk: %s\n", before.status().message().c_str()), cli::kExitUsage;
  if (before->rest.empty() || before->rest[0] == "--help" || before->rest[0] == "-h" || before->rest[0] == "-help" ||
      before->rest[0] == "help") {
    PrintHelp(commands);
    return before->rest.empty() ? cli::kExitUsage : cli::kExitOk;
  }
  const std::string name = before->rest[0] == "--version" ? "version" : before->rest[0];
  std::vector<std::string> names;
  for (const Command& command : commands) {
    names.push_back(command.name);
    if (command.name != name) continue;
    auto options = TakeGenericOptions({before->rest.begin() + 1, before->rest.end()},
                                      before->config_file.empty() ? nullptr : before->config_file.c_str());
    if (!options.ok()) return std::fprintf(stderr, "tusk: %s\n", options.status().message().c_str()), cli::kExitUsage;
    options->settings.insert(options->settings.begin(), before->settings.begin(), before->settings.end());
    return Run(command, *options);
  }
  if (name.starts_with('-')) names = {"--conf", "--set", "--help", "--version"};
  const auto nearest = cli::Nearest(name, names);
  std::fprintf(stderr, "tusk: unknown %s \"%s\"; %ssee tusk --help\n", name.starts_with('-') ? "flag" : "command", name.c_str(),
               nearest ? ("did you mean \"" + *nearest + "\"? ").c_str() : "");
  return cli::kExitUsage;
}

}  // namespace
}  // namespace tusk::cluster

int main(int argc, char** argv) { return tusk::cluster::Main(argc, argv); }
