// block_events: what has changed on a DataNode since it last said.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {
namespace {

BlockEventKind KindOf(wire::BlockEventsRequest::Event::Kind kind) {
  switch (kind) {
    case wire::BlockEventsRequest::Event::Kind::RECEIVED: return BlockEventKind::kReceived;
    case wire::BlockEventsRequest::Event::Kind::DELETED: return BlockEventKind::kDeleted;
    case wire::BlockEventsRequest::Event::Kind::CORRUPT: break;
  }
  return BlockEventKind::kCorrupt;
}

}  // namespace

Task<Status> BlockEvents(Core& core, const CallContext&, wire::BlockEventsRequest::Reader request,
                         wire::BlockEventsReply::Builder reply) {
  const DataNodeId node(request.getNode());
  reply.setEpoch(core.options.epoch);
  if (!core.blocks.Contact(node, request.getInstance())) {
    FillCommands(core, {NodeCommand{}}, reply.initCommands(1));
    co_return OkStatus();
  }
  if (!core.blocks.Takes(node, request.getMessage())) co_return OkStatus();
  std::vector<BlockEvent> events;
  events.reserve(request.getEvents().size());
  for (const auto event : request.getEvents()) events.push_back({KindOf(event.getKind()), FromWire(event.getBlock())});
  core.blocks.Events(node, events);
  for (const auto block : request.getFailedCopies()) core.blocks.CopyFailed(node, FromWire(block));
  core.UpdateSafeMode();
  const auto commands = core.blocks.TakeCommands(node, !core.safe_mode.on());
  FillCommands(core, commands, reply.initCommands(static_cast<unsigned>(commands.size())));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
