#include "common/runtime/wakeup.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace tusk {

struct Wakeup::Waiter {
  explicit Waiter(asio::io_context& context, TimePoint deadline) : timer(context, deadline) {}
  asio::steady_timer timer;
  bool notified = false;
};

Wakeup::Wakeup(asio::io_context& context) : context_(context) {}

Wakeup::~Wakeup() { NotifyAll(); }

Task<bool> Wakeup::WaitUntil(TimePoint deadline) {
  const auto waiter = std::make_shared<Waiter>(context_, deadline);
  // Weak interest only: a waiter whose time has passed leaves its entry to the next notification.
  waiters_.push_back(waiter);
  boost::system::error_code ignored;
  co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  // Destruction notifies, so an unnotified waiter's list is still there.
  if (!waiter->notified) waiters_.remove(waiter);
  co_return waiter->notified;
}

void Wakeup::NotifyAll() {
  for (const auto& waiter : std::exchange(waiters_, {})) {
    waiter->notified = true;
    waiter->timer.cancel();
  }
}

}  // namespace tusk
