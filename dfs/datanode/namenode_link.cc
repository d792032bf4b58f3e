#include "dfs/datanode/namenode_link.h"

#include <glog/logging.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/system/system_error.hpp>

#include "common/base/try.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::datanode {
namespace {

constexpr auto kRetryPause = std::chrono::milliseconds(200);
constexpr auto kRefusedPause = std::chrono::milliseconds(2000);
constexpr auto kCallTimeout = std::chrono::milliseconds(10'000);
constexpr std::string_view kVersion = "0.1.0";

TimePoint Now() { return Clock::System().Now(); }

wire::BlockEventsRequest::Event::Kind ToWire(ReplicaChange change) {
  switch (change) {
    case ReplicaChange::kReceived: return wire::BlockEventsRequest::Event::Kind::RECEIVED;
    case ReplicaChange::kDeleted: return wire::BlockEventsRequest::Event::Kind::DELETED;
    case ReplicaChange::kCorrupt: break;
  }
  return wire::BlockEventsRequest::Event::Kind::CORRUPT;
}

}  // namespace

NameNodeLink::NameNodeLink(LoopThread& loop, rpc::Client& client, WorkerPool& pool, DataFolders& store, EventQueue& events,
                           CommandRunner& commands, BlockKeys& keys, DataNodeMetrics& metrics, Options options)
    : loop_(loop),
      client_(client),
      pool_(pool),
      store_(store),
      events_(events),
      commands_(commands),
      keys_(keys),
      metrics_(metrics),
      options_(std::move(options)),
      timer_(loop.context()),
      next_report_id_(options_.instance),
      heartbeat_(options_.heartbeat),
      state_(Unavailable("not registered yet at the NameNode " + options_.namenode.ToString())) {}

rpc::CallOptions NameNodeLink::call_options() const {
  rpc::CallOptions options;
  options.deadline = kCallTimeout;
  options.retry = false;  // Step decides anew what to say
  return options;
}

void NameNodeLink::Stop() {
  stopping_ = true;
  Wake();
}

void NameNodeLink::Wake() {
  if (wake_posted_.exchange(true)) return;
  loop_.Post([this] {
    wake_posted_ = false;
    work_waiting_ = true;
    timer_.cancel();
  });
}

void NameNodeLink::CopyFailed(const Block& block) {
  {
    std::lock_guard lock(state_mutex_);
    if (failed_copies_.size() < options_.event_batch) failed_copies_.push_back(block);
  }
  Wake();
}

Status NameNodeLink::ready() const {
  std::lock_guard lock(state_mutex_);
  return state_;
}

void NameNodeLink::SetState(Status state) {
  std::lock_guard lock(state_mutex_);
  if (state == state_) return;
  if (state.ok()) {
    LOG(INFO) << "in service at the NameNode " << options_.namenode.ToString() << " with " << store_.finalized_count()
              << " replicas";
  } else {
    LOG(WARNING) << "not in service: " << state.message();
  }
  state_ = std::move(state);
}

Task<void> NameNodeLink::Run() {
  while (!stopping_) {
    Status done = co_await Step();
    if (stopping_) break;
    if (done.ok()) {
      SetState(OkStatus());
      co_await WaitForWork();
      continue;
    }
    const bool refused = done.code() == Code::kFailedPrecondition || done.code() == Code::kStaleEpoch;
    SetState(done.WithContext("the NameNode " + options_.namenode.ToString()));
    timer_.expires_after(refused ? kRefusedPause : kRetryPause);
    while (!stopping_) {  // events wake, but do not shorten the pause
      const auto [error] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
      if (!error) break;
    }
  }
}

// Tells whatever is due, in order. An error: the pause, then again.
Task<Status> NameNodeLink::Step() {
  if (!registered_) {
    if (Now() < next_registration_) co_return Unavailable("asks this DataNode to register again and again");
    TUSK_CO_TRY(co_await Register());
  }
  if (events_.overflowed() || Now() >= next_full_report_) report_due_ = true;
  if (report_due_) TUSK_CO_TRY(co_await Report({}));
  if (!buckets_due_.empty()) TUSK_CO_TRY(co_await Report({buckets_due_.begin(), buckets_due_.end()}));
  if (Now() >= next_heartbeat_) TUSK_CO_TRY(co_await Heartbeat());
  TUSK_CO_TRY(co_await SendEvents());
  co_return OkStatus();
}

Task<void> NameNodeLink::WaitForWork() {
  if (!registered_ || report_due_ || !buckets_due_.empty() || work_waiting_) {
    work_waiting_ = false;
    co_return;
  }
  timer_.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(next_heartbeat_));
  co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  work_waiting_ = false;
}

Task<Status> NameNodeLink::Obey(uint64_t epoch) {
  NodeIdentity& identity = store_.identity();
  if (epoch == identity.epoch()) co_return OkStatus();
  Status obeyed = co_await pool_.Run([&identity, epoch] { return identity.Obey(epoch); });
  if (obeyed.code() == Code::kStaleEpoch) registered_ = false;
  co_return obeyed;
}

Task<Status> NameNodeLink::Register() {
  NodeIdentity& identity = store_.identity();
  auto fill = [this, &identity](wire::RegisterRequest::Builder request) {
    ToWire(options_.self, request.initNode());
    request.setClusterId(identity.cluster());
    request.setVersion(std::string(kVersion));
    request.setInstance(options_.instance);
    request.setMessage(next_message_++);
    const InventoryDigest digest = store_.Digest();
    const auto buckets = digest.buckets();
    auto list = request.initDigest(static_cast<uint32_t>(buckets.size()));
    for (uint32_t i = 0; i < buckets.size(); ++i) list.set(i, buckets[i]);
  };
  auto called = co_await client_.Call(options_.namenode, kRegister, fill, call_options());
  TUSK_CO_ASSIGN(auto reply, std::move(called));
  const uint64_t cluster = reply->getClusterId();
  if (cluster == 0) co_return FailedPrecondition("it answers the registration without a cluster id; it is of another version");
  Status bound = co_await pool_.Run([&identity, cluster] { return identity.BindCluster(cluster); });
  TUSK_CO_TRY(std::move(bound));
  // Before anything that waits: from now on the NameNode sends clients here, with tokens of these keys.
  if (reply->getEpoch() >= identity.epoch()) keys_.Learn(reply->getKeys());
  Status obeyed = co_await Obey(reply->getEpoch());
  TUSK_CO_TRY(std::move(obeyed));
  if (reply->getHeartbeatMs() != 0) heartbeat_ = std::chrono::milliseconds(reply->getHeartbeatMs());
  registered_ = true;
  next_registration_ = Now() + kRetryPause;
  report_due_ = reply->getReportAll();
  buckets_due_.clear();
  for (const uint16_t bucket : reply->getReportBuckets()) buckets_due_.insert(bucket);
  if (next_full_report_ == TimePoint()) next_full_report_ = Now() + options_.full_report;
  // Damaged replicas are in no digest.
  if (!report_due_) {
    for (const Block& block : store_.Damaged()) events_.Add({ReplicaChange::kCorrupt, block});
  }
  next_heartbeat_ = Now();
  co_return OkStatus();
}

Task<Status> NameNodeLink::Report(std::vector<uint16_t> buckets) {
  BlockStore::Inventory inventory;
  Status taken = co_await pool_.Run([this, &inventory, &buckets] {
    inventory = store_.TakeInventory(
        [this, &buckets](const BlockStore::Inventory& snapshot) {
          std::vector<BlockEvent> damaged;
          for (const Block& block : snapshot.damaged) damaged.push_back({ReplicaChange::kCorrupt, block});
          events_.Supersede(buckets, std::move(damaged));
        },
        buckets);
    return OkStatus();
  });
  TUSK_CO_TRY(std::move(taken));
  const bool all = buckets.empty();
  // An order that comes with a part's reply may set these again.
  if (all) report_due_ = false;
  buckets_due_.clear();
  const std::set<Block> damaged(inventory.damaged.begin(), inventory.damaged.end());
  std::erase_if(inventory.finalized, [&](const Block& block) { return damaged.contains(block); });
  const std::vector<ReportPart> parts = CutReport(inventory.finalized, buckets, options_.report_page);
  for (size_t i = 0; i < parts.size() && registered_; ++i) {
    const bool last = i + 1 == parts.size();
    Status sent =
        co_await SendPart(parts[i], all && last ? std::span<const Block>(inventory.unfinished) : std::span<const Block>());
    if (!sent.ok()) {
      report_due_ = report_due_ || all;
      if (!all) buckets_due_.insert(buckets.begin(), buckets.end());
      co_return sent;
    }
  }
  if (all && registered_) next_full_report_ = Now() + options_.full_report;
  co_return OkStatus();
}

Task<Status> NameNodeLink::SendPart(const ReportPart& part, std::span<const Block> unfinished) {
  const uint64_t report_id = next_report_id_++;
  size_t begin = 0;
  uint32_t page = 0;
  bool last = false;
  while (!last) {
    const size_t count = std::min(options_.report_page, part.replicas.size() - begin);
    last = begin + count == part.replicas.size();
    auto fill = [&](wire::BlockReportRequest::Builder request) {
      request.setNode(options_.self.id.value());
      request.setReportId(report_id);
      request.setPage(page);
      request.setLastPage(last);
      request.setInstance(options_.instance);
      request.setMessage(next_message_++);
      auto buckets = request.initBuckets(static_cast<uint32_t>(part.buckets.size()));
      for (uint32_t i = 0; i < part.buckets.size(); ++i) buckets.set(i, part.buckets[i]);
      auto replicas = request.initReplicas(static_cast<uint32_t>(count));
      for (uint32_t i = 0; i < count; ++i) dfs::ToWire(part.replicas[begin + i], replicas[i]);
      if (!last) return;
      auto rest = request.initUnfinished(static_cast<uint32_t>(unfinished.size()));
      for (uint32_t i = 0; i < unfinished.size(); ++i) dfs::ToWire(unfinished[i], rest[i]);
    };
    auto called = co_await client_.Call(options_.namenode, kBlockReport, fill, call_options());
    TUSK_CO_ASSIGN(auto reply, std::move(called));
    Status obeyed = co_await Obey(reply->getEpoch());
    TUSK_CO_TRY(std::move(obeyed));
    Execute(reply->getCommands());
    if (!registered_) co_return OkStatus();
    begin += count;
    ++page;
  }
  co_return OkStatus();
}

Task<Status> NameNodeLink::Heartbeat() {
  next_heartbeat_ = Now() + heartbeat_;
  TUSK_CO_ASSIGN(const auto space, store_.MeasureSpace());
  const auto figures = store_.Figures();
  const size_t blocks = store_.finalized_count();
  metrics_.blocks.Set(static_cast<double>(blocks));
  metrics_.unfinished.Set(static_cast<double>(store_.unfinished_count()));
  metrics_.used_bytes.Set(static_cast<double>(space.used));
  metrics_.remaining_bytes.Set(static_cast<double>(space.remaining));
  const auto peers = options_.peer_latencies ? options_.peer_latencies() : std::vector<PeerLatency>();
  auto fill = [&](wire::HeartbeatRequest::Builder request) {
    request.setNode(options_.self.id.value());
    request.setCapacity(space.capacity);
    request.setUsed(space.used);
    request.setRemaining(space.remaining);
    request.setBlocks(blocks);
    request.setNewestKey(keys_.newest());
    auto folders = request.initFolders(static_cast<uint32_t>(figures.size()));
    for (uint32_t i = 0; i < figures.size(); ++i) {
      folders[i].setPath(figures[i].directory);
      folders[i].setCapacity(figures[i].space.capacity);
      folders[i].setUsed(figures[i].space.used);
      folders[i].setRemaining(figures[i].space.remaining);
      folders[i].setFailed(figures[i].failure.message());
      folders[i].setSlow(figures[i].slow);
    }
    request.setTransfers(options_.open_connections ? options_.open_connections() : 0);
    request.setInstance(options_.instance);
    auto seen = request.initPeers(static_cast<uint32_t>(peers.size()));
    for (uint32_t i = 0; i < peers.size(); ++i) {
      seen[i].setNode(peers[i].node.value());
      seen[i].setPackets(peers[i].packets);
      seen[i].setMedianMicros(peers[i].median_micros);
    }
  };
  auto called = co_await client_.Call(options_.namenode, kHeartbeat, fill, call_options());
  TUSK_CO_ASSIGN(auto reply, std::move(called));
  Status obeyed = co_await Obey(reply->getEpoch());
  TUSK_CO_TRY(std::move(obeyed));
  Execute(reply->getCommands());
  co_return OkStatus();
}

Task<void> NameNodeLink::WatchOrders() {
  uint64_t seen = 0;
  asio::steady_timer pause(loop_.context());
  while (!stopping_) {
    const std::optional<uint64_t> given = co_await AwaitOrders(seen);
    if (stopping_) break;
    if (!given) {
      pause.expires_after(heartbeat_);
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
      continue;
    }
    if (*given == seen) continue;
    seen = *given;
    next_heartbeat_ = Now();
    Wake();
  }
}

// None: the NameNode cannot be asked now.
Task<std::optional<uint64_t>> NameNodeLink::AwaitOrders(uint64_t seen) {
  if (!registered_) co_return std::nullopt;
  auto fill = [&](wire::AwaitOrdersRequest::Builder request) {
    request.setNode(options_.self.id.value());
    request.setSeen(seen);
  };
  auto called = co_await client_.Call(options_.namenode, kAwaitOrders, fill, call_options());
  if (!called.ok()) co_return std::nullopt;
  co_return (*called)->getGiven();
}

Task<Status> NameNodeLink::SendEvents() {
  while (registered_ && !report_due_ && buckets_due_.empty()) {
    const auto batch = events_.Take(options_.event_batch);
    std::vector<Block> failed_copies;
    {
      std::lock_guard lock(state_mutex_);
      failed_copies.swap(failed_copies_);
    }
    if (batch.empty() && failed_copies.empty()) co_return OkStatus();
    auto fill = [&](wire::BlockEventsRequest::Builder request) {
      request.setNode(options_.self.id.value());
      request.setInstance(options_.instance);
      request.setMessage(next_message_++);
      auto list = request.initEvents(static_cast<uint32_t>(batch.size()));
      for (uint32_t i = 0; i < batch.size(); ++i) {
        list[i].setKind(ToWire(batch[i].kind));
        dfs::ToWire(batch[i].block, list[i].initBlock());
      }
      auto failed = request.initFailedCopies(static_cast<uint32_t>(failed_copies.size()));
      for (uint32_t i = 0; i < failed_copies.size(); ++i) dfs::ToWire(failed_copies[i], failed[i]);
    };
    auto called = co_await client_.Call(options_.namenode, kBlockEvents, fill, call_options());
    Status obeyed = called.status();
    if (called.ok()) obeyed = co_await Obey((*called)->getEpoch());
    if (!obeyed.ok()) {
      events_.Failed();
      co_return obeyed;
    }
    events_.Delivered();
    Execute((*called)->getCommands());
  }
  co_return OkStatus();
}

void NameNodeLink::Execute(capnp::List<wire::Command>::Reader commands) {
  for (const auto command : commands) {
    switch (command.which()) {
      case wire::Command::TRANSFER: {
        std::vector<DataNodeInfo> targets;
        for (const auto target : command.getTransfer().getTargets()) targets.push_back(FromWire(target));
        commands_.Copy(FromWire(command.getTransfer().getBlock()), std::move(targets),
                       std::string(AsView(command.getTransfer().getToken())),
                       {command.getTransfer().getBytesPerSecond(), command.getTransfer().getMove()});
        break;
      }
      case wire::Command::INVALIDATE: {
        std::vector<Block> blocks;
        for (const auto block : command.getInvalidate()) blocks.push_back(FromWire(block));
        commands_.Invalidate(std::move(blocks));
        break;
      }
      case wire::Command::RECOVER: {
        const auto recover = command.getRecover();
        RecoveryOrder order{FromWire(recover.getBlock()), Generation(recover.getNewGeneration()), {}, {}, {}, false};
        for (const auto node : recover.getNodes()) order.nodes.push_back(FromWire(node));
        if (recover.getTruncate()) order.truncate_to = recover.getTruncateTo();
        order.token = AsView(recover.getToken());
        order.give_up_absent = recover.getGiveUpAbsent();
        if (options_.recover) options_.recover(std::move(order));
        break;
      }
      case wire::Command::REPORT_ALL: report_due_ = true; break;
      case wire::Command::REPORT_BUCKETS:
        for (const uint16_t bucket : command.getReportBuckets()) buckets_due_.insert(bucket);
        break;
      case wire::Command::REGISTER: registered_ = false; break;
      case wire::Command::CHECK:
        for (const auto block : command.getCheck()) store_.Suspect(FromWire(block));
        break;
      case wire::Command::KEYS: keys_.Learn(command.getKeys()); break;
      default: LOG(WARNING) << "ignoring an order that this DataNode does not know; the NameNode is newer"; break;
    }
  }
}

}  // namespace tusk::dfs::datanode
