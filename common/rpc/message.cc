#include "common/rpc/message.h"

#include <kj/exception.h>

#include <string>

namespace tusk::rpc {

Result<RawMessage> RawMessage::FromWords(kj::Array<capnp::word> words) {
  capnp::ReaderOptions options;
  // A service that reads a list twice pays for it twice, hence the factor; the constant lets small messages be read freely.
  options.traversalLimitInWords = words.size() * 32 + 64 * 1024;
  RawMessage message;
  try {
    message.reader_ = std::make_unique<capnp::FlatArrayMessageReader>(words.asPtr(), options);
  } catch (const kj::Exception& error) {
    return Corruption(std::string("malformed message: ") + error.getDescription().cStr());
  }
  message.words_ = std::move(words);
  return message;
}

}  // namespace tusk::rpc
