// Who writes which file: requests of writers, of those who want their files and of DataNodes, in any order, against the
// NameNode's core.
//
// An input is a row of steps of three bytes: what, whose (client, file, node), how much. After each step a file is under
// construction exactly while it has a lease record, the table of leases has what the state has, and nobody but the NameNode holds
// a file in recovery; at the end the log gives the same state again. The bytes are also read as a wire request, as they are.
#include <capnp/serialize.h>
#include <glog/logging.h>
#include <kj/exception.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "coordination/log/memory_log.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"
#include "tests/fuzz/new_namespace.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace dfs;            // NOLINT(google-build-using-namespace)
using namespace dfs::namenode;  // NOLINT(google-build-using-namespace)

constexpr size_t kMostSteps = 60;
constexpr uint64_t kNodes = 2;

enum class Step : uint8_t {
  kCreate,
  kAppend,
  kRecover,
  kRenew,
  kWait,
  kWrite,
  kClose,
  kCommit,
  kDelete,
  kRestart,
  kTruncate,
  kCount
};

class World {
 public:
  World() : log_(coordination::OpenMemoryLog()) {
    options_.cluster_id = 1;
    options_.block_size = 4096;
    options_.lease_soft_limit = std::chrono::seconds(10);
    options_.lease_hard_limit = std::chrono::seconds(40);
    options_.safe_mode_threshold = 0;
    Start();
  }
  ~World() { Stop(); }

  void Do(uint8_t what, uint8_t who, uint8_t amount) {
    const uint64_t client = 1 + who % 2;
    const std::string path = (who & 2) != 0 ? "/a" : "/b";
    switch (static_cast<Step>(what % static_cast<uint8_t>(Step::kCount))) {
      case Step::kCreate:
        Run<wire::CreateRequest, wire::CreateReply>(Create, [&](auto request) {
          Caller(request.initCaller(), client);
          request.setPath(path);
          request.setOverwrite((amount & 1) != 0);
          request.setReplication(1);
        });
        break;
      case Step::kAppend:
        Run<wire::AppendRequest, wire::AppendReply>(Append, [&](auto request) {
          Caller(request.initCaller(), client);
          request.setPath(path);
        });
        break;
      case Step::kRecover:
        Run<wire::RecoverLeaseRequest, wire::RecoverLeaseReply>(RecoverLease, [&](auto request) {
          Caller(request.initCaller(), client);
          request.setPath(path);
        });
        break;
      case Step::kRenew:
        Run<wire::RenewLeaseRequest, wire::RenewLeaseReply>(RenewLease,
                                                            [&](auto request) { Caller(request.initCaller(), client); });
        break;
      case Step::kWait: Wait(std::chrono::seconds(amount % 64)); break;
      case Step::kWrite: Write(client, path, amount); break;
      case Step::kClose: Close(client, path); break;
      case Step::kCommit: Commit(path, 1 + who % kNodes, amount); break;
      case Step::kDelete:
        Run<wire::DeleteRequest, wire::DeleteReply>(Delete, [&](auto request) {
          Caller(request.initCaller(), client);
          request.setPath(path);
        });
        break;
      case Step::kTruncate:
        Run<wire::TruncateRequest, wire::TruncateReply>(Truncate, [&](auto request) {
          Caller(request.initCaller(), client);
          request.setPath(path);
          request.setLength(amount);
        });
        break;
      case Step::kRestart:
        Stop();
        Start();
        break;
      case Step::kCount: break;
    }
    Check();
  }

  void Raw(std::string_view bytes) {
    auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
    if (words.size() == 0) return;
    std::memcpy(words.begin(), bytes.data(), words.size() * sizeof(capnp::word));
    try {
      capnp::FlatArrayMessageReader message(words);
      const auto request = message.getRoot<wire::RecoverLeaseRequest>();
      (void)request.toString().flatten();
      capnp::MallocMessageBuilder reply;
      Finish(RecoverLease(*core_, call_, request, reply.initRoot<wire::RecoverLeaseReply>()));
    } catch (const kj::Exception&) {
      return;  // no message
    }
    Check();
  }

  void CheckReplay() {
    const auto space = NewNamespace();
    const Status replayed = Journal::Replay(
        *log_, 0, [&](coordination::LogIndex index, edit::Edit::Reader edit) { return space->Apply(index, edit).answer; });
    CHECK(replayed.ok()) << replayed;
    CHECK_EQ(space->Digest(), core_->state->Digest()) << "replay gives another state";
  }

 private:
  void Start() {
    core_ = std::make_unique<Core>(context_, clock_, options_, NewNamespace(), *log_);
    const Status recovered = core_->Recover();
    CHECK(recovered.ok()) << recovered;
    call_.deadline = clock_.Now();  // nothing waits
    for (uint64_t node = 1; node <= kNodes; ++node) {
      DataNodeInfo info;
      info.id = DataNodeId(node);
      info.host = "10.0.0." + std::to_string(node);
      info.data_port = 1;
      info.rack = "/r";
      info.name = "n" + std::to_string(node);
      CHECK(core_->blocks.Register(info, 1).ok());
      core_->blocks.Heartbeat(info.id, {1 << 30, 0, 1 << 30, 0, 0});
      CHECK(core_->blocks.ReportPage(info.id, {.report = 1, .replicas = held_[node]}).ok());
    }
    core_->UpdateSafeMode();
    CHECK(!core_->safe_mode.on());
  }
  void Stop() {
    core_->Stop();
    Poll();
  }
  void Poll() {
    context_.restart();
    context_.poll();
  }
  // To its end, whatever that is.
  void Finish(Task<Status> task) {
    bool done = false;
    asio::co_spawn(context_, std::move(task), [&](const std::exception_ptr& error, const Status&) {
      CHECK(!error);
      done = true;
    });
    for (int round = 0; round < 10 && !done; ++round) {
      Poll();
      if (!done) core_->waiters.Expire(clock_.Now());
    }
    CHECK(done) << "a request without time waits";
  }
  template <class Request, class Reply, class Operation, class Fill>
  void Run(Operation operation, Fill fill) {
    capnp::MallocMessageBuilder request, reply;
    fill(request.initRoot<Request>());
    Finish(operation(*core_, call_, request.getRoot<Request>().asReader(), reply.initRoot<Reply>()));
  }
  void Caller(wire::CallerId::Builder caller, uint64_t client) {
    caller.setClientHigh(9);
    caller.setClientLow(client);
    caller.setSequence(++sequence_);
    caller.setAckedUpTo(sequence_ - 1);
    caller.setUser("ann");
  }
  void Wait(std::chrono::seconds time) {
    for (auto left = time; left.count() > 0; left -= std::chrono::seconds(1)) {
      clock_.Advance(std::chrono::seconds(1));
      for (uint64_t node = 1; node <= kNodes; ++node) core_->blocks.Contact(DataNodeId(node), 1);
      core_->Tick();
      asio::co_spawn(context_, core_->CloseExpiredFiles(), asio::detached);
      Poll();
    }
    call_.deadline = clock_.Now();
  }
  std::optional<OpenFile> Opened(const std::string& path) {
    const auto found = FindPath(core_->state->view(), path);
    if (!found.ok() || found->inode.is_directory) return std::nullopt;
    OpenFile file{found->id, found->inode, {}};
    if (file.inode.block_count > 0) file.last = FindBlock(core_->state->view(), file.id, file.inode.block_count - 1);
    return file;
  }
  void Write(uint64_t client, const std::string& path, uint8_t amount) {
    const auto file = Opened(path);
    if (!file) return;
    Block previous;
    if (file->last && file->last->under_construction) previous = Receive(*file->last, 1 + amount);
    Run<wire::AddBlockRequest, wire::AddBlockReply>(AddBlock, [&](auto request) {
      Caller(request.initCaller(), client);
      request.setInode(file->id.value());
      ToWire(previous, request.initPrevious());
    });
  }
  Block Receive(const BlockRecord& block, uint64_t length) {
    const Block replica{block.id, block.generation, std::max(length, block.length)};
    for (const DataNodeId node : block.nodes) {
      core_->blocks.Events(node, {{BlockEventKind::kReceived, replica}});
      std::erase_if(held_[node.value()], [&](const Block& held) { return held.id == replica.id; });
      held_[node.value()].push_back(replica);
    }
    return replica;
  }
  void Close(uint64_t client, const std::string& path) {
    const auto file = Opened(path);
    if (!file) return;
    Block last;
    if (file->last && file->last->under_construction) last = Receive(*file->last, 7);
    Run<wire::CompleteRequest, wire::CompleteReply>(Complete, [&](auto request) {
      Caller(request.initCaller(), client);
      request.setInode(file->id.value());
      ToWire(last, request.initLast());
    });
  }
  void Commit(const std::string& path, uint64_t node, uint8_t amount) {
    const auto file = Opened(path);
    if (!file || !file->last) return;
    // Of a recovery that was begun, or of one that was not.
    const Generation generation((amount & 1) != 0 ? file->last->next_generation.value() : amount);
    Run<wire::CommitRecoveryRequest, wire::CommitRecoveryReply>(CommitRecovery, [&](auto request) {
      request.setNode(node);
      request.setInstance(1);
      ToWire(Block{file->last->id, generation, amount / 2u}, request.initBlock());
      request.initNodes(1).set(0, node);
    });
  }
  void Check() {
    std::set<InodeId> leased;
    core_->state->ForEachLease([&](InodeId inode, const ClientId& holder) {
      leased.insert(inode);
      const auto file = FindInode(core_->state->view(), inode);
      CHECK(file && file->under_construction) << "a lease of a file that is closed or gone";
      CHECK_EQ(core_->leases.Recovering().contains(inode), IsRecovery(holder));
    });
    CHECK_EQ(core_->leases.files(), leased.size()) << "the table of leases is not what the state says";
    for (const char* path : {"/a", "/b"}) {
      const auto file = Opened(path);
      if (file) CHECK_EQ(file->inode.under_construction, leased.contains(file->id)) << path;
    }
  }

  SimulatedClock clock_;
  asio::io_context context_;
  CoreOptions options_;
  std::unique_ptr<coordination::Log> log_;
  std::unique_ptr<Core> core_;
  rpc::CallContext call_;
  uint64_t sequence_ = 0;
  std::map<uint64_t, std::vector<Block>> held_;  // by node
};

std::string Row(std::initializer_list<std::array<int, 3>> steps) {
  std::string row;
  for (const auto& step : steps) {
    for (const int byte : step) row.push_back(static_cast<char>(byte));
  }
  return row;
}

}  // namespace

std::vector<std::string> Seeds() {
  const auto of = [](Step step) { return static_cast<int>(step); };
  const int create = of(Step::kCreate), append = of(Step::kAppend), recover = of(Step::kRecover), wait = of(Step::kWait);
  const int write = of(Step::kWrite), close = of(Step::kClose), commit = of(Step::kCommit), restart = of(Step::kRestart);
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<wire::RecoverLeaseRequest>();
  request.setPath("/a");
  request.initCaller().setSequence(1);
  const auto words = capnp::messageToFlatArray(message);
  return {Row({{create, 2, 1}, {write, 2, 9}, {recover, 3, 0}, {commit, 2, 21}, {append, 3, 0}, {close, 3, 0}}),
          Row({{create, 2, 1}, {write, 2, 9}, {wait, 0, 45}, {restart, 0, 0}, {wait, 0, 20}, {commit, 3, 31}}),
          Row({{create, 2, 1}, {write, 2, 9}, {close, 2, 0}, {of(Step::kTruncate), 2, 3}, {commit, 2, 7}, {append, 2, 0}}),
          Row({{create, 2, 1}, {of(Step::kRenew), 2, 0}, {wait, 0, 15}, {create, 3, 1}, {of(Step::kDelete), 2, 0}}),
          std::string(words.asChars().begin(), words.asChars().size())};
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tusk::fuzz::World;
  const std::string_view bytes = tusk::fuzz::View(data, size);
  World world;
  world.Raw(bytes);
  for (size_t step = 0; step < tusk::fuzz::kMostSteps && 3 * step + 2 < bytes.size(); ++step) {
    const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[3 * step + i]); };
    world.Do(at(0), at(1), at(2));
  }
  world.CheckReplay();
  return 0;
}
