#include "mapreduce/shuffle/shuffle_client.h"

#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "mapreduce/protocol/shuffle.capnp.h"

namespace tusk::mr {

ShuffleClient::ShuffleClient(Options options) : options_(std::move(options)) {}

Status ShuffleClient::Fetch(const std::string& host, uint16_t port, std::span<const MapAttempt> maps, SegmentReceiver& receiver) {
  const net::Endpoint peer{host, port};
  net::Socket socket;
  {
    std::lock_guard lock(mutex_);
    if (auto node = idle_.extract(peer)) socket = std::move(node.mapped());
  }
  const bool reused = socket.valid();
  for (bool first = true;; first = false) {
    if (!socket.valid()) {
      TUSK_ASSIGN(socket, net::Socket::Connect(peer, options_.connect_timeout, options_.socket));
      TUSK_TRY(socket.SetTimeout(options_.data_timeout));
    }
    bool answered = false;
    const Status status = Converse(socket, maps, receiver, &answered);
    if (status.ok()) {
      std::lock_guard lock(mutex_);
      idle_[peer] = std::move(socket);
      return status;
    }
    // An idle connection may have been closed by the tracker meanwhile: that says nothing about the tracker.
    if (!(first && reused && !answered && status.code() == Code::kUnavailable)) return status;
    socket = net::Socket();
  }
}

Status ShuffleClient::Converse(net::Socket& socket, std::span<const MapAttempt> maps, SegmentReceiver& receiver, bool* answered) {
  capnp::MallocMessageBuilder request;
  auto root = request.initRoot<wire::ShuffleRequest>();
  root.setJob(options_.job);
  root.setPartition(options_.partition);
  auto wanted = root.initMaps(static_cast<unsigned>(maps.size()));
  for (unsigned i = 0; i < maps.size(); ++i) {
    wanted[i].setMap(maps[i].map);
    wanted[i].setAttempt(maps[i].attempt);
  }
  TUSK_TRY(net::WriteMessage(socket, request));
  TUSK_ASSIGN(const auto message, net::ReadMessage(socket));
  *answered = true;
  const auto segments = message.As<wire::ShuffleReply>().getSegments();
  if (segments.size() != maps.size()) {
    return Corruption("the TaskTracker answered for " + std::to_string(segments.size()) + " maps instead of " +
                      std::to_string(maps.size()));
  }
  for (unsigned i = 0; i < segments.size(); ++i) {
    const auto segment = segments[i];
    if (segment.getMap() != maps[i].map || segment.getAttempt() != maps[i].attempt) {
      return Corruption("the TaskTracker answered for map " + std::to_string(segment.getMap()) + " instead of " +
                        std::to_string(maps[i].map));
    }
    if (segment.getCode() != 0) {
      receiver.Refused(maps[i], Status(static_cast<Code>(segment.getCode()), segment.getMessage().cStr()));
      continue;
    }
    SegmentInfo info;
    info.bytes = segment.getBytes();
    info.records = segment.getRecords();
    info.digest = segment.getDigest();
    uint64_t left = info.bytes;
    TUSK_TRY(receiver.Receive(maps[i], info, [&](std::span<char> to) -> Status {
      if (to.size() > left) return Internal("a segment was read beyond its end");
      left -= to.size();
      return socket.ReadFully(std::as_writable_bytes(to));
    }));
    if (left > 0) return Internal("a segment was not read to its end");
  }
  return OkStatus();
}

}  // namespace tusk::mr
