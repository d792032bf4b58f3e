// One event loop on one thread. State that belongs to a loop is touched only there and needs no mutex.
//
// Thread:   Post, RunBlocking and Stop may be called from any thread; RunBlocking never from a loop thread (it would wait for
// itself). Shutdown: Stop() lets posted work that is already queued run, then joins. Coroutines must have ended before (see
// TaskGroup):
//           the destructor CHECKs that it is not on its own thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>

#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/runtime/task.h"

namespace tusk {

class LoopThread {
 public:
  explicit LoopThread(std::string name);  // the thread's name in ps and gdb: at most 15 bytes are shown
  ~LoopThread();                          // Stop()
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  asio::io_context& context() { return context_; }
  bool InLoop() const { return std::this_thread::get_id() == thread_.get_id(); }

  void Post(std::function<void()> work) { asio::post(context_, std::move(work)); }

  // Runs the coroutine on the loop and waits for its value; exceptions propagate.
  template <class T>
  T RunBlocking(Task<T> task) {
    return asio::co_spawn(context_, std::move(task), asio::use_future).get();
  }

  // Runs a plain function on the loop and waits for its value.
  template <class F>
  auto CallBlocking(F function) -> std::invoke_result_t<F> {
    std::packaged_task<std::invoke_result_t<F>()> packaged(std::move(function));
    auto result = packaged.get_future();
    asio::post(context_, [&packaged] { packaged(); });
    return result.get();
  }

  void Stop();

 private:
  std::string name_;
  asio::io_context context_{1};  // one thread: Asio skips its locks where it can
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

// Suspends the calling coroutine; returns early (kCancelled) when its TaskGroup is cancelled.
Task<Status> SleepFor(std::chrono::nanoseconds duration);

}  // namespace tusk
