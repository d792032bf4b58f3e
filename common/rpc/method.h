// A method of a service: its number on the wire, its name for logs and metrics, and whether it may be sent twice.
//
//   inline constexpr rpc::Method<wire::MkdirsRequest, wire::MkdirsReply> kMkdirs{3, "mkdirs", rpc::Repeat::kSafe};
#pragma once

#include <cstdint>
#include <string_view>

namespace tusk::rpc {

enum class Repeat {
  kSafe,    // idempotent, or made so by a caller id in the request: the client may retry after a lost reply
  kUnsafe,  // only retried when the request certainly was not sent
};

template <class RequestType, class ReplyType>
struct Method {
  using Request = RequestType;
  using Reply = ReplyType;
  uint16_t id;
  std::string_view name;
  Repeat repeat;
};

}  // namespace tusk::rpc
