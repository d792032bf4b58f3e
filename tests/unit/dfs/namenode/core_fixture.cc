#include "tests/unit/dfs/namenode/core_fixture.h"

#include "coordination/log/memory_log.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {

CoreFixture::CoreFixture() : log(coordination::OpenMemoryLog()) {
  options.cluster_id = 42;
  options.block_size = 1 << 20;
  options.blocks.seed = 1;
  Restart();
}

CoreFixture::~CoreFixture() {
  core->Stop();
  Poll();
}

std::unique_ptr<Namespace> CoreFixture::OpenState() {
  storage::KeyValueStore::Options memory;
  memory.in_memory = true;
  memory.write_buffer_bytes = 1 << 20;
  memory.block_cache_bytes = 1 << 20;
  auto store = storage::KeyValueStore::Open("/state", memory);
  EXPECT_TRUE(store.ok()) << store.status();
  Namespace::Options small;
  small.cache_bytes = 1 << 20;
  small.flush_bytes = 16 << 10;  // often
  small.background = false;
  auto state = Namespace::Open(std::move(*store), std::move(small));
  EXPECT_TRUE(state.ok()) << state.status();
  return std::move(*state);
}

void CoreFixture::Restart(bool keep_state) {
  std::unique_ptr<Namespace> state;
  if (core) {
    core->Stop();
    Poll();
    if (keep_state) state = std::move(core->state);
    ++options.epoch;
    taken_.clear();
  }
  core.reset();
  if (!state) state = OpenState();
  core = std::make_unique<Core>(context, clock, options, std::move(state), *log);
  const Status recovered = core->Recover();
  ASSERT_TRUE(recovered.ok()) << recovered;
  call.peer_host = "10.9.9.9";
  call.deadline = clock.Now() + std::chrono::hours(1);
}

void CoreFixture::Spawn(Task<Status> task, CallRun* run) {
  asio::co_spawn(context, std::move(task), [run](const std::exception_ptr& error, Status status) {
    EXPECT_FALSE(error) << "an operation threw";
    run->done = true;
    run->status = std::move(status);
  });
}

void CoreFixture::Poll() {
  context.restart();
  context.poll();
}

void CoreFixture::Tick() {
  core->Tick();
  asio::co_spawn(context, core->CloseExpiredFiles(), asio::detached);
  Poll();
}

void CoreFixture::Advance(std::chrono::milliseconds by) {
  constexpr std::chrono::milliseconds kStep{500};
  for (auto left = by; left.count() > 0; left -= kStep) {
    clock.Advance(std::min(left, kStep));
    BeatAll(beating);
    Tick();
  }
}

void CoreFixture::FillCaller(wire::CallerId::Builder out, TestClient& from, bool repeat) {
  out.setClientHigh(from.high);
  out.setClientLow(from.low);
  out.setSequence(repeat ? from.next_sequence - 1 : from.next_sequence++);
  out.setAckedUpTo(from.acked);
  out.setUser(from.user);
  out.setHost(from.host);
}

Status CoreFixture::Mkdir(const std::string& path, bool parents) {
  return Call(kMkdirs, Mkdirs, [&](auto request) {
    FillCaller(request.initCaller(), client);
    request.setPath(path);
    request.setParents(parents);
  });
}

Result<InodeId> CoreFixture::CreateFile(const std::string& path, TestClient& from, bool overwrite, uint16_t replication,
                                        bool parents) {
  capnp::MallocMessageBuilder reply;
  const Status status = Call(
      kCreate, Create,
      [&](auto request) {
        FillCaller(request.initCaller(), from);
        request.setPath(path);
        request.setOverwrite(overwrite);
        request.setReplication(replication);
        request.setCreateParents(parents);
      },
      &reply);
  if (!status.ok()) return status;
  return InodeId(reply.getRoot<wire::CreateReply>().getStatus().getInode());
}

CreatedFile CoreFixture::CreateFileWithBlock(const std::string& path, TestClient& from, bool overwrite, uint16_t replication,
                                             bool repeat) {
  capnp::MallocMessageBuilder reply;
  CreatedFile created;
  created.status = Call(
      kCreate, Create,
      [&](auto request) {
        FillCaller(request.initCaller(), from, repeat);
        request.setPath(path);
        request.setOverwrite(overwrite);
        request.setReplication(replication);
        request.setFirstBlock(true);
      },
      &reply);
  const auto answer = reply.getRoot<wire::CreateReply>().asReader();
  created.inode = InodeId(answer.getStatus().getInode());
  created.first = FromWire(answer.getFirst());
  return created;
}

Result<LocatedBlock> CoreFixture::NextBlock(InodeId inode, TestClient& from, Block previous, std::vector<DataNodeId> exclude) {
  capnp::MallocMessageBuilder reply;
  const Status status = Call(
      kAddBlock, AddBlock,
      [&](auto request) {
        FillCaller(request.initCaller(), from);
        request.setInode(inode.value());
        ToWire(previous, request.initPrevious());
        auto list = request.initExclude(static_cast<unsigned>(exclude.size()));
        for (unsigned i = 0; i < exclude.size(); ++i) list.set(i, exclude[i].value());
      },
      &reply);
  if (!status.ok()) return status;
  return FromWire(reply.getRoot<wire::AddBlockReply>().getLocated().asReader());
}

bool CoreFixture::Reclaim() {
  bool more = false;
  asio::co_spawn(
      context, [&]() -> Task<void> { more = co_await core->reclaimer.Step(*core); }, asio::detached);
  Poll();
  return more;
}

Status CoreFixture::CompleteFile(InodeId inode, TestClient& from, Block last) {
  return Call(kComplete, Complete, [&](auto request) {
    FillCaller(request.initCaller(), from);
    request.setInode(inode.value());
    ToWire(last, request.initLast());
  });
}

Status CoreFixture::RenamePath(const std::string& from, const std::string& to, bool overwrite) {
  return Call(kRename, Rename, [&](auto request) {
    FillCaller(request.initCaller(), client);
    request.setFrom(from);
    request.setTo(to);
    request.setOverwrite(overwrite);
  });
}

Result<bool> CoreFixture::DeletePath(const std::string& path, bool recursive) {
  capnp::MallocMessageBuilder reply;
  const Status status = Call(
      kDelete, Delete,
      [&](auto request) {
        FillCaller(request.initCaller(), client);
        request.setPath(path);
        request.setRecursive(recursive);
      },
      &reply);
  if (!status.ok()) return status;
  return reply.getRoot<wire::DeleteReply>().getDeleted();
}

Result<FileStatus> CoreFixture::StatPath(const std::string& path) {
  capnp::MallocMessageBuilder reply;
  const Status status = Call(
      kStat, Stat,
      [&](auto request) {
        request.setPath(path);
        request.initCaller().setUser(client.user);
      },
      &reply);
  if (!status.ok()) return status;
  return FromWire(reply.getRoot<wire::StatReply>().getStatus().asReader(), "/");
}

Result<std::vector<std::string>> CoreFixture::Names(const std::string& path, uint32_t limit, const std::string& after) {
  capnp::MallocMessageBuilder reply;
  const Status status = Call(
      kList, List,
      [&](auto request) {
        request.setPath(path);
        request.initCaller().setUser(client.user);
        request.setLimit(limit);
        request.setStartAfter(after);
      },
      &reply);
  if (!status.ok()) return status;
  std::vector<std::string> names;
  for (const auto entry : reply.getRoot<wire::ListReply>().asReader().getEntries())
    names.emplace_back(entry.getStatus().getName().cStr());
  return names;
}

std::vector<LocatedBlock> CoreFixture::BlocksOf(const std::string& path) {
  capnp::MallocMessageBuilder reply;
  const Status status = Call(
      kLocations, Locations,
      [&](auto request) {
        request.setPath(path);
        request.setLength(UINT64_MAX);
      },
      &reply);
  EXPECT_TRUE(status.ok()) << status;
  std::vector<LocatedBlock> blocks;
  for (const auto block : reply.getRoot<wire::LocationsReply>().getBlocks()) blocks.push_back(FromWire(block.asReader()));
  return blocks;
}

std::vector<Block> CoreFixture::WriteFile(const std::string& path, std::vector<uint64_t> lengths, uint16_t replication) {
  std::vector<Block> blocks;
  const auto inode = CreateFile(path, client, true, replication);
  EXPECT_TRUE(inode.ok()) << inode.status();
  if (!inode.ok()) return blocks;
  Block previous;
  for (const uint64_t length : lengths) {
    const auto located = NextBlock(*inode, client, previous);
    EXPECT_TRUE(located.ok()) << located.status();
    if (!located.ok()) return blocks;
    previous = located->block;
    previous.length = length;
    for (const DataNodeInfo& node : located->locations) Received(node.id.value(), previous);
    blocks.push_back(previous);
  }
  const Status closed = CompleteFile(*inode, client, previous);
  EXPECT_TRUE(closed.ok()) << closed;
  return blocks;
}

DataNodeInfo CoreFixture::NodeInfo(uint64_t id, const std::string& rack) {
  return {DataNodeId(id), "10.0.0." + std::to_string(id), 9866, 9864, rack, "node" + std::to_string(id)};
}

void CoreFixture::AddNodes(int count, int racks) {
  for (int i = 1; i <= count; ++i) {
    const auto id = static_cast<uint64_t>(i);
    JoinNode(NodeInfo(id, "/rack" + std::to_string((i - 1) % racks + 1)));
    ReportAll(id, {});
    beating.push_back(id);
  }
}

void CoreFixture::JoinNode(const DataNodeInfo& info, uint64_t instance) {
  const Status status = Call(kRegister, Register, [&](auto request) {
    ToWire(info, request.initNode());
    request.setInstance(instance);
  });
  EXPECT_TRUE(status.ok()) << status;
  core->blocks.Heartbeat(info.id, {100 << 20, 0, 100 << 20, 0, 0});
}

void CoreFixture::ReportAll(uint64_t node, const std::vector<Block>& replicas, uint64_t instance) {
  capnp::MallocMessageBuilder reply;
  const auto fill = [&](auto request) {
    request.setNode(node);
    request.setReportId(1);
    request.setLastPage(true);
    request.setInstance(instance);
    auto list = request.initReplicas(static_cast<unsigned>(replicas.size()));
    for (unsigned i = 0; i < replicas.size(); ++i) ToWire(replicas[i], list[i]);
  };
  const Status status = Call(kBlockReport, BlockReport, fill, &reply);
  EXPECT_TRUE(status.ok()) << status;
  Take(node, reply.getRoot<wire::BlockReportReply>().asReader().getCommands());
}

void CoreFixture::Event(uint64_t node, BlockEventKind kind, const Block& block) {
  using Kind = wire::BlockEventsRequest::Event::Kind;
  capnp::MallocMessageBuilder reply;
  const auto fill = [&](auto request) {
    request.setNode(node);
    request.setInstance(1);
    auto event = request.initEvents(1)[0];
    event.setKind(kind == BlockEventKind::kReceived  ? Kind::RECEIVED
                  : kind == BlockEventKind::kDeleted ? Kind::DELETED
                                                     : Kind::CORRUPT);
    ToWire(block, event.initBlock());
  };
  const Status status = Call(kBlockEvents, BlockEvents, fill, &reply);
  EXPECT_TRUE(status.ok()) << status;
  Take(node, reply.getRoot<wire::BlockEventsReply>().asReader().getCommands());
}

std::vector<NodeCommand> CoreFixture::Beat(uint64_t node, uint64_t instance) {
  capnp::MallocMessageBuilder reply;
  const Status status = Call(
      kHeartbeat, Heartbeat,
      [&](auto request) {
        request.setNode(node);
        request.setInstance(instance);
        request.setCapacity(100 << 20);
        request.setRemaining(100 << 20);
      },
      &reply);
  EXPECT_TRUE(status.ok()) << status;
  Take(node, reply.getRoot<wire::HeartbeatReply>().asReader().getCommands());
  return std::exchange(taken_[node], {});
}

void CoreFixture::Take(uint64_t node, capnp::List<wire::Command>::Reader commands) {
  for (const auto command : commands) {
    NodeCommand decoded;
    switch (command.which()) {
      case wire::Command::TRANSFER:
        decoded.kind = NodeCommand::Kind::kTransfer;
        decoded.bytes_per_second = command.getTransfer().getBytesPerSecond();
        decoded.move = command.getTransfer().getMove();
        decoded.block = FromWire(command.getTransfer().getBlock());
        for (const auto target : command.getTransfer().getTargets()) decoded.targets.push_back(FromWire(target));
        break;
      case wire::Command::RECOVER: {
        const auto recover = command.getRecover();
        decoded.kind = NodeCommand::Kind::kRecover;
        decoded.block = FromWire(recover.getBlock());
        decoded.new_generation = Generation(recover.getNewGeneration());
        for (const auto target : recover.getNodes()) decoded.targets.push_back(FromWire(target));
        if (recover.getTruncate()) decoded.truncate_to = recover.getTruncateTo();
        decoded.give_up_absent = recover.getGiveUpAbsent();
        break;
      }
      case wire::Command::INVALIDATE:
        decoded.kind = NodeCommand::Kind::kInvalidate;
        for (const auto block : command.getInvalidate()) decoded.blocks.push_back(FromWire(block));
        break;
      case wire::Command::CHECK:
        decoded.kind = NodeCommand::Kind::kCheck;
        for (const auto block : command.getCheck()) decoded.blocks.push_back(FromWire(block));
        break;
      case wire::Command::REPORT_ALL: decoded.kind = NodeCommand::Kind::kReportAll; break;
      case wire::Command::REPORT_BUCKETS:
        decoded.kind = NodeCommand::Kind::kReportBuckets;
        for (const uint16_t bucket : command.getReportBuckets()) decoded.buckets.push_back(bucket);
        break;
      case wire::Command::KEYS: continue;  // these nodes hold no keys, so each heartbeat brings them
      case wire::Command::REGISTER: decoded.kind = NodeCommand::Kind::kRegister; break;
    }
    taken_[node].push_back(std::move(decoded));
  }
}

void CoreFixture::BeatAll(const std::vector<uint64_t>& nodes) {
  // Contact alone: the orders stay for the test to take.
  for (const uint64_t node : nodes) core->blocks.Contact(DataNodeId(node), 1);
}

std::vector<uint64_t> CoreFixture::Holders(const std::string& path, size_t block) {
  std::vector<uint64_t> holders;
  const LocatedBlock located = BlocksOf(path).at(block);
  for (const DataNodeInfo& node : located.locations) holders.push_back(node.id.value());
  std::sort(holders.begin(), holders.end());
  return holders;
}

}  // namespace tusk::dfs::namenode
