// Replies on the data port. Thread: as Socket.
#pragma once

#include <chrono>

#include "common/net/message_stream.h"
#include "dfs/protocol/data_transfer.capnp.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

// failed_node: of a write, the DataNode that could not be set up; 0 otherwise.
inline Status WriteErrorReply(net::Socket& socket, const Status& status, uint64_t failed_node = 0) {
  capnp::MallocMessageBuilder message;
  auto reply = message.initRoot<wire::DataReply>();
  reply.setCode(static_cast<uint16_t>(status.code()));
  reply.setMessage(status.message().c_str());
  reply.setFailedNode(failed_node);
  return net::WriteMessage(socket, message);
}

// Waits for the first byte (or the end) of what comes next, without the socket's own timeout.
Status AwaitReadable(net::Socket& socket, std::chrono::milliseconds timeout);

// Sends bytes that more bytes follow at once: the kernel keeps them for a full segment.
Status WriteWithMore(net::Socket& socket, std::span<const std::byte> bytes);

// Ends a conversation after an error was sent: says that nothing more comes, and reads what is still on its way, because closing
// with unread bytes makes the kernel reset the connection, and the reset can overtake the error.
void EndAfterError(net::Socket& socket, std::span<std::byte> scratch);

}  // namespace tusk::dfs::datanode
