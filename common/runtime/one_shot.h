// A value that one coroutine waits for and somebody on the same loop sets, once.
//
// Thread: one loop. Cancelled waiting (the owner's TaskGroup or server ends) answers nullopt; a value set later is dropped.
#pragma once

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "common/runtime/task.h"

namespace tusk {

template <class T>
class OneShot {
 public:
  explicit OneShot(asio::io_context& context) : state_(std::make_shared<State>(context)) {}

  void Set(T value) {
    state_->value = std::move(value);
    state_->timer.cancel();
  }

  Task<std::optional<T>> Wait() {
    const std::shared_ptr<State> state = state_;
    if (!state->value) {
      boost::system::error_code error;
      co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
    co_return std::move(state->value);
  }

 private:
  struct State {
    explicit State(asio::io_context& context) : timer(context, asio::steady_timer::time_point::max()) {}
    std::optional<T> value;
    asio::steady_timer timer;
  };
  std::shared_ptr<State> state_;
};

}  // namespace tusk
