// Threads for work that blocks: fsync, block files, LevelDB misses, sorting, compression.
//
// Bounded: at most `queue_limit` jobs wait; Submit blocks the caller, TrySubmit answers false, Run answers kResourceExhausted.
// Thread:   all methods from any thread. Run's continuation resumes on the executor of the coroutine that awaited it.
// Shutdown: Stop() runs what is queued, then joins; later submissions are refused.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/runtime/task.h"

namespace tusk {

class WorkerPool {
 public:
  struct Options {
    std::string name = "worker";
    size_t threads = 2;
    size_t queue_limit = 1024;
  };
  explicit WorkerPool(Options options);
  ~WorkerPool();

  bool Submit(std::function<void()> job);     // false only after Stop
  bool TrySubmit(std::function<void()> job);  // false when full or stopped
  void Stop();

  // co_await pool.Run([&] { return file.Sync(); }): F returns Status or Result<T>, so does this.
  template <class F>
  Task<std::invoke_result_t<F>> Run(F function) {
    std::optional<std::invoke_result_t<F>> result;
    const bool accepted = co_await Execute([&] { result.emplace(function()); });
    if (!accepted) co_return ResourceExhausted("the worker pool is full or stopped; try again later");
    co_return std::move(*result);
  }

 private:
  Task<bool> Execute(std::function<void()> job);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tusk
