// A received Cap'n Proto message and the bytes it lies in.
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/array.h>

#include <kj/exception.h>

#include <memory>
#include <string>
#include <utility>

#include "common/base/result.h"

namespace tusk::rpc {

// Readers taken from it live as long as it does. Movable. Thread: a value.
class RawMessage {
 public:
  RawMessage() = default;
  // The traversal limit is set from the size, so a small message cannot make a reader walk forever.
  static Result<RawMessage> FromWords(kj::Array<capnp::word> words);
  capnp::MessageReader& reader() const { return *reader_; }

 private:
  kj::Array<capnp::word> words_;
  std::unique_ptr<capnp::FlatArrayMessageReader> reader_;
};

// The reply of a call, typed. Its readers throw kj::Exception where the peer sent a pointer that leads nowhere.
template <class T>
class Message {
 public:
  explicit Message(RawMessage raw) : raw_(std::move(raw)), root_(raw_.reader().getRoot<T>()) {}
  // kCorruption: the root is not a struct.
  static Result<Message> FromRaw(RawMessage raw) {
    try {
      return Message(std::move(raw));
    } catch (const kj::Exception& error) {
      return Corruption(std::string("malformed reply: ") + error.getDescription().cStr());
    }
  }
  const typename T::Reader& operator*() const { return root_; }
  const typename T::Reader* operator->() const { return &root_; }

 private:
  RawMessage raw_;
  typename T::Reader root_;
};

}  // namespace tusk::rpc
