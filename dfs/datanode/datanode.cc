#include "dfs/datanode/datanode.h"

#include <glog/logging.h>

#include <filesystem>
#include <optional>

#include "common/base/json_text.h"
#include "common/base/random.h"
#include "common/base/try.h"
#include "common/http/http_server.h"
#include "common/net/data_server.h"
#include "common/runtime/task_group.h"
#include "dfs/datanode/block_recovery.h"
#include "dfs/datanode/folder_care.h"
#include "dfs/datanode/namenode_link.h"
#include "dfs/datanode/open_folders.h"
#include "dfs/datanode/pipeline/data_service.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/settings.h"

namespace tusk::dfs {

using namespace datanode;  // NOLINT(google-build-using-namespace): the parts of this class

namespace {

constexpr size_t kIdleBuffers = 32;

}  // namespace

// In the order of construction; Stop ends the parts from the outside in.
struct DataNode::Impl {
  explicit Impl(const config::Config& given) : config(given), counts(metrics), buffers(kPacketBufferBytes, kIdleBuffers) {}

  Status Start() {
    TUSK_ASSIGN(const auto namenode, net::ParseEndpoint(config.Get(kNameNodeAddress), 8020));
    TUSK_TRY(OpenStore());
    self.id = store->identity().node();
    self.host = config.Get(kDataNodeHost);
    self.rack = config.Get(kRack);
    self.name = config.Get(kNodeName);
    TUSK_TRY(StartDataServer());
    if (self.name.empty()) self.name = self.host + ":" + std::to_string(self.data_port);
    TUSK_TRY(StartHttp());

    commands = std::make_unique<CommandRunner>(*context, static_cast<size_t>(config.Get(kReplicationStreams)),
                                               [this](const Block& block) {
                                                 if (link) link->CopyFailed(block);
                                               });
    pool.emplace(WorkerPool::Options{.name = "dn-disk", .threads = 1, .queue_limit = 64});
    loop.emplace("datanode");
    client = std::make_unique<rpc::Client>(*loop, rpc::Client::Options{});
    NameNodeLink::Options options;
    options.namenode = namenode;
    options.self = self;
    options.instance = SecureRandom64();
    options.heartbeat = config.Get(kHeartbeatInterval);
    options.full_report = config.Get(kFullReportInterval);
    options.peer_latencies = [this] { return latencies.Take(); };
    recoveries =
        std::make_unique<BlockRecovery>(*context, [this, namenode, instance = options.instance](const RecoveryResult& result) {
          return CommitRecovery(namenode, instance, result);
        });
    options.recover = [this](RecoveryOrder order) { recoveries->Submit(std::move(order)); };
    options.open_connections = [this] { return static_cast<uint32_t>(data_server->connections()); };
    auto made =
        std::make_unique<NameNodeLink>(*loop, *client, *pool, *store, events, *commands, keys, counts, std::move(options));
    {
      std::lock_guard guard(link_mutex);
      link = std::move(made);
    }
    events.SetWake([this] { link->Wake(); });
    tasks.emplace(*loop);
    tasks->Spawn(link->Run());
    tasks->Spawn(link->WatchOrders());
    LOG(INFO) << "DataNode " << self.name << " serves " << store->finalized_count() << " replicas of " << config.Get(kDataNodeDir)
              << " at " << self.host << ":" << self.data_port << ", pages at http://" << self.host << ":" << self.http_port
              << "/";
    return OkStatus();
  }

  // The reply's epoch is not looked at: nothing is obeyed here.
  Status CommitRecovery(const net::Endpoint& namenode, uint64_t instance, const RecoveryResult& result) {
    return client
        ->CallBlocking(namenode, kCommitRecovery,
                       [&](wire::CommitRecoveryRequest::Builder request) {
                         request.setNode(self.id.value());
                         request.setInstance(instance);
                         ToWire(result.block, request.initBlock());
                         request.setOldGeneration(result.old_generation.value());
                         auto nodes = request.initNodes(static_cast<uint32_t>(result.nodes.size()));
                         for (uint32_t i = 0; i < nodes.size(); ++i) nodes.set(i, result.nodes[i].value());
                       })
        .status();
  }

  Status OpenStore() {
    DataFolders::Hooks hooks;
    hooks.changed = [this](ReplicaChange change, const Block& block) {
      if (change == ReplicaChange::kReceived) counts.blocks_received.Increment();
      if (change == ReplicaChange::kDeleted) counts.blocks_deleted.Increment();
      if (change == ReplicaChange::kCorrupt) counts.corrupt_replicas.Increment();
      events.Add({change, block});
    };
    hooks.synced = [this](Duration took) { counts.sync_seconds.Observe(std::chrono::duration<double>(took).count()); };
    hooks.trouble = [this](const std::string& directory) {
      if (care) care->Look(directory);
    };
    hooks.suspected = [this](const Block& block) {
      if (care) care->CheckFirst(block);
    };
    TUSK_ASSIGN(auto opened, OpenFolders(config, std::move(hooks)));
    locks = std::move(opened.locks);
    store = std::move(opened.folders);
    FolderCare::Options options;
    options.probe_interval = config.Get(kFolderProbeInterval);
    options.scrub_bytes_per_second = config.Get(kScrubRate);
    options.scrub_period = config.Get(kScrubPeriod);
    options.balance_bytes_per_second = config.Get(kFolderBalanceRate);
    options.balance_threshold = config.Get(kFolderBalanceThreshold);
    options.client_bytes = [this] { return static_cast<uint64_t>(counts.bytes_written.Value() + counts.bytes_read.Value()); };
    care = std::make_unique<FolderCare>(*store, counts, std::move(options));
    return OkStatus();
  }

  Status StartDataServer() {
    context.emplace(PipelineContext{*store, counts, buffers, sockets, self.id, config.Get(kDataTimeout), config.Get(kPeerSilence),
                                    net::SocketOptions{}, keys, pacer, latencies, signs});
    data_server =
        std::make_unique<net::DataServer>(net::DataServer::Options{.name = "dn-data", .max_connections = 4096, .socket = {}},
                                          [this](net::Socket& socket) { ServeConnection(*context, socket); });
    TUSK_TRY(data_server->Start({self.host, static_cast<uint16_t>(config.Get(kDataNodePort))}));
    self.data_port = data_server->port();
    StartLocalServer();
    return OkStatus();
  }

  // For readers on this machine of the DataNode's user or group. Without it they read over TCP.
  void StartLocalServer() {
    if (!config.Get(kLocalReads)) return;
    const std::string folders = config.Get(kDataNodeDir);
    const std::string path = std::filesystem::absolute(folders.substr(0, folders.find(','))) / "local.sock";
    local_server =
        std::make_unique<net::DataServer>(net::DataServer::Options{.name = "dn-local", .max_connections = 256, .socket = {}},
                                          [this](net::Socket& socket) { ServeConnection(*context, socket); });
    if (Status started = local_server->StartAt(path, 0660); !started.ok()) {
      LOG(WARNING) << "no local reads from this DataNode: " << started;
      return;
    }
    self.local_socket = path;
  }

  Status StartHttp() {
    http = std::make_unique<http::HttpServer>(http::HttpServer::Options{.name = "dn-http"});
    http::DaemonPages pages;
    pages.title = "DataNode " + self.name;
    pages.metrics = &metrics;
    pages.ready = [this] { return Ready(); };
    pages.status_json = [this] { return StatusJson(); };
    http::AddDaemonPages(*http, std::move(pages));
    TUSK_TRY(http->Start({self.host, static_cast<uint16_t>(config.Get(kDataNodeHttpPort))}));
    std::lock_guard guard(link_mutex);
    self.http_port = http->port();
    return OkStatus();
  }

  Status Ready() const {
    std::lock_guard guard(link_mutex);
    return link ? link->ready() : Unavailable("starting");
  }

  std::string StatusJson() const {
    const Status ready = Ready();
    const auto space = store->MeasureSpace();
    std::string json =
        "{\"component\":\"datanode\",\"name\":" + QuoteJson(self.name) + ",\"host\":" + QuoteJson(self.host) +
        ",\"rack\":" + QuoteJson(self.rack) + ",\"id\":\"" + std::to_string(self.id.value()) + "\",\"cluster\":\"" +
        std::to_string(store->identity().cluster()) + "\",\"epoch\":" + std::to_string(store->identity().epoch()) +
        ",\"dataPort\":" + std::to_string(self.data_port) + ",\"blocks\":" + std::to_string(store->finalized_count()) +
        ",\"unfinishedBlocks\":" + std::to_string(store->unfinished_count()) +
        ",\"connections\":" + std::to_string(data_server->connections()) +
        ",\"undeliveredEvents\":" + std::to_string(events.size());
    if (space.ok()) {
      json += ",\"capacityBytes\":" + std::to_string(space->capacity) + ",\"usedBytes\":" + std::to_string(space->used) +
              ",\"remainingBytes\":" + std::to_string(space->remaining);
    }
    json += ",\"folders\":" + FoldersJson(*store) + ",\"folderCare\":" + care->Json();
    return json + ",\"ready\":" + (ready.ok() ? "true" : "false") +
           ",\"state\":" + QuoteJson(ready.ok() ? "in service" : ready.message()) + "}";
  }

  void Stop() {
    if (stopped) return;
    stopped = true;
    if (link) link->Stop();
    if (tasks) tasks->CancelAndWait();
    events.SetWake(nullptr);
    if (http) http->Stop();
    keys.Close();
    sockets.ShutdownAll();  // first, so that no thread below waits for a peer
    if (data_server) data_server->Stop();
    if (local_server) local_server->Stop();
    if (care) care->Stop();
    if (commands) commands->Stop();
    if (client) client->Stop();  // wakes a recovery that tells the NameNode
    if (recoveries) recoveries->Stop();
    if (pool) pool->Stop();
    if (loop) loop->Stop();
  }

  const config::Config config;
  observe::Metrics metrics;
  DataNodeMetrics counts;
  BufferPool buffers;
  OpenSockets sockets;
  BlockKeys keys;
  CopyPacer pacer{Clock::System()};
  PeerLatencies latencies;
  SignsOfLife signs{config.Get(kPeerSilence)};
  EventQueue events;
  std::vector<FolderLock> locks;
  DataNodeInfo self;
  std::unique_ptr<DataFolders> store;
  std::unique_ptr<FolderCare> care;
  std::optional<PipelineContext> context;
  std::unique_ptr<net::DataServer> data_server;
  std::unique_ptr<net::DataServer> local_server;
  std::unique_ptr<http::HttpServer> http;
  std::unique_ptr<CommandRunner> commands;
  std::unique_ptr<BlockRecovery> recoveries;
  std::optional<WorkerPool> pool;
  std::optional<LoopThread> loop;
  std::unique_ptr<rpc::Client> client;
  mutable std::mutex link_mutex;  // the pages are up before the link is
  std::unique_ptr<NameNodeLink> link;
  std::optional<TaskGroup> tasks;
  bool stopped = false;
};

DataNode::DataNode() = default;

DataNode::~DataNode() { Stop(); }

Result<std::unique_ptr<DataNode>> DataNode::Start(const config::Config& config) {
  std::unique_ptr<DataNode> node(new DataNode());
  node->impl_ = std::make_unique<Impl>(config);
  if (Status started = node->impl_->Start(); !started.ok()) return started.WithContext("cannot start the DataNode");
  return node;
}

DataNodeInfo DataNode::info() const { return impl_->self; }
Status DataNode::ready() const { return impl_->Ready(); }
uint64_t DataNode::cluster_id() const { return impl_->store->identity().cluster(); }
observe::Metrics& DataNode::metrics() { return impl_->metrics; }
DataFolders& DataNode::store() { return *impl_->store; }

void DataNode::Stop() {
  if (impl_) impl_->Stop();
}

}  // namespace tusk::dfs
