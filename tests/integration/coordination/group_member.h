// One member of a Raft group as a process would run it: a folder, a log on the machine's disk, a loop, the request channel.
#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "common/base/try.h"
#include "coordination/group/rpc_transport.h"

namespace tusk::coordination::test {

// A list of numbers. Its snapshots are files of all numbers up to an index.
class NumberList final : public StateMachine {
 public:
  explicit NumberList(std::string directory) : directory_(std::move(directory)) {
    storage::Disk& disk = storage::Disk::Posix();
    if (disk.Stat(Path()).ok()) Load(Path()).ok();
  }

  LogIndex applied() const override { return applied_; }
  void Apply(std::span<const raft::Entry> entries) override {
    for (const raft::Entry& entry : entries) {
      EXPECT_EQ(entry.index, applied_ + 1);
      applied_ = entry.index;
      term_ = entry.term;
      if (entry.type == EntryType::kConfiguration) configuration_ = *raft::DecodeConfiguration(*entry.payload);
      if (entry.type != EntryType::kData) continue;
      uint64_t number = 0;
      std::memcpy(&number, entry.payload->data(), sizeof(number));
      numbers_.push_back(number);
    }
  }
  std::optional<Snapshot> NewestSnapshot() const override { return snapshot_; }
  Task<Status> Install(Snapshot snapshot) override {
    TUSK_CO_TRY(Load(snapshot.path));
    TUSK_CO_TRY(storage::Disk::Posix().Rename(snapshot.path, Path()));
    TUSK_CO_TRY(storage::Disk::Posix().SyncDirectory(directory_));
    ++installed;
    co_return OkStatus();
  }
  void OnRole(raft::Role, Term, raft::NodeId) override {}

  Status Save(const raft::Configuration& configuration) {
    std::string bytes(16, '\0');
    std::memcpy(bytes.data(), &applied_, 8);
    std::memcpy(bytes.data() + 8, &term_, 8);
    const auto members = raft::Encode(configuration);
    const uint64_t size = members.size();
    bytes.append(reinterpret_cast<const char*>(&size), 8);
    bytes.append(reinterpret_cast<const char*>(members.data()), size);
    bytes.append(reinterpret_cast<const char*>(numbers_.data()), numbers_.size() * 8);
    TUSK_TRY(storage::WriteFileAtomically(storage::Disk::Posix(), Path(), bytes));
    snapshot_ = Snapshot{applied_, term_, configuration, Path()};
    return OkStatus();
  }
  const std::vector<uint64_t>& numbers() const { return numbers_; }
  std::atomic<int> installed = 0;

 private:
  std::string Path() const { return storage::JoinPath(directory_, "numbers"); }
  Status Load(const std::string& path) {
    TUSK_ASSIGN(const std::string bytes, storage::ReadFile(storage::Disk::Posix(), path));
    if (bytes.size() < 24) return Corruption(path + " is too short");
    uint64_t size = 0;
    std::memcpy(&applied_, bytes.data(), 8);
    std::memcpy(&term_, bytes.data() + 8, 8);
    std::memcpy(&size, bytes.data() + 16, 8);
    const auto members = raft::DecodeConfiguration(std::as_bytes(std::span(bytes).subspan(24, size)));
    if (!members) return Corruption(path + " names no members");
    numbers_.resize((bytes.size() - 24 - size) / 8);
    std::memcpy(numbers_.data(), bytes.data() + 24 + size, numbers_.size() * 8);
    snapshot_ = Snapshot{applied_, term_, *members, Path()};
    return OkStatus();
  }

  const std::string directory_;
  LogIndex applied_ = 0;
  Term term_ = 0;
  raft::Configuration configuration_;
  std::vector<uint64_t> numbers_;
  std::optional<Snapshot> snapshot_;
};

class Member {
 public:
  static constexpr uint64_t kCluster = 77;

  Member(raft::NodeId id, std::string directory, uint16_t port) : id_(id), directory_(std::move(directory)), port_(port) {}
  ~Member() { Stop(); }

  // `first`: see Group::Open.
  Status Start(const raft::Configuration& first) {
    storage::Disk& disk = storage::Disk::Posix();
    TUSK_TRY(disk.CreateDirectories(directory_));
    loop_ = std::make_unique<LoopThread>("member");
    pool_ = std::make_unique<WorkerPool>(WorkerPool::Options{.name = "member-io", .threads = 1, .queue_limit = 64});
    client_ = std::make_unique<rpc::Client>(*loop_, rpc::Client::Options());
    server_ = std::make_unique<rpc::Server>(*loop_, rpc::Server::Options());
    groups_ = std::make_unique<RpcGroups>(kCluster);
    groups_->Serve(*server_);
    TUSK_TRY(server_->Start({"127.0.0.1", port_}));
    port_ = server_->port();
    transport_ = std::make_unique<RpcTransport>(
        *loop_, *client_, disk, *pool_,
        RpcTransport::Options{.cluster_id = kCluster, .group = "numbers", .address = address(), .chunk_bytes = 1000});
    receiver_ = std::make_unique<SnapshotReceiver>(disk, *pool_, directory_);
    machine_ = std::make_unique<NumberList>(directory_);
    TUSK_ASSIGN(
        log_,
        Log::Open(disk, {.directory = directory_ + "/log", .cluster_id = kCluster, .node_id = id_, .segment_bytes = 16 << 10}));
    Group::Options options;
    options.raft.self = id_;
    options.raft.heartbeat = 40;
    options.raft.election_min = 200;
    options.tick = std::chrono::milliseconds(10);
    options.trailing_entries = 100;
    options.memory_bytes = 4 << 10;  // so that much comes from the disk
    options.seed = id_;
    TUSK_ASSIGN(group_, Group::Open(*loop_, Clock::System(), *log_, *machine_, *transport_, options, first));
    loop_->CallBlocking([&] {
      groups_->Add("numbers", *group_, *receiver_);
      group_->Start();
      return true;
    });
    return OkStatus();
  }
  // As an orderly end; what was not acknowledged may be on disk or not.
  void Stop() {
    if (!loop_) return;
    loop_->CallBlocking([&] {
      groups_->Remove("numbers");
      return true;
    });
    server_->Stop();
    if (group_) loop_->RunBlocking(group_->Stop());
    loop_->RunBlocking(transport_->Stop());
    client_->Stop();
    loop_->Stop();
    group_.reset();
    log_.reset();
    machine_.reset();
    receiver_.reset();
    transport_.reset();
    groups_.reset();
    server_.reset();
    client_.reset();
    pool_.reset();
    loop_.reset();
  }

  raft::NodeId id() const { return id_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  bool running() const { return loop_ != nullptr; }
  template <class F>
  auto On(F function) {
    return loop_->CallBlocking([&] { return function(*group_, *machine_); });
  }
  Result<LogIndex> Propose(uint64_t number) {
    const auto* begin = reinterpret_cast<const std::byte*>(&number);
    auto payload = std::make_shared<const std::vector<std::byte>>(begin, begin + 8);
    return loop_->RunBlocking(group_->Propose(std::move(payload)));
  }
  Result<LogIndex> ReadIndex() { return loop_->RunBlocking(group_->ReadIndex()); }
  Result<LogIndex> Change(raft::ChangeMember::Kind kind, const Member& other) {
    return loop_->RunBlocking(group_->Change(kind, other.id(), other.address()));
  }
  bool leads() {
    return On([](Group& group, NumberList&) { return group.leads(); });
  }
  std::vector<uint64_t> numbers() {
    return On([](Group&, NumberList& list) { return list.numbers(); });
  }
  Status SaveSnapshot() {
    return On([](Group& group, NumberList& list) {
      const Status saved = list.Save(group.configuration());
      if (saved.ok()) group.SnapshotSaved();
      return saved;
    });
  }
  int installed() {
    return On([](Group&, NumberList& list) { return list.installed.load(); });
  }
  LogIndex first_index() { return log_->first_index(); }

 private:
  const raft::NodeId id_;
  const std::string directory_;
  uint16_t port_;
  std::unique_ptr<LoopThread> loop_;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<rpc::Client> client_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<RpcGroups> groups_;
  std::unique_ptr<RpcTransport> transport_;
  std::unique_ptr<SnapshotReceiver> receiver_;
  std::unique_ptr<NumberList> machine_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Group> group_;
};

}  // namespace tusk::coordination::test
