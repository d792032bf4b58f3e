#include "mapreduce/tasktracker/runner.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <glog/logging.h>

#include "common/base/try.h"
#include "mapreduce/protocol/methods.h"

namespace tusk::mr::tasktracker {
namespace {

constexpr std::chrono::milliseconds kGetJobDeadline{60'000};

struct FetchedJob {
  std::string binary, digest, spec;  // spec: a flat message
};

FetchedJob Flatten(wire::JobSpec::Reader spec) {
  capnp::MallocMessageBuilder message;
  message.setRoot(spec);
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return {spec.getBinary().cStr(), spec.getBinaryDigest().cStr(),
          std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size())};
}

}  // namespace

Runner::Runner(Options options, LoopThread& loop, TaskGroup& tasks, WorkerPool& pool, rpc::Client& client, JobFiles& files,
               AttemptTable& table, const Clock& clock, FileSystemSource source, std::function<void()> news)
    : options_(std::move(options)),
      loop_(loop),
      tasks_(tasks),
      pool_(pool),
      client_(client),
      files_(files),
      table_(table),
      clock_(clock),
      source_(std::move(source)),
      news_(std::move(news)),
      cache_(files.cache()) {}

void Runner::Launch(const AttemptId& id) { tasks_.Spawn(LaunchOne(id)); }

Task<void> Runner::LaunchOne(AttemptId id) {
  JobRunPtr& slot = jobs_[id.task.job];
  if (slot == nullptr) slot = std::make_shared<JobRun>(loop_.context());
  const JobRunPtr run = slot;
  ++run->users;
  const Status status = co_await PrepareAndSend(run, id);
  --run->users;
  run->changed.NotifyAll();
  if (!status.ok() && table_.Fail(id, status.message())) news_();
}

Task<Status> Runner::PrepareAndSend(JobRunPtr run, AttemptId id) {
  const Status prepared = co_await PrepareJob(run, id.task.job);
  TUSK_CO_TRY(prepared);
  const Status folder = co_await pool_.Run([this, &id] { return files_.PrepareAttempt(id); });
  TUSK_CO_TRY(folder);
  const Attempt* attempt = table_.Find(id);
  if (attempt == nullptr || HasEnded(attempt->state) || run->forgotten || stopping_) co_return OkStatus();  // killed meanwhile
  run->on_host.insert(id);
  HostOf(run, id.task.job).Launch(id);
  co_return OkStatus();
}

// Once a job: those that come while another prepares wait for it. A failure fails one attempt; the next one tries again.
Task<Status> Runner::PrepareJob(JobRunPtr run, std::string job) {
  while (run->preparing) {
    const bool notified = co_await run->changed.WaitUntil(TimePoint::max());
    if (!notified) co_return Cancelled("the TaskTracker is stopping");
  }
  if (run->prepared) co_return OkStatus();
  run->preparing = true;
  const Status status = co_await FetchJob(job);
  run->preparing = false;
  run->prepared = status.ok();
  run->changed.NotifyAll();
  co_return status;
}

Task<Status> Runner::FetchJob(std::string job) {
  rpc::CallOptions options;
  options.deadline = kGetJobDeadline;
  options.wait_until_ready = true;
  const auto reply = co_await client_.Call(
      options_.jobtracker, kGetJob, [&job](auto request) { request.setId(job); }, options);
  TUSK_CO_TRY(reply.status().WithContext("cannot ask for the specification of " + job));
  const FetchedJob fetched = Flatten((*reply)->getSpec());
  co_return co_await pool_.Run([this, &job, &fetched]() -> Status {
    TUSK_ASSIGN(auto fs, source_());
    return cache_.With(*fs, fetched.binary, fetched.digest,
                       [&](const std::string& path) { return files_.PrepareJob(job, path, fetched.spec); });
  });
}

TaskHost& Runner::HostOf(const JobRunPtr& run, const std::string& job) {
  if (run->host != nullptr) return *run->host;
  ProcessSpec spec;
  spec.directory = files_.JobFolder(job);
  spec.binary = spec.directory + "/job.bin";
  spec.log = files_.HostLog(job);
  spec.arguments = options_.host_arguments();
  for (const std::string& word : {std::string("--job"), job, std::string("--dir"), spec.directory})
    spec.arguments.push_back(word);
  spec.arguments.insert(spec.arguments.end(), {"--control-fd", std::to_string(kControlFd)});
  TaskHost::Listener listener;
  listener.started = [this](const AttemptId& id) { table_.Started(id, clock_.Now()); };
  listener.exited = [this, run](const AttemptId& id, int code, int signal) {
    run->on_host.erase(id);
    table_.Exited(id, DescribeExit(code, signal) + "; see " + options_.log_url + id.ToString() + "/stderr");
    news_();
  };
  listener.ended = [this, run, job](const std::string& why) { OnEnded(run, job, why); };
  run->host = std::make_shared<TaskHost>(loop_, std::move(spec), std::move(listener));
  run->host_started = clock_.Now();
  run->host->Start();
  return *run->host;
}

void Runner::OnEnded(const JobRunPtr& run, const std::string& job, const std::string& why) {
  const bool was_ready = run->host->ready();
  run->host.reset();
  for (const AttemptId& id : std::exchange(run->on_host, {})) {
    table_.Fail(id, was_ready ? why : why + " (it ended before it was ready to run tasks: is it a job binary?)");
  }
  if (!run->forgotten && !stopping_) LOG(WARNING) << job << ": " << why;
  run->changed.NotifyAll();
  news_();
}

void Runner::Kill(const AttemptId& id, const std::string& reason) {
  if (!table_.Kill(id, reason)) return;
  KillProcess(id);
  news_();
}

void Runner::KillProcess(const AttemptId& id) {
  const auto found = jobs_.find(id.task.job);
  if (found != jobs_.end() && found->second->host != nullptr && found->second->on_host.contains(id)) {
    found->second->host->KillAttempt(id);
  }
}

Task<Status> Runner::Forget(std::string job) {
  table_.ForgetJob(job);
  const auto found = jobs_.find(job);
  if (found != jobs_.end()) {
    const JobRunPtr run = found->second;
    run->forgotten = true;
    if (run->host != nullptr) run->host->Destroy("the job has ended");
    while (run->users > 0 || run->host != nullptr) {
      const bool notified = co_await run->changed.WaitUntil(TimePoint::max());
      if (!notified) co_return Cancelled("the TaskTracker is stopping");
    }
    const auto still = jobs_.find(job);
    if (still != jobs_.end() && still->second == run) jobs_.erase(still);
  }
  co_return co_await pool_.Run([this, &job] { return files_.ForgetJob(job); });
}

void Runner::Sweep() {
  for (const auto& [job, run] : jobs_) {
    if (run->host != nullptr && !run->host->ready() && clock_.Now() - run->host_started > options_.host_patience) {
      run->host->Destroy("the job's binary was started but never got ready to run tasks");
    }
  }
}

void Runner::DestroyHosts() {
  stopping_ = true;
  for (const auto& [job, run] : jobs_) {
    if (run->host != nullptr) run->host->Destroy("the TaskTracker is stopping");
  }
}

std::vector<std::shared_ptr<TaskHost>> Runner::hosts() const {
  std::vector<std::shared_ptr<TaskHost>> hosts;
  for (const auto& [job, run] : jobs_) {
    if (run->host != nullptr) hosts.push_back(run->host);
  }
  return hosts;
}

}  // namespace tusk::mr::tasktracker
