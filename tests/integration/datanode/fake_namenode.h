// A NameNode that only listens to DataNodes and gives the orders a test wants.
//
// Thread: its handlers run on its own loop; the test's calls from any.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/server.h"
#include "dfs/protocol/block_token.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/inventory_digest.h"
#include "dfs/protocol/methods.h"

namespace tusk::dfs {

// Asks again until it is so, for ten seconds.
inline bool Eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// Signs the tokens of these tests; every DataNode gets it when it registers.
inline BlockKey TestKey() {
  return {.id = 7, .secret = std::string(kBlockSecretBytes, 's'), .expires_ms = std::numeric_limits<int64_t>::max() / 2};
}

class FakeNameNode {
 public:
  using Order = std::function<void(wire::Command::Builder)>;

  explicit FakeNameNode(uint16_t port = 0, uint64_t cluster = 42, uint64_t epoch = 1)
      : cluster_(cluster), epoch_(epoch), loop_("fake-nn"), server_(loop_, {.name = "fake-nn"}) {
    server_.Handle(kRegister, [this](const rpc::CallContext&, auto request, auto reply) -> Task<Status> {
      co_return Register(request, reply);
    });
    server_.Handle(kHeartbeat, [this](const rpc::CallContext&, auto request, auto reply) -> Task<Status> {
      co_return Answer(request, reply, [] {});
    });
    server_.Handle(kBlockReport, [this](const rpc::CallContext&, auto request, auto reply) -> Task<Status> {
      co_return Answer(request, reply, [&] { Report(request); });
    });
    server_.Handle(kBlockEvents, [this](const rpc::CallContext&, auto request, auto reply) -> Task<Status> {
      co_return Answer(request, reply, [&] { Events(request); });
    });
    const Status started = server_.Start({"127.0.0.1", port});
    if (!started.ok()) LOG(FATAL) << started;
  }
  ~FakeNameNode() {
    server_.Stop();
    loop_.Stop();
  }

  uint16_t port() const { return server_.port(); }
  void SetEpoch(uint64_t epoch) { epoch_ = epoch; }
  // From now on a node that registers is asked only for the buckets in which its digest differs.
  void CompareDigests() { compare_digests_ = true; }
  void Forget(DataNodeId node, const Block& block) {
    std::lock_guard lock(mutex_);
    replicas_[node.value()].erase(block);
  }
  // Of the last report; empty: all.
  std::vector<uint16_t> reported_buckets(DataNodeId node) const {
    std::lock_guard lock(mutex_);
    const auto it = reported_buckets_.find(node.value());
    return it == reported_buckets_.end() ? std::vector<uint16_t>() : it->second;
  }
  int reports(DataNodeId node) const {
    std::lock_guard lock(mutex_);
    const auto it = report_counts_.find(node.value());
    return it == report_counts_.end() ? 0 : it->second;
  }

  // In the reply to the node's next message.
  void Give(DataNodeId node, Order order) {
    std::lock_guard lock(mutex_);
    orders_[node.value()].push_back(std::move(order));
  }

  bool Reported(DataNodeId node) const {
    std::lock_guard lock(mutex_);
    return reports_.contains(node.value());
  }
  int registrations(DataNodeId node) const {
    std::lock_guard lock(mutex_);
    const auto it = registrations_.find(node.value());
    return it == registrations_.end() ? 0 : it->second;
  }
  // What a NameNode would believe: the last full report and the events since.
  bool Has(DataNodeId node, const Block& block) const {
    std::lock_guard lock(mutex_);
    const auto it = replicas_.find(node.value());
    return it != replicas_.end() && it->second.contains(block);
  }
  bool ToldOfFailedCopy(DataNodeId node, const Block& block) const {
    std::lock_guard lock(mutex_);
    return failed_copies_.contains({node.value(), block.id.value()});
  }
  bool HasCorrupt(DataNodeId node, BlockId block) const {
    std::lock_guard lock(mutex_);
    return corrupt_.contains({node.value(), block.value()});
  }

 private:
  Status Register(wire::RegisterRequest::Reader request, wire::RegisterReply::Builder reply) {
    if (request.getClusterId() != 0 && request.getClusterId() != cluster_) {
      return FailedPrecondition("the folder belongs to another cluster");
    }
    std::lock_guard lock(mutex_);
    ++registrations_[request.getNode().getId()];
    known_.insert(request.getNode().getId());
    reply.setClusterId(cluster_);
    reply.setEpoch(epoch_);
    reply.setHeartbeatMs(20);
    reply.setReportAll(!compare_digests_);
    if (compare_digests_) {
      InventoryDigest known;
      for (const Block& block : replicas_[request.getNode().getId()]) known.Add(block);
      std::vector<uint64_t> told;
      for (const uint64_t bucket : request.getDigest()) told.push_back(bucket);
      const auto differing = known.Differences(told);
      auto wanted = reply.initReportBuckets(static_cast<uint32_t>(differing.size()));
      for (uint32_t i = 0; i < differing.size(); ++i) wanted.set(i, differing[i]);
    }
    auto key = reply.initKeys(1)[0];
    key.setId(TestKey().id);
    key.setSecret(AsData(TestKey().secret));
    key.setExpiresMs(TestKey().expires_ms);
    return OkStatus();
  }

  template <class Request, class Reply, class F>
  Status Answer(Request request, Reply reply, F take) {
    std::lock_guard lock(mutex_);
    reply.setEpoch(epoch_);
    if (!known_.contains(request.getNode())) {
      reply.initCommands(1)[0].setRegister();
      return OkStatus();
    }
    take();
    const auto orders = std::exchange(orders_[request.getNode()], {});
    auto commands = reply.initCommands(static_cast<uint32_t>(orders.size()));
    for (uint32_t i = 0; i < orders.size(); ++i) orders[i](commands[i]);
    return OkStatus();
  }

  void Report(wire::BlockReportRequest::Reader request) {
    auto& pages = pages_[request.getNode()];
    if (request.getPage() == 0) pages.clear();
    for (const auto block : request.getReplicas()) pages.insert(FromWire(block));
    if (!request.getLastPage()) return;
    std::vector<uint16_t> buckets;
    for (const uint16_t bucket : request.getBuckets()) buckets.push_back(bucket);
    auto& replicas = replicas_[request.getNode()];
    std::erase_if(replicas, [&](const Block& block) {
      return buckets.empty() || std::find(buckets.begin(), buckets.end(), InventoryDigest::BucketOf(block.id)) != buckets.end();
    });
    replicas.insert(pages.begin(), pages.end());
    reported_buckets_[request.getNode()] = std::move(buckets);
    ++report_counts_[request.getNode()];
    reports_.insert(request.getNode());
  }

  void Events(wire::BlockEventsRequest::Reader request) {
    for (const auto block : request.getFailedCopies()) failed_copies_.insert({request.getNode(), block.getId()});
    for (const auto event : request.getEvents()) {
      const Block block = FromWire(event.getBlock());
      switch (event.getKind()) {
        case wire::BlockEventsRequest::Event::Kind::RECEIVED: replicas_[request.getNode()].insert(block); break;
        case wire::BlockEventsRequest::Event::Kind::DELETED: replicas_[request.getNode()].erase(block); break;
        case wire::BlockEventsRequest::Event::Kind::CORRUPT: corrupt_.insert({request.getNode(), block.id.value()}); break;
      }
    }
  }

  const uint64_t cluster_;
  std::atomic<uint64_t> epoch_;
  mutable std::mutex mutex_;
  std::map<uint64_t, std::vector<Order>> orders_;
  std::map<uint64_t, int> registrations_;
  std::set<uint64_t> known_;
  std::map<uint64_t, std::set<Block>> pages_, replicas_;
  std::set<uint64_t> reports_;
  std::map<uint64_t, std::vector<uint16_t>> reported_buckets_;
  std::map<uint64_t, int> report_counts_;
  std::atomic<bool> compare_digests_{false};
  std::set<std::pair<uint64_t, uint64_t>> corrupt_;
  std::set<std::pair<uint64_t, uint64_t>> failed_copies_;
  LoopThread loop_;
  rpc::Server server_;
};

}  // namespace tusk::dfs
