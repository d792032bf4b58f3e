#include "common/runtime/task_group.h"

#include <glog/logging.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <list>

namespace tusk {

// Shared with the completion handlers, so that the last one may still run while the group is being destroyed.
struct TaskGroup::State {
  explicit State(asio::io_context& loop_context) : context(loop_context), all_ended(loop_context) {
    all_ended.expires_at(asio::steady_timer::time_point::max());
  }

  void Ended() {
    if (running.fetch_sub(1) == 1) all_ended.cancel();
  }

  asio::io_context& context;
  std::atomic<size_t> running{0};  // spawned and not ended, whether it has started or not
  // The rest belongs to the loop.
  bool cancelled = false;
  std::list<asio::cancellation_signal> signals;  // one for each started coroutine; a list: their addresses stay
  asio::steady_timer all_ended;                  // cancelled when `running` falls to 0: wakes CancelAndJoin
};

namespace {

// An exception is a bug, except the one Asio throws into a cancelled coroutine that awaits once more.
void CheckEnd(const std::exception_ptr& error, bool cancelled) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& thrown) {
    if (cancelled && thrown.code() == asio::error::operation_aborted) return;
    LOG(FATAL) << "an exception left a background coroutine: " << thrown.what();
  } catch (const std::exception& thrown) {
    LOG(FATAL) << "an exception left a background coroutine: " << thrown.what();
  }
}

}  // namespace

TaskGroup::TaskGroup(LoopThread& loop) : TaskGroup(loop.context()) { loop_ = &loop; }
TaskGroup::TaskGroup(asio::io_context& context) : state_(std::make_shared<State>(context)) {}

TaskGroup::~TaskGroup() {
  // On a loop that has stopped nothing can end any more; the loop destroys what is left.
  CHECK(running() == 0 || state_->context.stopped())
      << running() << " background coroutines still run; call CancelAndWait() or co_await CancelAndJoin() first";
}

void TaskGroup::Spawn(Task<void> task) {
  state_->running.fetch_add(1);
  asio::post(state_->context, [state = state_, task = std::move(task)]() mutable {
    if (state->cancelled) {
      { const Task<void> dropped(std::move(task)); }  // assigning an empty one would leak it (Boost 1.81)
      state->Ended();
      return;
    }
    const auto signal = state->signals.emplace(state->signals.end());
    asio::co_spawn(state->context, std::move(task),
                   asio::bind_cancellation_slot(signal->slot(), [state, signal](const std::exception_ptr& error) {
                     CheckEnd(error, state->cancelled);
                     // Not erased here: this handler may run inside the signal's own emit.
                     asio::post(state->context, [state, signal] {
                       state->signals.erase(signal);
                       state->Ended();
                     });
                   }));
  });
}

Task<void> TaskGroup::CancelAndJoin() {
  const auto state = state_;
  state->cancelled = true;
  for (auto& signal : state->signals) signal.emit(asio::cancellation_type::terminal);
  while (state->running.load() > 0) {
    co_await state->all_ended.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void TaskGroup::CancelAndWait() {
  if (state_->context.stopped()) return;
  CHECK(!state_->context.get_executor().running_in_this_thread()) << "on the loop, co_await CancelAndJoin() instead";
  try {
    if (loop_ != nullptr) {
      loop_->RunBlocking(CancelAndJoin());
    } else {
      asio::co_spawn(state_->context, CancelAndJoin(), asio::use_future).get();
    }
  } catch (const std::future_error&) {
    // The loop stopped meanwhile: nothing of the group runs any more.
  }
}

size_t TaskGroup::running() const { return state_->running.load(); }

}  // namespace tusk
