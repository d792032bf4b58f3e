#include "coordination/group/rpc_transport.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "common/base/try.h"
#include "coordination/group/methods.h"

namespace tusk::coordination {

using raft::Message;
using raft::MessageKind;

namespace {

std::vector<std::byte> Copy(capnp::Data::Reader data) {
  const auto* begin = reinterpret_cast<const std::byte*>(data.begin());
  return {begin, begin + data.size()};
}

}  // namespace

void ToWire(const Message& message, wire::RaftMessage::Builder wire) {
  wire.setKind(static_cast<uint8_t>(message.kind));
  wire.setGranted(message.granted);
  wire.setTransfer(message.transfer);
  wire.setFrom(message.from);
  wire.setTo(message.to);
  wire.setTerm(message.term);
  wire.setIndex(message.index);
  wire.setIndexTerm(message.index_term);
  wire.setCommit(message.commit);
  wire.setMatch(message.match);
  wire.setMatchTerm(message.match_term);
  wire.setSession(message.session);
  wire.setRound(message.round);
  wire.setRead(message.read);
  auto entries = wire.initEntries(static_cast<unsigned>(message.entries.size()));
  for (unsigned i = 0; i < entries.size(); ++i) {
    const raft::Entry& entry = message.entries[i];
    entries[i].setTerm(entry.term);
    entries[i].setType(static_cast<uint8_t>(entry.type));
    if (entry.payload) {
      entries[i].setPayload({reinterpret_cast<const kj::byte*>(entry.payload->data()), entry.payload->size()});
    }
  }
}

Result<Message> FromWire(wire::RaftMessage::Reader wire) {
  if (wire.getKind() > static_cast<uint8_t>(MessageKind::kReadReply)) {
    return InvalidArgument("a raft message of the unknown kind " + std::to_string(wire.getKind()));
  }
  Message message;
  message.kind = static_cast<MessageKind>(wire.getKind());
  message.granted = wire.getGranted();
  message.transfer = wire.getTransfer();
  message.from = wire.getFrom();
  message.to = wire.getTo();
  message.term = wire.getTerm();
  message.index = wire.getIndex();
  message.index_term = wire.getIndexTerm();
  message.commit = wire.getCommit();
  message.match = wire.getMatch();
  message.match_term = wire.getMatchTerm();
  message.session = wire.getSession();
  message.round = wire.getRound();
  message.read = wire.getRead();
  LogIndex index = message.index;
  Term term = message.index_term;
  message.entries.reserve(wire.getEntries().size());
  for (const auto each : wire.getEntries()) {
    raft::Entry entry{.index = ++index, .term = each.getTerm(), .type = static_cast<EntryType>(each.getType())};
    if (each.getType() > static_cast<uint8_t>(EntryType::kConfiguration) || entry.term < term || entry.term > message.term) {
      return InvalidArgument("entry " + std::to_string(index) + " of a raft message has a type or a term that cannot be");
    }
    term = entry.term;
    if (each.getPayload().size() > 0) {
      entry.payload = std::make_shared<const std::vector<std::byte>>(Copy(each.getPayload()));
    }
    if (entry.type == EntryType::kConfiguration && (!entry.payload || !raft::DecodeConfiguration(*entry.payload))) {
      return InvalidArgument("entry " + std::to_string(index) + " of a raft message holds no configuration of a group");
    }
    message.entries.push_back(std::move(entry));
  }
  return message;
}

// --- Sending

RpcTransport::RpcTransport(LoopThread& loop, rpc::Client& client, storage::Disk& disk, WorkerPool& pool, Options options)
    : client_(client), disk_(disk), pool_(pool), options_(std::move(options)), tasks_(loop) {}

void RpcTransport::Send(const std::string& address, Message message) {
  const auto peer = net::ParseEndpoint(address);
  if (!peer.ok()) {
    LOG_EVERY_N(ERROR, 1000) << "member " << message.to << " cannot be reached: " << peer.status();
    return;
  }
  size_t& in_flight = in_flight_[address];
  if (in_flight >= options_.max_in_flight) return;
  ++in_flight;
  tasks_.Spawn(SendOne(*peer, address, std::move(message)));
}

Task<void> RpcTransport::SendOne(net::Endpoint peer, std::string address, Message message) {
  const auto reply = co_await client_.Call(std::move(peer), kRaftStep,
                                           [&](wire::StepRequest::Builder request) {
                                             request.setCluster(options_.cluster_id);
                                             request.setGroup(options_.group);
                                             request.setAddress(options_.address);
                                             ToWire(message, request.initMessage());
                                           },
                                           {.deadline = std::chrono::milliseconds(2'000), .retry = false});
  --in_flight_[address];
  // Members come and go; what a refusal means is worth a line.
  const bool refused = !reply.ok() && !IsRetryable(reply.status().code()) && reply.status().code() != Code::kCancelled &&
                       reply.status().code() != Code::kDeadlineExceeded;
  LOG_IF_EVERY_N(WARNING, refused, 100) << "member " << message.to << " at " << address << " refuses: " << reply.status();
}

Task<Status> RpcTransport::SendSnapshot(std::string address, raft::NodeId to, Snapshot snapshot) {
  TUSK_CO_ASSIGN(const net::Endpoint peer, net::ParseEndpoint(address));
  TUSK_CO_ASSIGN(auto file, co_await pool_.Run([&] { return disk_.Open(snapshot.path, storage::OpenMode::kRead); }));
  TUSK_CO_ASSIGN(const uint64_t bytes, file->Size());
  const std::vector<std::byte> configuration = raft::Encode(snapshot.configuration);
  LOG(INFO) << "sending the snapshot " << snapshot.path << " of " << bytes << " bytes to member " << to << " at " << address;
  uint64_t offset = 0;
  bool asked = false;  // how much of it is there already
  while (true) {
    std::vector<std::byte> data(asked ? std::min<uint64_t>(options_.chunk_bytes, bytes - offset) : 0);
    if (!data.empty()) {
      TUSK_CO_ASSIGN(const size_t read, co_await pool_.Run([&] { return file->ReadAt(offset, data); }));
      if (read != data.size()) co_return Corruption("the snapshot " + snapshot.path + " became shorter while it was sent");
    }
    const TimePoint begin = Clock::System().Now();
    TUSK_CO_ASSIGN(
        const auto reply,
        co_await client_.Call(
            peer, kSnapshotChunk,
            [&](wire::SnapshotChunkRequest::Builder request) {
              request.setCluster(options_.cluster_id);
              request.setGroup(options_.group);
              request.setIndex(snapshot.index);
              request.setTerm(snapshot.term);
              request.setConfiguration({reinterpret_cast<const kj::byte*>(configuration.data()), configuration.size()});
              request.setBytes(bytes);
              request.setOffset(offset);
              request.setData({reinterpret_cast<const kj::byte*>(data.data()), data.size()});
            },
            {.deadline = std::chrono::milliseconds(60'000)}));
    if (reply->getDone()) co_return OkStatus();
    if (asked && reply->getHave() <= offset)
      co_return Aborted("the snapshot does not get on: another one is being received there");
    asked = true;
    offset = std::min(reply->getHave(), bytes);
    // The rate limit: no chunk takes less than its share of a second.
    const auto least = std::chrono::nanoseconds(data.size() * 1'000'000'000 / options_.snapshot_bytes_per_second);
    const auto spent = Clock::System().Now() - begin;
    if (spent < least) TUSK_CO_TRY(co_await SleepFor(least - spent));
  }
}

// --- Receiving

void RpcGroups::Serve(rpc::Server& server) {
  server.Handle(kRaftStep,
                [this](const rpc::CallContext&, auto request, auto) -> Task<Status> { co_return co_await Step(request); });
  server.Handle(kSnapshotChunk, [this](const rpc::CallContext&, auto request, auto reply) -> Task<Status> {
    co_return co_await TakeChunk(request, reply);
  });
}

Result<RpcGroups::Target> RpcGroups::Find(uint64_t cluster, const std::string& name) const {
  if (cluster != cluster_id_) {
    return InvalidArgument("a member of cluster " + std::to_string(cluster) + " speaks to one of cluster " +
                           std::to_string(cluster_id_) + "; check the addresses of the members");
  }
  const auto found = groups_.find(name);
  if (found == groups_.end()) return NotFound("there is no group \"" + name + "\" in this process");
  return found->second;
}

Task<Status> RpcGroups::Step(wire::StepRequest::Reader request) {
  TUSK_CO_ASSIGN(const Target target, Find(request.getCluster(), request.getGroup()));
  TUSK_CO_ASSIGN(Message message, FromWire(request.getMessage()));
  if (message.to != target.group->self()) {
    co_return InvalidArgument("a message for member " + std::to_string(message.to) + " came to member " +
                              std::to_string(target.group->self()) + "; its disk was replaced, add it as a new member");
  }
  if (request.getAddress().size() > 0) target.group->Learn(message.from, request.getAddress());
  target.group->Deliver(std::move(message));
  co_return OkStatus();
}

Task<Status> RpcGroups::TakeChunk(wire::SnapshotChunkRequest::Reader request, wire::SnapshotChunkReply::Builder reply) {
  TUSK_CO_ASSIGN(const Target target, Find(request.getCluster(), request.getGroup()));
  if (!target.group->Wants(request.getIndex(), request.getTerm())) {
    // A snapshot that arrived, and whose answer was lost, is done.
    if (target.group->applied() < request.getIndex()) {
      co_return Aborted("the snapshot of entry " + std::to_string(request.getIndex()) + " is no news here");
    }
    reply.setHave(request.getBytes());
    reply.setDone(true);
    co_return OkStatus();
  }
  SnapshotReceiver::Chunk chunk{.index = request.getIndex(),
                                .term = request.getTerm(),
                                .bytes = request.getBytes(),
                                .offset = request.getOffset(),
                                .data = Copy(request.getData())};
  const std::vector<std::byte> encoded = Copy(request.getConfiguration());
  auto configuration = raft::DecodeConfiguration(encoded);
  if (!configuration) co_return InvalidArgument("a chunk of a snapshot comes without the members of its group");
  chunk.configuration = std::move(*configuration);
  TUSK_CO_ASSIGN(auto progress, co_await target.receiver->Take(std::move(chunk)));
  reply.setHave(progress.have);
  if (!progress.whole) co_return OkStatus();
  const Status installed = co_await target.group->Install(std::move(*progress.whole));
  target.receiver->Forget();
  TUSK_CO_TRY(installed);
  reply.setDone(true);
  co_return OkStatus();
}

}  // namespace tusk::coordination
