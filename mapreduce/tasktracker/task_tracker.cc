#include "mapreduce/tasktracker/task_tracker.h"

#include <glog/logging.h>

#include <algorithm>
#include <mutex>

#include "common/base/json_text.h"
#include "common/base/random.h"
#include "common/base/try.h"
#include "common/http/http_server.h"
#include "common/observe/metrics.h"
#include "common/runtime/loop_thread.h"
#include "dfs/protocol/settings.h"
#include "mapreduce/protocol/settings.h"
#include "mapreduce/shuffle/shuffle_server.h"
#include "mapreduce/tasktracker/reporter.h"
#include "mapreduce/tasktracker/runner.h"
#include "mapreduce/tasktracker/service.h"

namespace tusk::mr {

using namespace tasktracker;  // NOLINT: this file is the folder's main object

namespace {

constexpr size_t kMaxLogBytes = 4 << 20;  // of one answer: the end of the log
constexpr std::chrono::milliseconds kDfsPatience{20'000};
constexpr std::chrono::minutes kPruneInterval{10};

Runner::FileSystemSource ConnectLazily(const config::Config& config) {
  struct Connection {
    std::mutex mutex;
    std::shared_ptr<dfs::FileSystem> fs;
  };
  return [config, connection = std::make_shared<Connection>()]() -> Result<std::shared_ptr<dfs::FileSystem>> {
    const std::lock_guard lock(connection->mutex);
    if (connection->fs == nullptr) {
      TUSK_ASSIGN(auto options, dfs::ClientOptions::FromConfig(config));
      options.timeout = std::min(options.timeout, kDfsPatience);
      options.host = config.Get(kTrackerHost);
      TUSK_ASSIGN(connection->fs, dfs::FileSystem::Connect(std::move(options)));
    }
    return connection->fs;
  };
}

// Tasks get every setting that differs from its default, so that they need not find the file it came from.
std::vector<std::string> HostArguments(const config::Config& config, const net::Endpoint& tracker) {
  std::vector<std::string> arguments{"--tusk-task-host"};
  for (const auto& shown : config.Show()) {
    if (shown.origin == "default" || !(shown.name.starts_with("dfs.") || shown.name.starts_with("mapreduce."))) continue;
    arguments.insert(arguments.end(), {"--set", shown.name + "=" + shown.value});
  }
  arguments.insert(arguments.end(), {"--tracker", tracker.ToString(), "--host", tracker.host, "--rack", config.Get(dfs::kRack)});
  return arguments;
}

}  // namespace

struct TaskTracker::Impl {
  Impl(const config::Config& given, Surroundings around, std::unique_ptr<JobFiles> opened)
      : config(given),
        surroundings(std::move(around)),
        clock(*surroundings.clock),
        source(surroundings.file_system ? surroundings.file_system : ConnectLazily(config)),
        files(std::move(opened)),
        loop("tasktracker"),
        pool({"tasktracker", 2, 4096}),
        tasks(loop),
        client(loop, Named<rpc::Client::Options>()),
        server(loop, Named<rpc::Server::Options>()),
        http(Named<http::HttpServer::Options>()),
        shuffle(ShuffleServer::Options{},
                [this](const std::string& job, uint32_t map, uint32_t attempt) { return Locate(job, map, attempt); }),
        running(metrics.Gauge("tusk_tasktracker_running_attempts", "Attempts that run.")),
        hosts(metrics.Gauge("tusk_tasktracker_task_hosts", "Jobs with a process here.")),
        launched(metrics.Gauge("tusk_tasktracker_known_attempts", "Attempts of jobs that have not ended.")),
        shuffled(metrics.Gauge("tusk_tasktracker_shuffle_sent_bytes", "Map output sent to reducers.")) {}

  template <class Options>
  static Options Named() {
    Options options;
    options.name = "tasktracker";
    return options;
  }

  Status Start();
  void AddPages();
  std::string StatusJson() const;
  Result<std::string> Locate(const std::string& job, uint32_t map, uint32_t attempt) const;
  Task<void> SweepForever();
  Task<void> ForgetQuietly(std::string job);
  void Stop();

  const config::Config config;
  const Surroundings surroundings;
  const Clock& clock;
  const Runner::FileSystemSource source;
  observe::Metrics metrics;
  const std::unique_ptr<JobFiles> files;
  LoopThread loop;
  WorkerPool pool;
  TaskGroup tasks;
  rpc::Client client;
  rpc::Server server;
  http::HttpServer http;
  ShuffleServer shuffle;
  AttemptTable table;
  std::unique_ptr<Runner> runner;
  std::unique_ptr<Service> service;
  std::unique_ptr<Reporter> reporter;
  net::Endpoint endpoint, http_endpoint, shuffle_endpoint;
  std::string name;
  prometheus::Gauge& running;
  prometheus::Gauge& hosts;
  prometheus::Gauge& launched;
  prometheus::Gauge& shuffled;
  std::once_flag stopped;
};

Status TaskTracker::Impl::Start() {
  TUSK_ASSIGN(const net::Endpoint jobtracker, net::ParseEndpoint(config.Get(kJobTrackerAddress)));
  const std::string host = config.Get(kTrackerHost);
  shuffle_endpoint = {host, static_cast<uint16_t>(config.Get(kShufflePort))};
  TUSK_TRY(shuffle.Start(shuffle_endpoint).WithContext("mapreduce.shuffle_port"));
  shuffle_endpoint.port = shuffle.port();
  http_endpoint = {host, static_cast<uint16_t>(config.Get(kTrackerHttpPort))};
  AddPages();
  TUSK_TRY(http.Start(http_endpoint).WithContext("mapreduce.tasktracker_http_port"));
  http_endpoint.port = http.port();

  endpoint = {host, static_cast<uint16_t>(config.Get(kTrackerPort))};
  const auto news = [this] { reporter->News(); };
  Runner::Options options;
  options.jobtracker = jobtracker;
  options.host_arguments = [this] { return HostArguments(config, endpoint); };
  options.log_url = "http://" + http_endpoint.ToString() + "/logs/";
  runner = std::make_unique<Runner>(std::move(options), loop, tasks, pool, client, *files, table, clock, source, news);
  service = std::make_unique<Service>(jobtracker, table, *runner, client, clock, news);
  service->AddTo(server);
  TUSK_TRY(server.Start(endpoint).WithContext("mapreduce.tasktracker_port"));

  const uint16_t port = server.port();
  name = config.Get(dfs::kNodeName).empty() ? host + ":" + std::to_string(port) : config.Get(dfs::kNodeName);
  Reporter::Identity identity{name,
                              host,
                              config.Get(dfs::kRack),
                              port,
                              http_endpoint.port,
                              shuffle_endpoint.port,
                              static_cast<uint32_t>(config.Get(kMapSlots)),
                              static_cast<uint32_t>(config.Get(kReduceSlots)),
                              SecureRandom64()};
  Reporter::Listener listener;
  listener.registered = [this](uint64_t epoch) { (void)service->Obey(epoch); };
  listener.forget = [this](const std::string& job) { tasks.Spawn(ForgetQuietly(job)); };
  loop.CallBlocking([&] {
    endpoint.port = port;
    reporter = std::make_unique<Reporter>(std::move(identity), jobtracker, config.Get(kHeartbeatInterval), loop, client, table,
                                          std::move(listener));
  });
  tasks.Spawn(reporter->RunForever());
  tasks.Spawn(SweepForever());
  return OkStatus();
}

Result<std::string> TaskTracker::Impl::Locate(const std::string& job, uint32_t map, uint32_t attempt) const {
  if (!IsJobId(job)) return InvalidArgument("\"" + job.substr(0, 100) + "\" is not a job id");
  // Only a finished attempt has an index; the shuffle server answers kNotFound for a folder without one.
  return files->AttemptFolder({{job, TaskKind::kMap, map}, attempt});
}

void TaskTracker::Impl::AddPages() {
  http::DaemonPages pages;
  pages.title = "TaskTracker " + config.Get(dfs::kNodeName);
  pages.metrics = &metrics;
  pages.ready = [this]() -> Status {
    const bool registered = loop.CallBlocking([this] { return reporter != nullptr && reporter->registered(); });
    return registered ? OkStatus() : Unavailable("not registered with the JobTracker at " + config.Get(kJobTrackerAddress));
  };
  pages.status_json = [this] { return loop.CallBlocking([this] { return StatusJson(); }); };
  http::AddDaemonPages(http, std::move(pages));
  // /logs/<attempt id>/stderr, /logs/<attempt id>/stdout, /logs/<job id>/host
  http.Route("GET", "/logs/", [this](const http::Request& request) {
    const std::string rest = request.path.substr(std::string_view("/logs/").size());
    const size_t slash = rest.find('/');
    if (slash == std::string::npos) return http::Response::Error(404, "write /logs/ATTEMPT/stderr or /logs/ATTEMPT/stdout");
    const auto text = files->ReadLog(rest.substr(0, slash), rest.substr(slash + 1), kMaxLogBytes);
    // After its job only logs that are not empty are kept, so none may also mean that nothing was printed.
    if (!text)
      return http::Response::Error(404, "there is no log " + rest + " here: nothing was printed, or it was deleted by age");
    http::Response response;
    response.body = *text;
    return response;
  });
}

std::string TaskTracker::Impl::StatusJson() const {
  std::string attempts;
  size_t known = 0;
  for (const AttemptId& id : table.All()) {
    static constexpr const char* kStates[] = {"LAUNCHING", "RUNNING", "DONE", "FAILED", "KILLED"};
    const Attempt& attempt = *table.Find(id);
    if (++known > 1000) break;
    attempts += std::string(attempts.empty() ? "" : ",") + "{\"id\":" + QuoteJson(id.ToString()) +
                ",\"state\":" + QuoteJson(kStates[static_cast<size_t>(attempt.state)]) +
                ",\"percent\":" + std::to_string(static_cast<int>(100 * attempt.progress)) +
                ",\"message\":" + QuoteJson(attempt.message) + "}";
  }
  return "{\"service\":\"tasktracker\",\"name\":" + QuoteJson(name) + ",\"endpoint\":" + QuoteJson(endpoint.ToString()) +
         ",\"shuffle\":" + QuoteJson(shuffle_endpoint.ToString()) +
         ",\"registered\":" + (reporter != nullptr && reporter->registered() ? "true" : "false") +
         ",\"running\":" + std::to_string(table.CountRunning()) +
         ",\"task_hosts\":" + std::to_string(runner == nullptr ? 0 : runner->host_count()) + ",\"attempts\":[" + attempts + "]}";
}

Task<void> TaskTracker::Impl::ForgetQuietly(std::string job) {
  const Status status = co_await runner->Forget(job);
  if (!status.ok()) LOG(WARNING) << "cannot forget " << job << ": " << status;
}

Task<void> TaskTracker::Impl::SweepForever() {
  const auto timeout = config.Get(kTaskTimeout);
  const auto pause = std::clamp(timeout / 4, std::chrono::milliseconds(25), std::chrono::milliseconds(1000));
  TimePoint next_prune = clock.Now();
  for (;;) {
    const Status slept = co_await SleepFor(pause);
    if (!slept.ok()) co_return;
    for (const AttemptId& id : table.Expire(clock.Now(), timeout)) {
      LOG(WARNING) << id.ToString() << ": " << table.Find(id)->message;
      runner->KillProcess(id);
      reporter->News();
    }
    runner->Sweep();
    running.Set(static_cast<double>(table.CountRunning()));
    hosts.Set(static_cast<double>(runner->host_count()));
    launched.Set(static_cast<double>(table.All().size()));
    shuffled.Set(static_cast<double>(shuffle.totals().bytes));
    if (clock.Now() >= next_prune) {
      next_prune = clock.Now() + kPruneInterval;
      (void)pool.TrySubmit([this] { files->PruneLogs(config.Get(kJobHistory)); });
    }
  }
}

void TaskTracker::Impl::Stop() {
  std::call_once(stopped, [this] {
    http.Stop();
    server.Stop();
    tasks.CancelAndWait();
    std::vector<std::shared_ptr<TaskHost>> left;
    loop.CallBlocking([this, &left] {
      if (runner == nullptr) return;
      left = runner->hosts();
      runner->DestroyHosts();
    });
    for (const auto& host : left) host->Join();  // every process of every job has ended
    left.clear();
    shuffle.Stop();
    client.Stop();
    pool.Stop();
    loop.Stop();
  });
}

TaskTracker::TaskTracker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TaskTracker::~TaskTracker() { Stop(); }
void TaskTracker::Stop() { impl_->Stop(); }
net::Endpoint TaskTracker::endpoint() const { return impl_->endpoint; }
net::Endpoint TaskTracker::http_endpoint() const { return impl_->http_endpoint; }
net::Endpoint TaskTracker::shuffle_endpoint() const { return impl_->shuffle_endpoint; }
std::string TaskTracker::name() const { return impl_->name; }
size_t TaskTracker::running_attempts() const {
  return impl_->loop.CallBlocking([this] { return impl_->table.CountRunning(); });
}

Result<std::unique_ptr<TaskTracker>> TaskTracker::Start(const config::Config& config) { return Start(config, Surroundings{}); }

Result<std::unique_ptr<TaskTracker>> TaskTracker::Start(const config::Config& config, Surroundings surroundings) {
  const std::string folder = config.Get(kTrackerDir);
  if (folder.empty() || folder.front() != '/') {
    return InvalidArgument("mapreduce.tasktracker_dir must be an absolute path, not \"" + folder +
                           "\"; name the folder of this TaskTracker's job files");
  }
  TUSK_ASSIGN(auto files, JobFiles::Open(folder));
  // Destroyed, and so stopped, on an error below.
  std::unique_ptr<TaskTracker> tracker(
      new TaskTracker(std::make_unique<Impl>(config, std::move(surroundings), std::move(files))));
  TUSK_TRY(tracker->impl_->Start());
  LOG(INFO) << "TaskTracker " << tracker->name() << " answers at " << tracker->endpoint().ToString() << ", pages at "
            << tracker->http_endpoint().ToString() << ", map output at " << tracker->shuffle_endpoint().ToString();
  return tracker;
}

}  // namespace tusk::mr
