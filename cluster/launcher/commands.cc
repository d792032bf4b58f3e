#include "cluster/launcher/commands.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <thread>

#include "cluster/launcher/control_client.h"
#include "cluster/launcher/layout.h"
#include "cluster/launcher/process.h"
#include "cluster/launcher/supervisor.h"
#include "common/base/json_text.h"
#include "common/base/try.h"
#include "common/base/units.h"
#include "common/cli/command_line.h"

namespace tusk::cluster {
namespace {

constexpr std::string_view kProgram = "tusk cluster";

struct Flags {
  std::string directory;
  int nodes = 3;
  int racks = 1;
  int folders = 1;
  std::string subnet = "127.0.1";
  std::vector<std::string> settings;
  std::string name;
  bool foreground = false;
  bool json = false;
  bool follow = false;
  size_t lines = 20;
  int ready_timeout_s = 60;
};

Result<ClusterOptions> ToOptions(const Flags& flags) {
  ClusterOptions options;
  options.nodes = flags.nodes;
  options.racks = flags.racks;
  options.folders = flags.folders;
  options.directory = flags.directory;
  options.subnet = flags.subnet;
  options.cpus = static_cast<int>(std::thread::hardware_concurrency());
  for (const std::string& setting : flags.settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos) return InvalidArgument("--set wants section.key=value, not \"" + setting + "\"");
    options.settings.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return options;
}

void PrintStarted(const Flags& flags, const Layout& layout) {
  if (flags.json) {
    std::printf("%s\n", ToJson(flags.directory, layout).c_str());
    std::fflush(stdout);
    return;
  }
  std::printf("cluster of %d nodes in %d rack%s is ready in %s\n", flags.nodes, flags.racks, flags.racks == 1 ? "" : "s",
              flags.directory.c_str());
  for (const ProcessSpec& process : layout.processes) {
    if (process.node == process.role) std::printf("  %-12s http://%s\n", process.name.c_str(), process.pages.ToString().c_str());
  }
  std::printf("export TUSK_CONF=%s\n", layout.config_file.c_str());
  std::fflush(stdout);
}

// The supervisor is a grandchild in a session of its own; it tells through a pipe when the cluster is ready, or why it is not.
int Start(const Flags& flags) {
  auto options = ToOptions(flags);
  if (!options.ok()) return cli::Fail(kProgram, options.status());
  auto layout = PlanCluster(*options);
  if (!layout.ok()) return cli::Fail(kProgram, layout.status());
  std::error_code error;
  const std::string binary = std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (error) return cli::Fail(kProgram, IoError("cannot find out which program this is: " + error.message()));
  std::filesystem::create_directories(flags.directory, error);
  if (error) return cli::Fail(kProgram, IoError("cannot make the folder " + flags.directory + ": " + error.message()));
  const SupervisorOptions supervisor{binary, flags.directory, std::chrono::seconds(flags.ready_timeout_s)};

  if (flags.foreground) {
    const Status status = RunSupervisor(supervisor, *layout, [&](const Status& ready) {
      if (ready.ok()) PrintStarted(flags, *layout);
    });
    return status.ok() ? cli::kExitOk : cli::Fail(kProgram, status);
  }

  int pipe_fds[2];
  if (::pipe2(pipe_fds, O_CLOEXEC) != 0) return cli::Fail(kProgram, FromErrno(errno, "cannot make a pipe"));
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return cli::Fail(kProgram, FromErrno(errno, "cannot start the supervisor"));
  if (child == 0) {
    ::close(pipe_fds[0]);
    ::setsid();
    if (const pid_t supervisor_pid = ::fork(); supervisor_pid != 0) ::_exit(supervisor_pid < 0 ? 1 : 0);
    const int null = ::open("/dev/null", O_RDWR);
    const int log = ::open((flags.directory + "/supervisor.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(null, STDIN_FILENO);
    ::dup2(log >= 0 ? log : null, STDOUT_FILENO);
    ::dup2(log >= 0 ? log : null, STDERR_FILENO);
    const Status status = RunSupervisor(supervisor, *layout, [&](const Status& ready) {
      const std::string text = ready.ok() ? "ok" : ready.message();
      [[maybe_unused]] const ssize_t written = ::write(pipe_fds[1], text.data(), text.size());
      ::close(pipe_fds[1]);
    });
    ::_exit(status.ok() ? 0 : 1);
  }
  ::close(pipe_fds[1]);
  ::waitpid(child, nullptr, 0);
  std::string answer;
  char buffer[4096];
  for (ssize_t got; (got = ::read(pipe_fds[0], buffer, sizeof(buffer))) > 0;) answer.append(buffer, static_cast<size_t>(got));
  ::close(pipe_fds[0]);
  if (answer != "ok") {
    return cli::Fail(kProgram, FailedPrecondition(answer.empty() ? "the supervisor ended while starting; see " + flags.directory +
                                                                       "/supervisor.log"
                                                                 : answer));
  }
  PrintStarted(flags, *layout);
  return cli::kExitOk;
}

void PrintProcesses(const std::vector<ProcessStatus>& processes, bool json) {
  if (json) {
    std::string text = "[";
    for (const ProcessStatus& p : processes) {
      text += (text.size() > 1 ? ",\n " : "") + ("{\"name\":" + QuoteJson(p.name)) + ",\"node\":" + QuoteJson(p.node) +
              ",\"role\":" + QuoteJson(p.role) + ",\"pid\":" + std::to_string(p.pid) +
              ",\"running\":" + (p.running ? "true" : "false") + ",\"address\":" + QuoteJson(p.address) +
              ",\"url\":" + QuoteJson(p.url) + ",\"log\":" + QuoteJson(p.log) + ",\"ended\":" + QuoteJson(p.ended) + "}";
    }
    std::printf("%s]\n", text.c_str());
    return;
  }
  for (const ProcessStatus& p : processes) {
    const std::string state = p.running ? "running, pid " + std::to_string(p.pid) : "down, " + p.ended;
    std::printf("%-20s %-28s %s\n", p.name.c_str(), p.url.c_str(), state.c_str());
  }
}

int Ask(const Flags& flags, Control what, const char* done) {
  auto processes = AskSupervisor(flags.directory, what, flags.name);
  if (!processes.ok()) {
    if (what == Control::kStop && processes.status().code() == Code::kUnavailable) {
      std::printf("no cluster is running in %s\n", flags.directory.c_str());
      return cli::kExitOk;  // what was wanted is so
    }
    return cli::Fail(kProgram, processes.status());
  }
  if (what == Control::kStatus) {
    PrintProcesses(*processes, flags.json);
    for (const ProcessStatus& p : *processes) {
      if (!p.running) return cli::kExitFindings;
    }
  } else {
    std::printf(done, flags.name.empty() ? flags.directory.c_str() : flags.name.c_str());
  }
  return cli::kExitOk;
}

int Logs(const Flags& flags) {
  auto processes = AskSupervisor(flags.directory, Control::kStatus);
  std::vector<std::string> files;
  if (processes.ok()) {
    for (const ProcessStatus& p : *processes) {
      if (p.node == flags.name || p.name == flags.name) files.push_back(p.log);
    }
  } else {  // the logs of a cluster that has stopped
    std::string stem = flags.name;
    for (char& c : stem) c = c == '/' ? '-' : c;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(flags.directory + "/logs", error)) {
      const std::string file = entry.path().stem().string();
      if (file == stem || file.starts_with(stem + "-")) files.push_back(entry.path().string());
    }
  }
  if (files.empty()) {
    return cli::Fail(kProgram, NotFound("there are no logs of \"" + flags.name + "\" in " + flags.directory +
                                        "/logs; `tusk cluster status` lists the nodes"));
  }
  if (flags.follow) {
    std::vector<std::string> arguments = {"tail", "-n", std::to_string(flags.lines), "-F"};
    arguments.insert(arguments.end(), files.begin(), files.end());
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execvp("tail", argv.data());
    return cli::Fail(kProgram, FromErrno(errno, "cannot run tail to follow the logs"));
  }
  for (const std::string& file : files) {
    std::printf("==> %s <==\n%s", file.c_str(), LogTail(file, flags.lines).c_str());
  }
  return cli::kExitOk;
}

}  // namespace

int RunCluster(const std::vector<std::string>& arguments, const std::string& config_file) {
  Flags flags;
  CLI::App app("Runs a local cluster of real processes, each node on a loopback address of its own.", std::string(kProgram));
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  tusk cluster start --nodes 5 --racks 2 --dir /tmp/tusk\n"
      "  export TUSK_CONF=/tmp/tusk/tusk.toml\n"
      "  tusk cluster status\n"
      "  tusk cluster kill node3\n"
      "  tusk cluster restart node3/datanode\n"
      "  tusk cluster logs namenode -f\n"
      "  tusk cluster stop");
  const std::string default_directory = config_file.empty() ? "" : std::filesystem::path(config_file).parent_path().string();
  const auto with_directory = [&](CLI::App* command) {
    command->add_option("--dir", flags.directory, "Folder of the cluster; default: that of TUSK_CONF");
    return command;
  };
  const auto with_name = [&](CLI::App* command) {
    with_directory(command)
        ->add_option("NODE", flags.name,
                     "node1, namenode, jobtracker, one process (node1/datanode), or all; restart also knows down")
        ->required();
    return command;
  };
  CLI::App* start = with_directory(app.add_subcommand("start", "Start a cluster, wait until it is ready, print how to reach it"));
  start->add_option("--nodes", flags.nodes, "Nodes with a DataNode and a TaskTracker each")->capture_default_str();
  start->add_option("--racks", flags.racks, "Racks the nodes are spread over")->capture_default_str();
  start->add_option("--folders", flags.folders, "Data folders of each DataNode")->capture_default_str();
  start->add_option("--subnet", flags.subnet, "First three numbers of the loopback addresses")->capture_default_str();
  start->add_option("--set", flags.settings, "A setting for the cluster's tusk.toml: section.key=value");
  start->add_option("--ready-timeout", flags.ready_timeout_s, "Seconds to wait for readiness")->capture_default_str();
  start->add_flag("--foreground", flags.foreground, "Stay in the foreground until interrupted");
  start->add_flag("--json", flags.json, "For programs");
  CLI::App* status = with_directory(app.add_subcommand("status", "Show the processes; exit code 4 if one is down"));
  status->add_flag("--json", flags.json, "For programs");
  CLI::App* stop = with_directory(app.add_subcommand("stop", "End all processes; the data stays"));
  CLI::App* kill = with_name(app.add_subcommand("kill", "SIGKILL a node or one of its processes"));
  CLI::App* restart = with_name(app.add_subcommand("restart", "Start a node or process again, killing it first if it runs"));
  CLI::App* pause = with_name(app.add_subcommand("pause", "SIGSTOP: a process that hangs"));
  CLI::App* resume = with_name(app.add_subcommand("resume", "SIGCONT"));
  CLI::App* logs = with_name(app.add_subcommand("logs", "Show the end of a node's logs"));
  logs->add_flag("-f,--follow", flags.follow, "Go on showing new lines");
  logs->add_option("-n,--lines", flags.lines, "Lines of each log")->capture_default_str();

  start->footer(
      "Examples:\n  tusk cluster start --nodes 5 --racks 2 --dir /tmp/tusk\n  tusk cluster start --dir /tmp/tusk --set "
      "dfs.replication=2");
  status->footer("Example: tusk cluster status --dir /tmp/tusk");
  stop->footer("Example: tusk cluster stop --dir /tmp/tusk");
  kill->footer("Examples:\n  tusk cluster kill node3\n  tusk cluster kill node3/datanode");
  restart->footer("Examples:\n  tusk cluster restart node3/datanode\n  tusk cluster restart down");
  pause->footer("Example: tusk cluster pause node3/tasktracker");
  resume->footer("Example: tusk cluster resume node3/tasktracker");
  logs->footer("Examples:\n  tusk cluster logs node3/datanode -n 100\n  tusk cluster logs namenode -f");

  if (const auto code = cli::Parse(app, arguments)) return *code;
  if (flags.directory.empty()) flags.directory = default_directory;
  if (flags.directory.empty()) {
    std::fprintf(stderr, "%s: which cluster? give --dir DIR, or export TUSK_CONF=DIR/tusk.toml\n", std::string(kProgram).c_str());
    return cli::kExitUsage;
  }
  flags.directory = std::filesystem::absolute(flags.directory).lexically_normal().string();
  while (flags.directory.size() > 1 && flags.directory.back() == '/') flags.directory.pop_back();

  if (start->parsed()) return Start(flags);
  if (status->parsed()) return Ask(flags, Control::kStatus, "");
  if (stop->parsed()) return Ask(flags, Control::kStop, "cluster in %s has stopped\n");
  if (kill->parsed()) return Ask(flags, Control::kKill, "killed %s\n");
  if (restart->parsed()) return Ask(flags, Control::kRestart, "%s is running again\n");
  if (pause->parsed()) return Ask(flags, Control::kPause, "paused %s\n");
  if (resume->parsed()) return Ask(flags, Control::kResume, "resumed %s\n");
  if (logs->parsed()) return Logs(flags);
  return cli::kExitUsage;
}

}  // namespace tusk::cluster
