// The connection of a pipeline to its next node. Thread: as Socket.
#pragma once

#include <memory>
#include <optional>
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
    std::unique_ptr<Downstream> connection;
  };
  // Asks the first of the request's targets for the same write, with the other targets behind it, and waits for its answer.
  // `token`: the writer's, passed on.
  static Outcome SetUp(PipelineContext& context, wire::WriteBlock::Reader request, std::string_view token);

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
