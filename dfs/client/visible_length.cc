#include "dfs/client/visible_length.h"

#include <glog/logging.h>

#include <algorithm>

#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "common/net/socket.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/data_transfer.capnp.h"

namespace tusk::dfs {
namespace {

constexpr std::chrono::milliseconds kPatience{3'000};

Result<Block> Look(const DataNodeInfo& node, const LocatedBlock& block, std::chrono::milliseconds timeout) {
  TUSK_ASSIGN(auto socket, net::Socket::Connect({node.host, node.data_port}, timeout));
  TUSK_TRY(socket.SetTimeout(timeout));
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<wire::DataRequest>();
  request.setToken(AsData(block.token));
  auto query = request.initReplica();
  query.setAction(wire::ReplicaQuery::Action::LOOK);
  ToWire(block.block, query.initBlock());
  TUSK_TRY(net::WriteMessage(socket, message));
  TUSK_ASSIGN(auto received, net::ReadMessage(socket));
  try {
    const auto reply = received.As<wire::DataReply>();
    if (reply.getCode() != 0) return Status(static_cast<Code>(reply.getCode()), std::string(reply.getMessage().cStr()));
    return Block{block.block.id, Generation(reply.getGeneration()), reply.getBlockLength()};
  } catch (const std::exception& e) {
    return Corruption(std::string("a DataNode's reply cannot be decoded: ") + e.what());
  }
}

}  // namespace

void LearnVisibleLength(const ClientContext& context, LocatedFile* file) {
  if (file->blocks.empty() || !file->blocks.back().under_construction) return;
  LocatedBlock& last = file->blocks.back();
  const auto timeout = std::min(context.options().data_timeout, kPatience);
  for (const DataNodeInfo& node : last.locations) {
    const auto seen = Look(node, last, timeout);
    if (!seen.ok()) {
      LOG(INFO) << file->status.path << ": DataNode " << node.name << " does not tell the length of block " << last.block.id
                << ": " << seen.status();
      continue;
    }
    if (seen->generation < last.block.generation || seen->length < last.block.length) continue;  // left behind by its pipeline
    last.block = *seen;
    break;
  }
  file->status.length = std::max(file->status.length, last.offset + last.block.length);
}

}  // namespace tusk::dfs
