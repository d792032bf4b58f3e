#include "dfs/namenode/namenode.h"

#include <glog/logging.h>

#include <algorithm>
#include <optional>

#include "common/base/random.h"
#include "common/base/try.h"
#include "common/http/http_server.h"
#include "common/rpc/server.h"
#include "common/runtime/task_group.h"
#include "coordination/log/log.h"
#include "dfs/namenode/core.h"
#include "dfs/namenode/service.h"
#include "dfs/namenode/status_report.h"
#include "dfs/namenode/storage_folder.h"
#include "dfs/protocol/settings.h"

namespace tusk::dfs {

using namespace namenode;  // NOLINT(google-build-using-namespace): the parts of this class

namespace {

constexpr uint16_t kDefaultPort = 8020;
constexpr uint16_t kDefaultHttpPort = 9870;
constexpr std::chrono::milliseconds kLeaseCheckInterval{1000};

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
  options.blocks.min_replication = static_cast<uint32_t>(config.Get(kMinReplication));
  options.blocks.streams = static_cast<uint32_t>(config.Get(kReplicationStreams));
  options.blocks.dead_after = config.Get(kDataNodeDeadAfter);
  options.blocks.pending_timeout = config.Get(kPendingTimeout);
  options.blocks.seed = SecureRandom64();
  return options;
}

Task<void> Every(std::chrono::milliseconds interval, std::function<Task<void>()> step) {
  while (true) {
    const Status slept = co_await SleepFor(interval);  // a statement of its own: g++ 12 breaks the frame otherwise
    if (!slept.ok()) co_return;
    co_await step();
  }
}

}  // namespace

// In the order of construction; Stop ends the parts from the outside in.
struct NameNode::Impl {
  explicit Impl(const config::Config& given) : config(given), gauges(metrics) {}

  Status Start() {
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
    server = std::make_unique<rpc::Server>(*loop, rpc::Server::Options{.name = "namenode"});
    BindService(*server, *core, metrics);
    TUSK_TRY(server->Start(address));
    self = {address.host, server->port()};
    TUSK_TRY(StartHttp(http_address));
    tasks.emplace(*loop);
    tasks->Spawn(Every(config.Get(kReplicationInterval), [this]() -> Task<void> {
      core->Tick();
      gauges.Update(*core);
      co_return;
    }));
    tasks->Spawn(Every(kLeaseCheckInterval, [this] { return core->CloseExpiredFiles(); }));
    LOG(INFO) << "NameNode of cluster " << folder->cluster_id() << ", epoch " << options.epoch << ", serves at "
              << self.ToString() << ", pages at http://" << http_self.ToString() << "/";
    return OkStatus();
  }

  Status OpenLog() {
    coordination::Log::Options options;
    options.directory = folder->log_directory();
    options.cluster_id = folder->cluster_id();
    options.group = "namenode";
    TUSK_ASSIGN(log, coordination::Log::Open(storage::Disk::Posix(), std::move(options)));
    // The term is the epoch that DataNodes are commanded with: it must grow at each start, and be on disk before the first
    // command.
    return log->SetHardState({std::max(log->hard_state().term, log->last_term()) + 1, 0});
  }

  Status OpenCore(const CoreOptions& options) {
    if (folder->StateIsTrusted()) {
      Result<std::unique_ptr<Namespace>> state = OpenState();
      if (state.ok() && (*state)->applied() <= log->last_index()) return MakeCore(options, std::move(*state));
      if (state.ok()) {
        // Entries are applied only after the log has synced them: acknowledged entries are missing, for example because an old
        // copy of the log was put back. Going on from the shorter log would lose them without a word.
        return Corruption("the NameNode's log ends at entry " + std::to_string(log->last_index()) + ", but entry " +
                          std::to_string((*state)->applied()) +
                          " was acknowledged and applied; put the newest log back, or remove " + folder->state_directory() +
                          " to accept the loss of what came after");
      }
      LOG(WARNING) << "the NameNode's applied state is rebuilt from the log: " << state.status().message();
    }
    folder->DistrustState();
    TUSK_TRY(storage::Disk::Posix().RemoveAll(folder->state_directory()));
    TUSK_TRY(folder->TrustNewState());
    TUSK_ASSIGN(auto state, OpenState());
    return MakeCore(options, std::move(state));
  }

  Result<std::unique_ptr<Namespace>> OpenState() {
    const uint64_t cache = config.Get(kNameNodeCache);
    storage::KeyValueStore::Options options;
    options.block_cache_bytes = cache / 2;
    TUSK_ASSIGN(auto store, storage::KeyValueStore::Open(folder->state_directory(), options));
    Namespace::Options state;
    state.cache_bytes = cache / 2;
    state.on_broken = [this] { folder->DistrustState(); };
    return Namespace::Open(std::move(store), std::move(state));
  }

  Status MakeCore(const CoreOptions& options, std::unique_ptr<Namespace> state) {
    core = std::make_unique<Core>(loop->context(), Clock::System(), options, std::move(state), *log,
                                  [this](size_t entries) { gauges.Applied(entries); });
    return core->Recover();
  }

  Status StartHttp(const net::Endpoint& address) {
    http = std::make_unique<http::HttpServer>(http::HttpServer::Options{.name = "nn-http"});
    http::DaemonPages pages;
    pages.title = "NameNode";
    pages.metrics = &metrics;
    pages.ready = [this] { return Ready(); };
    pages.status_json = [this] { return loop->CallBlocking([this] { return StatusJson(*core); }); };
    http::AddDaemonPages(*http, std::move(pages));
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
    log.reset();                 // writes and syncs what is queued; its completions post to the loop
    if (loop) loop->Stop();
    server.reset();
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

Result<std::unique_ptr<NameNode>> NameNode::Start(const config::Config& config) {
  std::unique_ptr<NameNode> node(new NameNode());
  node->impl_ = std::make_unique<Impl>(config);
  if (Status started = node->impl_->Start(); !started.ok()) return started.WithContext("cannot start the NameNode");
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
