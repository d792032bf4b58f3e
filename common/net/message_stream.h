// Cap'n Proto messages on a plain socket, length-prefixed: u32 LE byte count (a multiple of 8, at most max_bytes), then the flat
// message. Used for the request and reply that open a data conversation; bulk bytes follow raw.
//
// Thread: as Socket.
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/array.h>

#include <array>
#include <chrono>
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

// `after`: bytes that follow the message, in the same write.
Status WriteMessage(Socket& socket, capnp::MessageBuilder& message, std::span<const std::byte> after = {});
// A byte count of 0 instead of a message says that the peer is alive and will still answer: skipped while `patience` lasts,
// refused without any. The socket's timeout is how long the peer may be silent.
inline constexpr std::array<std::byte, 4> kStillThere{};
Result<ReceivedMessage> ReadMessage(Socket& socket, size_t max_bytes = kMaxMessageBytes,
                                    std::chrono::milliseconds patience = std::chrono::milliseconds(0));

}  // namespace tusk::net
