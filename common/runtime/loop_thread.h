// One event loop on one thread. State that belongs to a loop is touched only there and needs no mutex.
//
// Thread:   Post, RunBlocking, CallBlocking and Stop may be called from any thread; the last three never from the loop's own (it
//           would wait for itself).
// Shutdown: Stop() lets posted work that is already queued run, then joins. Coroutines must have ended before (see TaskGroup):
//           those still suspended never run again and are destroyed with the loop. A thread blocked in RunBlocking is woken then:
//           a Task of Status or Result answers kCancelled, any other throws std::future_error (broken_promise).
// Owner:    whoever made it; everything that uses the loop ends before it.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/runtime/gate.h"
#include "common/runtime/task.h"

namespace tusk {

class LoopThread {
 public:
  explicit LoopThread(std::string name);  // the thread's name in ps and gdb: at most 15 bytes are shown
  ~LoopThread();                          // Stop()
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  asio::io_context& context() { return context_; }
  const std::string& name() const { return name_; }
  bool InLoop() const { return work_.get_executor().running_in_this_thread(); }

  void Post(std::function<void()> work) { asio::post(context_, std::move(work)); }

  // Runs the coroutine on the loop and waits for its value; exceptions propagate.
  template <class T>
  T RunBlocking(Task<T> task) {
    Outcome<T> outcome;
    Wait wait(*this);
    asio::co_spawn(context_, Capture(std::move(task), &outcome), [&wait](const std::exception_ptr&) { wait.Done(); });
    if (!wait.Await()) return Abandoned<T>();
    if (outcome.error) std::rethrow_exception(outcome.error);
    if constexpr (!std::is_void_v<T>) return std::move(*outcome.value);
  }

  // Runs a plain function on the loop and waits for its value; on a loop that has stopped, runs it here: nothing else touches the
  // loop's state any more.
  template <class F>
  auto CallBlocking(F function) -> std::invoke_result_t<F> {
    std::packaged_task<std::invoke_result_t<F>()> packaged(std::move(function));
    auto result = packaged.get_future();
    Wait wait(*this);
    asio::post(context_, [&packaged, &wait] {
      packaged();
      wait.Done();
    });
    if (!wait.Await()) packaged();
    return result.get();
  }

  void Stop();

 private:
  // One thread's wait for the loop, ended by Done() or by the end of the loop.
  class Wait {
   public:
    explicit Wait(LoopThread& loop);
    ~Wait();
    void Done() { gate_.Open(End::kDone); }               // on the loop
    bool Await() { return gate_.Await() == End::kDone; }  // false: the loop has stopped and Done() will never come

   private:
    friend class LoopThread;
    enum class End : uint32_t { kDone = 1, kAbandoned };
    LoopThread& loop_;
    Gate<End> gate_;
  };

  template <class T>
  struct Outcome {
    std::optional<T> value;
    std::exception_ptr error;
  };

  // co_spawn would need a default value of T for the case of an exception; a Result has none.
  template <class T>
  static Task<void> Capture(Task<T> task, Outcome<T>* outcome) {
    try {
      outcome->value.emplace(co_await std::move(task));
    } catch (...) {
      outcome->error = std::current_exception();
    }
  }
  static Task<void> Capture(Task<void> task, Outcome<void>* outcome);

  template <class T>
  T Abandoned() const {
    if constexpr (std::is_constructible_v<T, Status>) {
      return T(Cancelled("the loop \"" + name_ + "\" has stopped"));
    } else {
      throw std::future_error(std::future_errc::broken_promise);
    }
  }

  void Run();

  const std::string name_;
  asio::io_context context_{1};  // one thread: Asio skips its locks where it can
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::mutex waits_mutex_;
  std::vector<Wait*> waits_;  // guarded by waits_mutex_
  bool ended_ = false;        // guarded by waits_mutex_: the loop runs nothing any more
  std::mutex stop_mutex_;     // serialises Stop()
  std::thread thread_;
};

template <>
struct LoopThread::Outcome<void> {
  std::exception_ptr error;
};

// Suspends the calling coroutine; returns early (kCancelled) when its TaskGroup is cancelled.
Task<Status> SleepFor(std::chrono::nanoseconds duration);

}  // namespace tusk
