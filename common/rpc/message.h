// A received Cap'n Proto message and the bytes it lies in.
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/array.h>

#include <memory>

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

// The reply of a call, typed.
template <class T>
class Message {
 public:
  explicit Message(RawMessage raw) : raw_(std::move(raw)), root_(raw_.reader().getRoot<T>()) {}
  const typename T::Reader& operator*() const { return root_; }
  const typename T::Reader* operator->() const { return &root_; }

 private:
  RawMessage raw_;
  typename T::Reader root_;
};

}  // namespace tusk::rpc
