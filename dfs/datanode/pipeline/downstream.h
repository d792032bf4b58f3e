// The connection of a pipeline to its next node. Thread: as Socket.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "dfs/datanode/pipeline/pipeline_context.h"
#include "dfs/protocol/data_transfer.capnp.h"

namespace tusk::dfs::datanode {

class Downstream {
 public:
  struct Outcome {
    Status status;
    uint64_t failed_node = 0;  // the DataNode that could not be set up: the first target or one behind it
    bool answered = false;     // the reply came, whatever it says
    bool reused = false;       // over an idle connection, which the peer may have closed meanwhile
    std::unique_ptr<Downstream> connection;
  };
  // Asks the first of the request's targets for the same write, with the other targets behind it, and waits for its answer.
  // `token`: the writer's, passed on.
  static Outcome SetUp(PipelineContext& context, wire::WriteBlock::Reader request, std::string_view token);
  // The same for a whole block (WriteBlock.whole), in two steps: sends the request with the packet behind it, ...
  static Outcome SendWhole(PipelineContext& context, wire::WriteBlock::Reader request, std::string_view token,
                           std::span<const std::byte> packet);
  // ... and waits for the answer to the set-up; the ack is the next to be read.
  static void AwaitWhole(PipelineContext& context, wire::WriteBlock::Reader request, std::string_view token,
                         std::span<const std::byte> packet, Outcome* outcome);

  Downstream(OpenSockets& sockets, std::string peer, net::Socket socket)
      : sockets_(sockets), peer_(std::move(peer)), socket_(std::move(socket)), entry_(std::in_place, sockets, socket_) {}
  net::Socket& socket() { return socket_; }
  // The conversation ended in good order: the connection may serve another one. The last call.
  void Keep() {
    entry_.reset();
    sockets_.KeepIdle(peer_, std::move(socket_));
  }

 private:
  OpenSockets& sockets_;
  const std::string peer_;
  net::Socket socket_;
  std::optional<OpenSockets::Entry> entry_;
};

}  // namespace tusk::dfs::datanode
