// Coroutines that wait for something to change, without polling.
//
//   bool woken = true;
//   while (!ready() && woken) {
//     woken = co_await changed.WaitUntil(deadline);
//   }
//
// Thread: one loop. Waiting coroutines may outlive this object; destruction wakes them.
#pragma once

#include <list>
#include <memory>

#include "common/base/clock.h"
#include "common/runtime/loop_thread.h"
#include "common/runtime/task.h"

namespace tusk {

class Wakeup {
 public:
  explicit Wakeup(asio::io_context& context);
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;

  // True: notified since the call; false: the time is over, or the coroutine was cancelled.
  Task<bool> WaitUntil(TimePoint deadline);
  void NotifyAll();

 private:
  struct Waiter;
  asio::io_context& context_;
  std::list<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace tusk
