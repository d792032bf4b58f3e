#include "mapreduce/client/job_client.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

#include "common/base/random.h"
#include "common/base/try.h"
#include "common/rpc/client.h"
#include "common/runtime/loop_thread.h"
#include "dfs/protocol/settings.h"
#include "mapreduce/client/upload.h"
#include "mapreduce/protocol/methods.h"
#include "mapreduce/protocol/settings.h"

namespace tusk::mr {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kDeadline{30'000};
constexpr milliseconds kSubmitDeadline{90'000};
constexpr uint32_t kHoldMs = 20'000;
// A watched job runs on without its watcher; a JobTracker that is away for longer is worth a word to the user.
constexpr std::chrono::minutes kWatchPatience{5};

rpc::CallOptions Within(milliseconds deadline) {
  rpc::CallOptions options;
  options.deadline = deadline;
  return options;
}

std::string UserOf(const config::Config& config) {
  if (const std::string user = config.Get(dfs::kClientUser); !user.empty()) return user;
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return std::to_string(::getuid());
}

std::string Str(capnp::Text::Reader text) { return {text.cStr(), text.size()}; }

JobState StateOf(wire::JobState state) {
  switch (state) {
    case wire::JobState::RUNNING: return JobState::kRunning;
    case wire::JobState::COMMITTING: return JobState::kCommitting;
    case wire::JobState::SUCCEEDED: return JobState::kSucceeded;
    case wire::JobState::FAILED: return JobState::kFailed;
    case wire::JobState::KILLED: return JobState::kKilled;
  }
  return JobState::kRunning;
}

JobStatus StatusOf(wire::JobStatus::Reader from) {
  JobStatus to;
  to.id = Str(from.getId());
  to.name = Str(from.getName());
  to.user = Str(from.getUser());
  to.output = Str(from.getOutput());
  to.failure = Str(from.getFailure());
  to.state = StateOf(from.getState());
  to.maps = from.getMaps();
  to.maps_done = from.getMapsDone();
  to.reduces = from.getReduces();
  to.reduces_done = from.getReducesDone();
  to.failed_attempts = from.getFailedAttempts();
  to.killed_attempts = from.getKilledAttempts();
  to.running_attempts = from.getRunningAttempts();
  to.map_progress = static_cast<double>(from.getMapProgress());
  to.reduce_progress = static_cast<double>(from.getReduceProgress());
  to.submitted_ms = from.getSubmittedMs();
  to.finished_ms = from.getFinishedMs();
  return to;
}

void FillSpec(const JobDescription& job, const UploadedBinary& binary, const std::string& user, wire::JobSpec::Builder spec) {
  spec.setName(job.name);
  spec.setUser(user);
  spec.setBinary(binary.path);
  spec.setBinaryDigest(binary.digest);
  auto arguments = spec.initArguments(static_cast<unsigned>(job.arguments.size()));
  for (unsigned i = 0; i < arguments.size(); ++i) {
    arguments[i].setKey(job.arguments[i].first);
    arguments[i].setValue(job.arguments[i].second);
  }
  auto splits = spec.initSplits(static_cast<unsigned>(job.splits.size()));
  for (unsigned i = 0; i < splits.size(); ++i) {
    const InputSplit& split = job.splits[i];
    splits[i].setPath(split.path);
    splits[i].setOffset(split.offset);
    splits[i].setLength(split.length);
    splits[i].setFileLength(split.file_length);
    auto hosts = splits[i].initHosts(static_cast<unsigned>(split.hosts.size()));
    for (unsigned h = 0; h < hosts.size(); ++h) hosts.set(h, split.hosts[h]);
  }
  spec.setOutput(job.output);
  spec.setReducers(job.reducers);
  auto boundaries = spec.initBoundaries(static_cast<unsigned>(job.boundaries.size()));
  for (unsigned i = 0; i < boundaries.size(); ++i) {
    const std::string& key = job.boundaries[i];
    boundaries.set(i, capnp::Data::Reader(reinterpret_cast<const capnp::byte*>(key.data()), key.size()));
  }
  spec.setMaxAttempts(job.max_attempts);
  spec.setSortBytes(job.sort_bytes);
  spec.setOutputReplication(job.output_replication);
  spec.setCombine(job.combine);
}

class RemoteJobClient final : public JobClient {
 public:
  RemoteJobClient(net::Endpoint jobtracker, std::string staging, std::string user, std::shared_ptr<dfs::FileSystem> fs)
      : jobtracker_(std::move(jobtracker)),
        staging_(std::move(staging)),
        user_(std::move(user)),
        fs_(std::move(fs)),
        loop_("job-client"),
        client_(loop_, Options()) {}

  ~RemoteJobClient() override { client_.Stop(); }

  Result<std::string> Submit(const JobDescription& job) override {
    TUSK_ASSIGN(const UploadedBinary binary, UploadBinary(*fs_, job.binary, staging_));
    const std::string token = std::to_string(SecureRandom64()) + "-" + std::to_string(SecureRandom64());
    const auto reply = client_.CallBlocking(
        jobtracker_, kSubmit,
        [&](auto request) {
          request.setToken(token);
          FillSpec(job, binary, user_, request.initSpec());
        },
        Within(kSubmitDeadline));
    if (!reply.ok()) return reply.status();
    return Str((*reply)->getId());
  }

  Result<JobStatus> GetStatus(const std::string& id) override {
    uint64_t version = 0;
    return Ask(id, 0, &version, Within(kDeadline));
  }

  Result<JobStatus> Watch(const std::string& id, const std::function<void(const JobStatus&)>& changed) override {
    uint64_t version = 0;
    auto heard = std::chrono::steady_clock::now();
    for (;;) {
      rpc::CallOptions options = Within(milliseconds(kHoldMs) + kDeadline);
      options.wait_until_ready = true;
      auto status = Ask(id, version == 0 ? 0 : kHoldMs, &version, options);
      if (status.ok()) {
        heard = std::chrono::steady_clock::now();
        if (changed) changed(*status);
        if (status->finished()) return status;
        continue;
      }
      const Code code = status.status().code();
      const bool away = IsRetryable(code) || code == Code::kDeadlineExceeded;
      if (!away || std::chrono::steady_clock::now() - heard > kWatchPatience) return status;
      std::this_thread::sleep_for(kAwayPause);
    }
  }

  Result<std::vector<JobStatus>> List(bool all) override {
    const auto reply = client_.CallBlocking(
        jobtracker_, kListJobs, [all](auto request) { request.setAll(all); }, Within(kDeadline));
    if (!reply.ok()) return reply.status();
    std::vector<JobStatus> jobs;
    for (auto job : (*reply)->getJobs()) jobs.push_back(StatusOf(job));
    return jobs;
  }

  Status Kill(const std::string& id) override {
    return client_
        .CallBlocking(
            jobtracker_, kKillJob, [&id](auto request) { request.setId(id); }, Within(kDeadline))
        .status();
  }

  Result<std::vector<AttemptInfo>> Attempts(const std::string& id) override {
    const auto reply = client_.CallBlocking(
        jobtracker_, kAttempts, [&id](auto request) { request.setId(id); }, Within(kDeadline));
    if (!reply.ok()) return reply.status();
    static constexpr std::array<const char*, 5> kNames{"RUNNING", "COMMIT_PENDING", "SUCCEEDED", "FAILED", "KILLED"};
    std::vector<AttemptInfo> attempts;
    for (auto from : (*reply)->getAttempts()) {
      AttemptInfo& to = attempts.emplace_back();
      to.id = Str(from.getId());
      to.state = kNames[std::min<size_t>(static_cast<size_t>(from.getState()), kNames.size() - 1)];
      to.tracker = Str(from.getTracker());
      to.log_url = Str(from.getLogUrl());
      to.message = Str(from.getMessage());
      to.progress = static_cast<double>(from.getProgress());
      to.started_ms = from.getStartedMs();
      to.finished_ms = from.getFinishedMs();
    }
    return attempts;
  }

 private:
  static constexpr milliseconds kAwayPause{200};

  static rpc::Client::Options Options() {
    rpc::Client::Options options;
    options.name = "job-client";
    return options;
  }

  Result<JobStatus> Ask(const std::string& id, uint32_t wait_ms, uint64_t* version, rpc::CallOptions options) {
    const uint64_t known = *version;
    const auto reply = client_.CallBlocking(
        jobtracker_, kJobStatus,
        [&id, wait_ms, known](auto request) {
          request.setId(id);
          request.setWaitMs(wait_ms);
          request.setVersion(known);
        },
        options);
    if (!reply.ok()) return reply.status();
    *version = (*reply)->getVersion();
    JobStatus status = StatusOf((*reply)->getStatus());
    for (auto counter : (*reply)->getCounters()) status.counters[Str(counter.getName())] = counter.getValue();
    return status;
  }

  const net::Endpoint jobtracker_;
  const std::string staging_, user_;
  const std::shared_ptr<dfs::FileSystem> fs_;
  LoopThread loop_;
  rpc::Client client_;
};

}  // namespace

std::string_view JobStateName(JobState state) {
  switch (state) {
    case JobState::kRunning: return "RUNNING";
    case JobState::kCommitting: return "COMMITTING";
    case JobState::kSucceeded: return "SUCCEEDED";
    case JobState::kFailed: return "FAILED";
    case JobState::kKilled: return "KILLED";
  }
  return "UNKNOWN";
}

Result<std::unique_ptr<JobClient>> JobClient::Connect(const config::Config& config, std::shared_ptr<dfs::FileSystem> fs) {
  TUSK_ASSIGN(auto jobtracker, net::ParseEndpoint(config.Get(kJobTrackerAddress)));
  return std::unique_ptr<JobClient>(
      std::make_unique<RemoteJobClient>(std::move(jobtracker), config.Get(kStagingDir), UserOf(config), std::move(fs)));
}

}  // namespace tusk::mr
