// Owns background coroutines of one loop: nothing runs detached without an owner that can cancel and await it.
//
//   TaskGroup tasks(loop);
//   tasks.Spawn(HeartbeatForever());
//   ...
//   tasks.CancelAndWait();   // from another thread, or co_await tasks.CancelAndJoin() on the loop
//
// A cancelled coroutine sees its pending Asio operation fail with operation_aborted (SleepFor: kCancelled) and must return. If it
// awaits once more instead, Asio throws operation_aborted there, which ends it too; what must happen at the end belongs into
// destructors.
// Thread: Spawn from any thread (it posts); CancelAndJoin on the loop; CancelAndWait off it. After cancelling, Spawn drops its
// task. Errors: any other exception leaving a spawned coroutine is a bug and ends the process with its message. Owner:  whoever
// made it; cancel and await before destroying what the coroutines refer to. On a loop that has stopped there is
//         nothing to await: CancelAndWait returns at once.
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
  LoopThread* loop_ = nullptr;
  std::shared_ptr<State> state_;
};

}  // namespace tusk
