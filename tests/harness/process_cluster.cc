#include "tests/harness/process_cluster.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "cluster/launcher/control_client.h"
#include "common/base/try.h"
#include "dfs/protocol/settings.h"
#include "mapreduce/protocol/settings.h"

namespace tusk::testing {
namespace {

ProcessCluster::RunResult RunProgram(const std::string& path, const std::vector<std::string>& arguments,
                                     const std::string& config_file) {
  ProcessCluster::RunResult result;
  int pipe_fds[2];
  if (::pipe2(pipe_fds, O_CLOEXEC) != 0) return result;
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<std::string> environment_text;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with("TUSK_CONF=")) environment_text.emplace_back(*entry);
  }
  if (!config_file.empty()) environment_text.push_back("TUSK_CONF=" + config_file);
  std::vector<char*> environment;
  for (auto& entry : environment_text) environment.push_back(entry.data());
  environment.push_back(nullptr);

  const pid_t pid = ::fork();
  if (pid == 0) {
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(pipe_fds[1], STDOUT_FILENO);
    ::dup2(pipe_fds[1], STDERR_FILENO);
    ::execve(argv[0], argv.data(), environment.data());
    ::_exit(127);
  }
  ::close(pipe_fds[1]);
  char buffer[8192];
  for (ssize_t got; (got = ::read(pipe_fds[0], buffer, sizeof(buffer))) > 0 || (got < 0 && errno == EINTR);) {
    if (got > 0) result.output.append(buffer, static_cast<size_t>(got));
  }
  ::close(pipe_fds[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace

std::string BinDirectory() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

ProcessCluster::ProcessCluster(Options options)
    : options_(std::move(options)), directory_(options_.directory.empty() ? temporary_.emplace().path() : options_.directory) {}

std::string ProcessCluster::BinPath(const std::string& program) const {
  return program == "tusk" && !options_.binary.empty() ? options_.binary : BinDirectory() + "/" + program;
}

Result<std::unique_ptr<ProcessCluster>> ProcessCluster::Start(Options options) {
  std::unique_ptr<ProcessCluster> cluster(new ProcessCluster(std::move(options)));
  std::vector<std::string> arguments = {"cluster",   "start",
                                        "--dir",     cluster->directory_,
                                        "--nodes",   std::to_string(cluster->options_.nodes),
                                        "--racks",   std::to_string(cluster->options_.racks),
                                        "--folders", std::to_string(cluster->options_.folders),
                                        "--subnet",  cluster->options_.subnet};
  for (const auto& [name, value] : cluster->options_.settings) {
    arguments.push_back("--set");
    arguments.push_back(name + "=" + value);
  }
  const RunResult started = RunProgram(cluster->BinPath("tusk"), arguments, "");
  if (started.exit_code != 0) return FailedPrecondition("the test cluster did not start: " + started.output);
  return cluster;
}

ProcessCluster::~ProcessCluster() { (void)Stop(); }  // nothing is left to tell it to

Result<config::Config> ProcessCluster::LoadConfig() const {
  return config::Config::Load({dfs::kDfsSettings, mr::kMapReduceSettings},
                              {.file = config_file(), .use_environment = false, .allow_unknown_sections = true});
}

Result<std::shared_ptr<dfs::FileSystem>> ProcessCluster::Connect(std::chrono::milliseconds timeout) const {
  TUSK_ASSIGN(const auto config, LoadConfig());
  TUSK_ASSIGN(auto client, dfs::ClientOptions::FromConfig(config));
  client.timeout = timeout;
  return dfs::FileSystem::Connect(client);
}

Status ProcessCluster::Kill(const std::string& name) {
  return cluster::AskSupervisor(directory_, cluster::Control::kKill, name).status();
}
Status ProcessCluster::Restart(const std::string& name) {
  return cluster::AskSupervisor(directory_, cluster::Control::kRestart, name).status();
}
Status ProcessCluster::Pause(const std::string& name) {
  return cluster::AskSupervisor(directory_, cluster::Control::kPause, name).status();
}
Status ProcessCluster::Resume(const std::string& name) {
  return cluster::AskSupervisor(directory_, cluster::Control::kResume, name).status();
}
Status ProcessCluster::Stop() { return cluster::AskSupervisor(directory_, cluster::Control::kStop).status(); }

Status ProcessCluster::KillAll() { return Kill("all"); }
Status ProcessCluster::RestartAll() { return Restart("down"); }

ProcessCluster::RunResult ProcessCluster::Run(const std::string& program, const std::vector<std::string>& arguments) const {
  return RunProgram(BinPath(program), arguments, config_file());
}

}  // namespace tusk::testing
