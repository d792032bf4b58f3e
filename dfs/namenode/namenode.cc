#include "dfs/namenode/namenode.h"

#include <glog/logging.h>

#include <algorithm>
#include <optional>

#include "common/base/login_name.h"
#include "common/base/random.h"
#include "common/base/try.h"
#include "common/http/http_server.h"
#include "common/rpc/server.h"
#include "common/runtime/task_group.h"
#include "coordination/log/log.h"
#include "dfs/namenode/core.h"
#include "dfs/namenode/image/snapshots.h"
#include "dfs/namenode/image/state_recovery.h"
#include "dfs/namenode/service.h"
#include "dfs/namenode/status_report.h"
#include "dfs/namenode/storage_folder.h"
#include "dfs/namenode/system_groups.h"
#include "dfs/protocol/settings.h"

namespace tusk::dfs {

using namespace namenode;  // NOLINT(google-build-using-namespace): the parts of this class

namespace {

constexpr uint16_t kDefaultPort = 8020;
constexpr uint16_t kDefaultHttpPort = 9870;
constexpr std::chrono::milliseconds kLeaseCheckInterval{1000};
constexpr std::chrono::milliseconds kWorkPause{1};
constexpr std::chrono::milliseconds kIdlePause{100};
constexpr std::chrono::milliseconds kSnapshotCheckInterval{1000};

CoreOptions OptionsFrom(const config::Config& config) {
  CoreOptions options;
  options.block_size = config.Get(kBlockSize);
  options.replication = static_cast<uint16_t>(config.Get(kReplication));
  options.packet_bytes = static_cast<uint32_t>(config.Get(kPacketBytes));
  options.chunk_bytes = static_cast<uint32_t>(config.Get(kChunkBytes));
  options.heartbeat_interval = config.Get(kHeartbeatInterval);
  options.lease_soft_limit = config.Get(kLeaseSoftLimit);
  options.lease_hard_limit = config.Get(kLeaseHardLimit);
  options.safe_mode_threshold = std::clamp(config.Get(kSafeModeThreshold), 0.0, 1.0);
  options.block_key_interval = config.Get(kBlockKeyInterval);
  options.max_component_bytes = static_cast<size_t>(config.Get(kMaxComponentLength));
  options.max_path_bytes = static_cast<size_t>(config.Get(kMaxPathLength));
  options.max_blocks_per_file = static_cast<uint32_t>(config.Get(kBlocksPerFileLimit));
  options.list_limit = static_cast<uint32_t>(config.Get(kListLimit));
  options.blocks.min_replication = static_cast<uint32_t>(config.Get(kMinReplication));
  options.blocks.streams = static_cast<uint32_t>(config.Get(kReplicationStreams));
  options.blocks.dead_after = config.Get(kDataNodeDeadAfter);
  options.blocks.pending_timeout = config.Get(kPendingTimeout);
  options.blocks.heartbeat = config.Get(kHeartbeatInterval);
  options.blocks.repair_bandwidth = config.Get(kRepairBandwidth);
  options.blocks.balance = config.Get(kBalance);
  options.blocks.balance_bandwidth = config.Get(kBalanceBandwidth);
  options.blocks.balance_threshold = std::clamp(config.Get(kBalanceThreshold), 1.0, 100.0);
  options.blocks.seed = SecureRandom64();
  options.permissions = config.Get(kPermissions);
  options.superuser = config.Get(kClientUser).empty() ? LoginName() : config.Get(kClientUser);
  options.supergroup = config.Get(kSuperuserGroup);
  return options;
}

Task<void> Every(std::chrono::milliseconds interval, std::function<Task<void>()> step) {
  while (true) {
    const Status slept = co_await SleepFor(interval);  // a statement of its own: g++ 12 breaks the frame otherwise
    if (!slept.ok()) co_return;
    co_await step();
  }
}

// Walks over many blocks share the loop with requests: a step, then whoever waits.
Task<void> WorkOnBlocks(Core& core) {
  while (true) {
    const bool more = core.blocks.Work();
    const Status slept = co_await SleepFor(more ? kWorkPause : kIdlePause);
    if (!slept.ok()) co_return;
  }
}

// Likewise, for what deleted trees have left behind: half of the loop's time at most.
Task<void> Reclaim(Core& core) {
  while (true) {
    const TimePoint begun = core.clock.Now();
    const bool more = co_await core.reclaimer.Step(core);
    const Status slept = co_await SleepFor(more ? std::max<Duration>(kWorkPause, core.clock.Now() - begun) : kIdlePause);
    if (!slept.ok()) co_return;
  }
}

}  // namespace

// In the order of construction; Stop ends the parts from the outside in.
struct NameNode::Impl {
  explicit Impl(const config::Config& given) : config(given), gauges(metrics) {}

  Status Start(const MorePages& more_pages) {
    TUSK_ASSIGN(const net::Endpoint address, net::ParseEndpoint(config.Get(kNameNodeAddress), kDefaultPort));
    TUSK_ASSIGN(const net::Endpoint http_address, net::ParseEndpoint(config.Get(kNameNodeHttpAddress), kDefaultHttpPort));
    CoreOptions options = OptionsFrom(config);
    if (options.block_size % 512 != 0) {
      return InvalidArgument("dfs.block_size is " + std::to_string(options.block_size) + "; it must be a multiple of 512");
    }
    TUSK_ASSIGN(folder, StorageFolder::Open(storage::Disk::Posix(), config.Get(kNameNodeDir)));
    TUSK_TRY(OpenLog());
    cluster_id = options.cluster_id = folder->cluster_id();
    epoch = options.epoch = log->hard_state().term;
    loop.emplace("namenode");
    TUSK_TRY(OpenCore(options));
    system_groups.emplace(
        *loop, [this](const std::string& user, std::vector<std::string> groups) { core->groups.Put(user, std::move(groups)); });
    core->groups.OnMissing([this](const std::string& user) { system_groups->LookUp(user); });
    server = std::make_unique<rpc::Server>(*loop, rpc::Server::Options{.name = "namenode"});
    BindService(*server, *core, metrics);
    TUSK_TRY(server->Start(address));
    self = {address.host, server->port()};
    TUSK_TRY(StartHttp(http_address, more_pages));
    tasks.emplace(*loop);
    tasks->Spawn(Every(config.Get(kReplicationInterval), [this]() -> Task<void> {
      core->Tick();
      gauges.Update(*core);
      co_return;
    }));
    tasks->Spawn(WorkOnBlocks(*core));
    tasks->Spawn(Reclaim(*core));
    tasks->Spawn(Every(kLeaseCheckInterval, [this] { return core->CloseExpiredFiles(); }));
    tasks->Spawn(Every(kSnapshotCheckInterval, [this] { return snapshots->SaveIfDue(core->state->applied()); }));
    LOG(INFO) << "NameNode of cluster " << folder->cluster_id() << ", epoch " << options.epoch << ", serves at "
              << self.ToString() << ", pages at http://" << http_self.ToString() << "/";
    return OkStatus();
  }

  Status OpenLog() {
    coordination::Log::Options options;
    options.directory = folder->log_directory();
    options.cluster_id = folder->cluster_id();
    options.group = "namenode";
    options.segment_bytes = config.Get(kLogSegmentBytes) / 512 * 512;  // what the log asks for
    TUSK_ASSIGN(log, coordination::Log::Open(storage::Disk::Posix(), std::move(options)));
    // The term is the epoch that DataNodes are commanded with: it must grow at each start, and be on disk before the first
    // command.
    return log->SetHardState({std::max(log->hard_state().term, log->last_term()) + 1, 0});
  }

  Status OpenCore(const CoreOptions& options) {
    const uint64_t cache = config.Get(kNameNodeCache);
    StatePlace place;
    place.name = folder->state_directory();
    place.trusted = folder->StateIsTrusted();
    place.open = [this, cache] {
      storage::KeyValueStore::Options store;
      store.block_cache_bytes = cache / 2;
      return storage::KeyValueStore::Open(folder->state_directory(), store);
    };
    place.clear = [this]() -> Status {
      TUSK_TRY(folder->DistrustState());
      return storage::Disk::Posix().RemoveAll(folder->state_directory());
    };
    place.trust = [this] { return folder->TrustState(); };
    Namespace::Options state_options;
    state_options.cache_bytes = cache / 2;
    state_options.flush_bytes = std::min<uint64_t>(state_options.flush_bytes, cache / 8);
    state_options.on_broken = [this] {
      // The process ends next; if even this fails, the start after finds the broken state again and says so.
      const Status distrusted = folder->DistrustState();
      LOG_IF(ERROR, !distrusted.ok()) << distrusted;
    };
    const ImageFolder images(storage::Disk::Posix(), folder->image_directory());
    TUSK_ASSIGN(auto state, RecoverState(place, images, folder->cluster_id(), *log, state_options));
    TUSK_TRY(MakeCore(options, std::move(state)));
    Snapshots::Options snapshot;
    snapshot.cluster_id = folder->cluster_id();
    snapshot.interval_entries = static_cast<uint64_t>(config.Get(kSnapshotEntries));
    snapshot.interval = config.Get(kSnapshotInterval);
    snapshots.emplace(Clock::System(), snapshot, core->state->store(), *log, images);
    core->snapshots = &*snapshots;
    return OkStatus();
  }

  Status MakeCore(const CoreOptions& options, std::unique_ptr<Namespace> state) {
    core = std::make_unique<Core>(loop->context(), Clock::System(), options, std::move(state), *log,
                                  [this](size_t entries) { gauges.Applied(entries); });
    return core->Recover();
  }

  Status StartHttp(const net::Endpoint& address, const MorePages& more_pages) {
    http = std::make_unique<http::HttpServer>(http::HttpServer::Options{.name = "nn-http"});
    http::DaemonPages pages;
    pages.title = "NameNode";
    pages.metrics = &metrics;
    pages.ready = [this] { return Ready(); };
    pages.status_json = [this] { return loop->CallBlocking([this] { return StatusJson(*core); }); };
    http::AddDaemonPages(*http, std::move(pages));
    if (more_pages) more_pages(*http);
    TUSK_TRY(http->Start(address));
    http_self = {address.host, http->port()};
    return OkStatus();
  }

  Status Ready() {
    if (stopped) return Unavailable("the NameNode has stopped");
    return loop->CallBlocking([this]() -> Status {
      if (!core->safe_mode.on()) return OkStatus();
      return Status(Code::kSafeMode, "in safe mode: " + core->safe_mode.reason());
    });
  }

  void Stop() {
    if (stopped) return;
    stopped = true;
    if (http) http->Stop();
    if (tasks) tasks->CancelAndWait();
    if (core) loop->CallBlocking([this] { core->Stop(); });
    if (server) server->Stop();  // drops what still waits for the log; such callers ask the next NameNode again
    if (snapshots) snapshots->Stop();
    if (system_groups) system_groups->Stop();
    if (log) {
      const Status flushed = log->Flush();  // what is queued; its completions post to the loop
      LOG_IF(WARNING, !flushed.ok()) << "the NameNode's log was not written to its end: " << flushed;
    }
    if (loop) loop->Stop();  // runs these completions, which may still use the log
    log.reset();
    server.reset();
    snapshots.reset();
    if (core) core->state->store().FlushAndWait();  // the next start has little to apply
    core.reset();
    folder.reset();  // the lock
  }

  const config::Config config;
  observe::Metrics metrics;
  Gauges gauges;
  std::unique_ptr<StorageFolder> folder;
  std::unique_ptr<coordination::Log> log;
  std::optional<LoopThread> loop;
  std::unique_ptr<Core> core;
  std::optional<Snapshots> snapshots;
  std::optional<SystemGroups> system_groups;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<http::HttpServer> http;
  std::optional<TaskGroup> tasks;
  net::Endpoint self;
  net::Endpoint http_self;
  uint64_t cluster_id = 0;
  uint64_t epoch = 0;
  bool stopped = false;
};

NameNode::NameNode() = default;

NameNode::~NameNode() { Stop(); }

Result<std::unique_ptr<NameNode>> NameNode::Start(const config::Config& config, const MorePages& more_pages) {
  std::unique_ptr<NameNode> node(new NameNode());
  node->impl_ = std::make_unique<Impl>(config);
  if (Status started = node->impl_->Start(more_pages); !started.ok()) return started.WithContext("cannot start the NameNode");
  return node;
}

net::Endpoint NameNode::endpoint() const { return impl_->self; }
net::Endpoint NameNode::http_endpoint() const { return impl_->http_self; }
uint64_t NameNode::cluster_id() const { return impl_->cluster_id; }
uint64_t NameNode::epoch() const { return impl_->epoch; }
Status NameNode::ready() const { return impl_->Ready(); }
observe::Metrics& NameNode::metrics() { return impl_->metrics; }

void NameNode::Stop() {
  if (impl_) impl_->Stop();
}

}  // namespace tusk::dfs
