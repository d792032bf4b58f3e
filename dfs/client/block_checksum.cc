#include "dfs/client/block_checksum.h"

#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "common/storage/crc32c.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/data_transfer.capnp.h"

namespace tusk::dfs {
namespace {

Result<uint32_t> Ask(DataConnections& connections, const DataNodeInfo& node, const LocatedBlock& located, bool only_new,
                     bool* stale) {
  const Block& block = located.block;
  TUSK_ASSIGN(DataConnections::Lease lease, connections.Take(node, only_new));
  *stale = lease.reused;
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<wire::DataRequest>();
  request.setToken(AsData(located.token));
  ToWire(block, request.initChecksum().initBlock());
  TUSK_TRY(net::WriteMessage(lease.socket, message));
  TUSK_ASSIGN(const net::ReceivedMessage received, net::ReadMessage(lease.socket));
  *stale = false;
  try {
    const auto reply = received.As<wire::DataReply>();
    if (reply.getCode() != 0) return Status(static_cast<Code>(reply.getCode()), std::string(reply.getMessage().cStr()));
    if (reply.getBlockLength() != block.length) {
      return IoError("the replica has " + std::to_string(reply.getBlockLength()) + " bytes; " + std::to_string(block.length) +
                     " are expected");
    }
    const uint32_t crc = reply.getCrc32c();
    connections.GiveBack(node, std::move(lease.socket));
    return crc;
  } catch (const std::exception& e) {
    return IoError(std::string("the reply cannot be decoded: ") + e.what());
  }
}

Result<uint32_t> OfBlock(DataConnections& connections, const LocatedBlock& located) {
  Status last = Unavailable("no DataNode that holds it is alive");
  for (const DataNodeInfo& node : located.locations) {
    bool stale = false;
    auto crc = Ask(connections, node, located, /*only_new=*/false, &stale);
    if (!crc.ok() && stale) crc = Ask(connections, node, located, /*only_new=*/true, &stale);
    if (crc.ok()) return crc;
    last = crc.status();
  }
  return last.WithContext("no replica of block " + std::to_string(located.block.id.value()) + " gives a checksum");
}

}  // namespace

Result<FileChecksum> ComputeChecksum(ClientContext& context, const LocatedFile& file) {
  FileChecksum checksum;
  for (const LocatedBlock& block : file.blocks) {
    auto crc = OfBlock(context.connections(), block);
    if (!crc.ok()) return crc.status().WithContext(file.status.path);
    checksum.crc32c = storage::Crc32cCombine(checksum.crc32c, *crc, block.block.length);
    checksum.length += block.block.length;
  }
  if (checksum.length != file.status.length) {
    return IoError("the blocks of " + file.status.path + " have " + std::to_string(checksum.length) + " bytes, the file " +
                   std::to_string(file.status.length) + "; it is being written or has lost blocks, see `tusk fsck " +
                   file.status.path + "`");
  }
  return checksum;
}

}  // namespace tusk::dfs
