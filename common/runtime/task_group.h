// Owns background coroutines of one loop: nothing runs detached without an owner that can cancel and await it.
//
//   TaskGroup tasks(loop);
//   tasks.Spawn(HeartbeatForever());
//   ...
//   tasks.CancelAndWait();   // from another thread, or co_await tasks.CancelAndJoin() on the loop
//
// A cancelled coroutine sees its pending Asio operation fail with operation_aborted (SleepFor: kCancelled) and must return.
// Thread:   Spawn from any thread (it posts); CancelAndJoin on the loop; CancelAndWait off it. After cancelling, Spawn drops its
// task. Errors:   an exception leaving a spawned coroutine is a bug and ends the process with its message.
#pragma once

#include <memory>

#include "common/runtime/loop_thread.h"

namespace tusk {

class TaskGroup {
 public:
  explicit TaskGroup(LoopThread& loop);
  explicit TaskGroup(asio::io_context& context);
  ~TaskGroup();  // CHECKs that no coroutine is left

  void Spawn(Task<void> task);
  Task<void> CancelAndJoin();
  void CancelAndWait();
  size_t running() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tusk
