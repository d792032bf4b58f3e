// The connection of a pipeline to its next node. Thread: as Socket.
#pragma once

#include <memory>

#include "dfs/datanode/pipeline/pipeline_context.h"
#include "dfs/protocol/data_transfer.capnp.h"

namespace tusk::dfs::datanode {

class Downstream {
 public:
  struct Outcome {
    Status status;
    uint64_t failed_node = 0;  // the DataNode that could not be set up: the first target or one behind it
    std::unique_ptr<Downstream> connection;
  };
  // Asks the first of the request's targets for the same write, with the other targets behind it, and waits for its answer.
  // `token`: the writer's, passed on.
  static Outcome SetUp(PipelineContext& context, wire::WriteBlock::Reader request, std::string_view token);

  Downstream(OpenSockets& sockets, net::Socket socket) : socket_(std::move(socket)), entry_(sockets, socket_) {}
  net::Socket& socket() { return socket_; }

 private:
  net::Socket socket_;
  OpenSockets::Entry entry_;
};

}  // namespace tusk::dfs::datanode
