// Cap'n Proto messages on a plain socket, length-prefixed: u32 LE byte count (a multiple of 8, at most max_bytes), then the flat
// message. Used for the request and reply that open a data conversation; bulk bytes follow raw.
//
// Thread: as Socket.
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/array.h>

#include <memory>

#include "common/net/socket.h"

namespace tusk::net {

inline constexpr size_t kMaxMessageBytes = 4 << 20;

// A received message and the words it lies in; readers point into it.
class ReceivedMessage {
 public:
  explicit ReceivedMessage(kj::Array<capnp::word> words);
  template <class T>
  typename T::Reader As() const {
    return reader_->getRoot<T>();
  }

 private:
  kj::Array<capnp::word> words_;
  std::unique_ptr<capnp::FlatArrayMessageReader> reader_;
};

Status WriteMessage(Socket& socket, capnp::MessageBuilder& message);
Result<ReceivedMessage> ReadMessage(Socket& socket, size_t max_bytes = kMaxMessageBytes);

}  // namespace tusk::net
