// One coroutine's wait for an event of our own (a reply, a connection, the next request) instead of one of Asio's.
//
// Invariants: at most one coroutine waits; Wake or Drop is called exactly once for each wait.
// Thread:     the loop of the coroutine.
// Owner:      often the very coroutine that waits: its handler then keeps it alive, and a wait that nobody ends is a leak.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "common/runtime/task.h"

namespace tusk::rpc {

class Parked {
 public:
  Parked() = default;
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;

  bool waiting() const { return handler_.has_value(); }

  // Suspends until Wake(). When the coroutine is cancelled, `on_cancel` runs; it arranges for a later Wake() and does not call it
  // itself.
  template <class OnCancel>
  Task<void> Wait(OnCancel on_cancel) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this, on_cancel](auto handler) {
          handler_.emplace(std::move(handler));
          auto slot = asio::get_associated_cancellation_slot(*handler_);
          if (slot.is_connected()) slot.assign([on_cancel](asio::cancellation_type) { on_cancel(); });
        },
        asio::use_awaitable);
  }

  // Resumes the coroutine at once, inside this call; this object may be gone when it returns.
  void Wake() {
    Handler handler = std::move(*handler_);
    handler_.reset();
    std::move(handler)();
  }

  // Destroys the coroutine instead: its loop has stopped.
  void Drop() {
    Handler handler = std::move(*handler_);
    handler_.reset();
  }

 private:
  using Handler = asio::async_result<asio::use_awaitable_t<>, void()>::handler_type;
  std::optional<Handler> handler_;
};

}  // namespace tusk::rpc
