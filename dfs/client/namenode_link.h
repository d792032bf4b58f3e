// Requests to the NameNode, for blocking callers: one loop thread and one multiplexed connection, started at the first request (a
// process may fork before). Mutations carry a CallerId, so that a repeated request executes once.
//
// Errors: the NameNode's own; kUnavailable when it cannot be reached within the timeout; kCorruption for a reply that does not
// decode. Thread: any but its own loop. Owner: ClientContext.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <variant>

#include "common/rpc/client.h"
#include "common/runtime/task_group.h"
#include "dfs/client/file_system.h"
#include "dfs/client/request_ids.h"
#include "dfs/protocol/methods.h"

namespace tusk::dfs {

class NameNodeLink {
 public:
  // How a request treats a NameNode in safe mode: a stream in the middle of a file always waits.
  enum class SafeMode { kAsConfigured, kWait };

  explicit NameNodeLink(ClientOptions options);
  ~NameNodeLink();

  // A read; `fill` finds the caller filled in, where the request has one. `decode` takes the reply's reader and returns a value.
  template <class Req, class Rep, class Fill, class Decode>
  auto Ask(const rpc::Method<Req, Rep>& method, Fill fill, Decode decode)
      -> Result<std::invoke_result_t<Decode, typename Rep::Reader>> {
    return Send(
        method,
        [&](auto request) {
          if constexpr (requires { request.initCaller(); }) FillPlace(request.initCaller());
          fill(request);
        },
        std::move(decode), SafeMode::kAsConfigured);
  }

  // A mutation; `fill` finds the caller filled in.
  template <class Req, class Rep, class Fill, class Decode>
  auto Change(const rpc::Method<Req, Rep>& method, Fill fill, Decode decode, SafeMode safe_mode = SafeMode::kAsConfigured)
      -> Result<std::invoke_result_t<Decode, typename Rep::Reader>> {
    const RequestIds::Ticket ticket = ids_.Begin();
    auto result = Send(
        method,
        [&](auto request) {
          FillCaller(request.initCaller(), ticket);
          fill(request);
        },
        std::move(decode), safe_mode);
    ids_.End(ticket.sequence);
    return result;
  }
  template <class Req, class Rep, class Fill>
  Status Change(const rpc::Method<Req, Rep>& method, Fill fill, SafeMode safe_mode = SafeMode::kAsConfigured) {
    return Change(
               method, std::move(fill), [](auto) { return std::monostate(); }, safe_mode)
        .status();
  }

  // The client and its place, without a sequence: for reads and lease renewal.
  void FillPlace(wire::CallerId::Builder caller) const;
  Task<Status> RenewLease();  // on the loop
  LoopThread& loop();         // starts it
  const ClientOptions& options() const { return options_; }

 private:
  template <class Req, class Rep, class Fill, class Decode>
  auto Send(const rpc::Method<Req, Rep>& method, Fill fill, Decode decode, SafeMode safe_mode)
      -> Result<std::invoke_result_t<Decode, typename Rep::Reader>> {
    try {
      auto reply = Started().CallBlocking(options_.namenode, method, std::move(fill), CallOptionsNow(safe_mode));
      if (!reply.ok()) return Explained(std::move(reply).status());
      answered_.store(true, std::memory_order_relaxed);
      return decode(**reply);
    } catch (const std::exception& e) {  // Cap'n Proto refuses a malformed message by throwing
      return Corruption("the reply of the NameNode at " + options_.namenode.ToString() + " to " + std::string(method.name) +
                        " cannot be decoded: " + e.what());
    }
  }

  rpc::Client& Started();
  rpc::CallOptions CallOptionsNow(SafeMode safe_mode) const;
  Status Explained(Status status) const;  // adds the address to "cannot be reached"
  void FillCaller(wire::CallerId::Builder caller, const RequestIds::Ticket& ticket) const;

  const ClientOptions options_;
  RequestIds ids_;
  std::atomic<bool> answered_{false};
  std::once_flag start_;
  std::unique_ptr<LoopThread> loop_;
  std::unique_ptr<rpc::Client> client_;
};

}  // namespace tusk::dfs
