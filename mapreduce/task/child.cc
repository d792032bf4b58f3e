#include "mapreduce/task/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>

#include <glog/logging.h>

#include "common/base/try.h"
#include "common/observe/logging.h"
#include "common/observe/settings.h"
#include "dfs/protocol/settings.h"
#include "mapreduce/protocol/settings.h"
#include "mapreduce/shuffle/shuffle_client.h"
#include "mapreduce/task/attempt.h"
#include "mapreduce/task/rpc_umbilical.h"
#include "mapreduce/task/task_host.h"

namespace tusk::mr {
namespace {

Status Redirect(const std::string& path, int to) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return FromErrno(errno, "cannot open " + path);
  ::dup2(fd, to);
  ::close(fd);
  return OkStatus();
}

Result<TaskEnvironment> MakeEnvironment(const HostOptions& options, const config::Config& config) {
  TaskEnvironment env;
  TUSK_ASSIGN(auto client, dfs::ClientOptions::FromConfig(config));
  client.host = options.node;
  TUSK_ASSIGN(env.fs, dfs::FileSystem::Connect(client));
  env.disk = &storage::Disk::Posix();
  env.staging = config.Get(kStagingDir);
  env.sort_bytes = config.Get(kSortBytes);
  env.merge_bytes = config.Get(kMergeBytes);
  return env;
}

int Run(const HostOptions& options, const JobDescription& job, const JobProgram& program, const AttemptId& attempt) {
  const std::string directory = options.directory + "/attempts/" + attempt.ToString();
  if (::chdir(directory.c_str()) != 0) {
    std::fprintf(stderr, "cannot enter %s\n", directory.c_str());
    return kChildUnheard;
  }
  for (const auto& [name, fd] : {std::pair{"stdout", STDOUT_FILENO}, std::pair{"stderr", STDERR_FILENO}}) {
    if (Status redirected = Redirect(directory + "/" + name, fd); !redirected.ok()) {
      std::fprintf(stderr, "%s\n", redirected.message().c_str());
      return kChildUnheard;
    }
  }
  observe::LogOptions log;
  log.component = "task";
  log.node = options.node;
  log.verbose = true;
  observe::InitLogging(log);
  const observe::LogFields fields({{"job", attempt.task.job}, {"attempt", attempt.ToString()}});

  RpcUmbilical umbilical(options.tracker, attempt);
  const auto fail = [&umbilical](const Status& status) {
    LOG(ERROR) << status;
    return umbilical.Failed(status.message()).ok() ? kChildFailed : kChildUnheard;
  };
  const auto config = config::Config::Load({dfs::kDfsSettings, kMapReduceSettings, observe::kLogSettings}, options.config);
  if (!config.ok()) return fail(config.status());
  auto env = MakeEnvironment(options, *config);
  if (!env.ok()) return fail(env.status());
  ShuffleClient::Options shuffle;
  shuffle.job = attempt.task.job;
  shuffle.partition = attempt.task.index;
  ShuffleClient fetcher(shuffle);
  env->umbilical = &umbilical;
  env->fetcher = &fetcher;
  env->directory = directory;
  TaskSpec spec;
  spec.attempt = attempt;
  spec.job = &job;
  switch (RunAttempt(program, spec, *env)) {
    case AttemptEnd::kDone: return kChildDone;
    case AttemptEnd::kFailed: return kChildFailed;
    case AttemptEnd::kKilled: return kChildKilled;
    case AttemptEnd::kUnheard: break;
  }
  return kChildUnheard;
}

}  // namespace

void RunChild(const HostOptions& options, const JobDescription& job, const JobProgram& program, const AttemptId& attempt) {
  const std::string name =
      std::string(attempt.task.kind == TaskKind::kMap ? "map " : "reduce ") + std::to_string(attempt.task.index);
  ::prctl(PR_SET_NAME, name.c_str());
  ::signal(SIGPIPE, SIG_IGN);  // a DataNode that went away is an error of the call, not of the process
  const int code = Run(options, job, program, attempt);
  std::fflush(nullptr);
  google::FlushLogFiles(google::INFO);
  // Not exit(): the statics of the host belong to the host.
  ::_exit(code);
}

}  // namespace tusk::mr
