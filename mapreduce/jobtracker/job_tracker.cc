#include "mapreduce/jobtracker/job_tracker.h"

#include <glog/logging.h>

#include <algorithm>
#include <mutex>

#include "common/base/try.h"
#include "common/http/http_server.h"
#include "common/http/status_page.h"
#include "common/observe/metrics.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/runtime/task_group.h"
#include "common/runtime/worker_pool.h"
#include "mapreduce/jobtracker/pages.h"
#include "mapreduce/jobtracker/service.h"
#include "mapreduce/protocol/settings.h"

namespace tusk::mr {

using namespace jobtracker;  // NOLINT: this file is the folder's main object

namespace {

// The DFS is tried again by whoever needs it; one try must not hold up a stop.
constexpr std::chrono::milliseconds kDfsPatience{5'000};
constexpr std::chrono::minutes kDropInterval{1};

JobFinisher::FileSystemSource ConnectLazily(const config::Config& config) {
  struct Connection {
    std::mutex mutex;
    std::shared_ptr<dfs::FileSystem> fs;
  };
  return [config, connection = std::make_shared<Connection>()]() -> Result<std::shared_ptr<dfs::FileSystem>> {
    const std::lock_guard lock(connection->mutex);
    if (connection->fs == nullptr) {
      TUSK_ASSIGN(auto options, dfs::ClientOptions::FromConfig(config));
      options.timeout = std::min(options.timeout, kDfsPatience);
      TUSK_ASSIGN(connection->fs, dfs::FileSystem::Connect(std::move(options)));
    }
    return connection->fs;
  };
}

Service::Options ServiceOptions(const config::Config& config) {
  return {config.Get(kHeartbeatInterval), static_cast<uint32_t>(config.Get(kMaxAttempts))};
}

}  // namespace

struct JobTracker::Impl {
  Impl(const config::Config& config, Surroundings given, std::unique_ptr<coordination::Log> log)
      : surroundings(std::move(given)),
        clock(*surroundings.clock),
        staging(config.Get(kStagingDir)),
        source(surroundings.file_system ? surroundings.file_system : ConnectLazily(config)),
        loop("jobtracker"),
        pool({"jobtracker-dfs", 4, 4096}),
        tasks(loop),
        client(loop, ClientOptions()),
        server(loop, ServerOptions()),
        journal(loop, std::move(log), clock),
        http(HttpOptions()),
        figures(metrics) {}

  static rpc::Client::Options ClientOptions() {
    rpc::Client::Options options;
    options.name = "jobtracker";
    return options;
  }
  static rpc::Server::Options ServerOptions() {
    rpc::Server::Options options;
    options.name = "jobtracker";
    return options;
  }
  static http::HttpServer::Options HttpOptions() {
    http::HttpServer::Options options;
    options.name = "jobtracker";
    return options;
  }

  Status Recover(const config::Config& config);
  Status Listen(const config::Config& config);
  void AddPages();
  Task<void> TickForever();
  void Stop();

  const Surroundings surroundings;
  const Clock& clock;
  const std::string staging;
  const JobFinisher::FileSystemSource source;
  observe::Metrics metrics;
  LoopThread loop;
  WorkerPool pool;
  TaskGroup tasks;
  rpc::Client client;
  rpc::Server server;
  Journal journal;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<TrackerLinks> links;
  std::unique_ptr<JobFinisher> finisher;
  std::unique_ptr<Shell> shell;
  std::unique_ptr<Service> service;
  http::HttpServer http;
  Figures figures;
  net::Endpoint endpoint, http_endpoint;
  std::chrono::milliseconds tick{100};
  coordination::LogIndex dropped_below = 0;
  TimePoint next_drop{};
  uint64_t epoch = 0;
  std::once_flag stopped;
};

Status JobTracker::Impl::Recover(const config::Config& config) {
  TUSK_ASSIGN(epoch, journal.BeginTerm());
  const auto heartbeat = config.Get(kHeartbeatInterval);
  tick = std::clamp(heartbeat / 2, std::chrono::milliseconds(10), std::chrono::milliseconds(500));
  engine = std::make_unique<Engine>(
      Engine::Options{epoch, heartbeat, config.Get(kTrackerDeadAfter), config.Get(kJobHistory).count(), staging});
  TUSK_TRY(journal.Replay([this](auto index, auto term, const Entry& entry) { engine->Replay(index, term, entry); }));
  links = std::make_unique<TrackerLinks>(
      tasks, client, epoch, [this](const std::string& tracker, const std::vector<AttemptId>& attempts, const Status& why) {
        engine->LaunchFailed(tracker, attempts, why);
        shell->Pump();
      });
  finisher = std::make_unique<JobFinisher>(tasks, pool, *links, source, [this](const std::string& job, const Status& status) {
    engine->Published(job, status);
    shell->Pump();
  });
  shell = std::make_unique<Shell>(loop, clock, *engine, journal, *links, *finisher, staging);
  journal.Run([this](auto index, auto term, const Entry& entry) { engine->Applied(index, term, entry); },
              [this] { shell->Pump(); });
  // Ids of this term's jobs must differ from all earlier ones, also when the clock went back.
  const uint64_t now = static_cast<uint64_t>(clock.WallMillis() / 1000);
  const auto& table = engine->table();
  Started started{std::max(now, table.identifier() + 1), {table.trackers().begin(), table.trackers().end()}};
  return loop.RunBlocking([](Impl* self, Started fact) -> Task<Status> {
    self->engine->Propose(std::move(fact));
    TUSK_CO_TRY(co_await self->shell->PumpAndWait());
    self->engine->Begin(self->clock.Now());
    self->shell->Pump();
    co_return OkStatus();
  }(this, std::move(started)));
}

Status JobTracker::Impl::Listen(const config::Config& config) {
  TUSK_ASSIGN(endpoint, net::ParseEndpoint(config.Get(kJobTrackerAddress)));
  TUSK_ASSIGN(http_endpoint, net::ParseEndpoint(config.Get(kJobTrackerHttpAddress)));
  service = std::make_unique<Service>(ServiceOptions(config), *shell, pool, source);
  service->AddTo(server);
  TUSK_TRY(server.Start(endpoint).WithContext("mapreduce.jobtracker_address"));
  endpoint.port = server.port();
  AddPages();
  TUSK_TRY(http.Start(http_endpoint).WithContext("mapreduce.jobtracker_http_address"));
  http_endpoint.port = http.port();
  tasks.Spawn(TickForever());
  return OkStatus();
}

void JobTracker::Impl::AddPages() {
  http::DaemonPages pages;
  pages.title = "JobTracker";
  pages.metrics = &metrics;
  pages.ready = [] { return OkStatus(); };
  pages.status_json = [this] { return loop.CallBlocking([this] { return StatusJson(*engine); }); };
  http::AddDaemonPages(http, std::move(pages));
  http.Route("GET", "/jobs/", [this](const http::Request& request) {
    std::string id = request.path.substr(std::string_view("/jobs/").size());
    const bool json = id.ends_with(".json");
    if (json) id.resize(id.size() - std::string_view(".json").size());
    const auto text = loop.CallBlocking([this, &id] { return JobJson(*engine, id); });
    if (!text) return http::Response::Error(404, "no job " + id + " is known");
    if (json) return http::Response::Json(*text);
    http::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.body = http::StatusPage(id, OkStatus(), *text);
    return response;
  });
}

Task<void> JobTracker::Impl::TickForever() {
  for (;;) {
    const Status slept = co_await SleepFor(tick);
    if (!slept.ok()) co_return;
    engine->Tick(clock.Now(), clock.WallMillis());
    shell->Pump();
    figures.Set(*engine);
    const auto keep_from = engine->table().keep_from();
    if (keep_from > dropped_below && clock.Now() >= next_drop) {
      dropped_below = keep_from;
      next_drop = clock.Now() + kDropInterval;
      (void)pool.TrySubmit([this, keep_from] { journal.DropBelow(keep_from); });
    }
  }
}

void JobTracker::Impl::Stop() {
  std::call_once(stopped, [this] {
    if (shell != nullptr) loop.CallBlocking([this] { shell->Stop(); });
    http.Stop();
    server.Stop();
    tasks.CancelAndWait();
    client.Stop();
    pool.Stop();
    journal.Close();
    loop.Stop();
  });
}

JobTracker::JobTracker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JobTracker::~JobTracker() { Stop(); }
void JobTracker::Stop() { impl_->Stop(); }
net::Endpoint JobTracker::endpoint() const { return impl_->endpoint; }
net::Endpoint JobTracker::http_endpoint() const { return impl_->http_endpoint; }
uint64_t JobTracker::epoch() const { return impl_->epoch; }

Result<std::unique_ptr<JobTracker>> JobTracker::Start(const config::Config& config) { return Start(config, Surroundings{}); }

Result<std::unique_ptr<JobTracker>> JobTracker::Start(const config::Config& config, Surroundings surroundings) {
  coordination::Log::Options options;
  options.directory = config.Get(kJobTrackerDir);
  options.group = "jobs";
  if (options.directory.empty()) {
    return InvalidArgument("mapreduce.jobtracker_dir is not set; name the folder of the JobTracker's journal");
  }
  TUSK_ASSIGN(auto log, coordination::Log::Open(*surroundings.disk, options));
  // Destroyed, and so stopped, on an error below.
  std::unique_ptr<JobTracker> tracker(new JobTracker(std::make_unique<Impl>(config, std::move(surroundings), std::move(log))));
  TUSK_TRY(tracker->impl_->Recover(config));
  TUSK_TRY(tracker->impl_->Listen(config));
  LOG(INFO) << "JobTracker answers at " << tracker->endpoint().ToString() << ", pages at " << tracker->http_endpoint().ToString()
            << ", epoch " << tracker->epoch();
  return tracker;
}

}  // namespace tusk::mr
