#include "common/runtime/worker_pool.h"

#include <glog/logging.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace tusk {

struct WorkerPool::Impl {
  explicit Impl(Options given) : options(std::move(given)) {}

  void Work() {
    pthread_setname_np(pthread_self(), options.name.substr(0, 15).c_str());
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock<std::mutex> lock(mutex);
        not_empty.wait(lock, [this] { return !queue.empty() || stopped; });
        if (queue.empty()) return;
        job = std::move(queue.front());
        queue.pop_front();
      }
      not_full.notify_one();
      job();
    }
  }

  // The lock is held and there is room.
  void Push(std::function<void()> job) {
    queue.push_back(std::move(job));
    not_empty.notify_one();
  }

  const Options options;
  std::mutex mutex;
  std::condition_variable not_empty;
  std::condition_variable not_full;
  std::deque<std::function<void()>> queue;  // guarded by mutex
  bool stopped = false;                     // guarded by mutex
  std::mutex stop_mutex;                    // serialises Stop()
  std::vector<std::thread> threads;
};

WorkerPool::WorkerPool(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {
  const size_t threads = std::max<size_t>(1, impl_->options.threads);
  impl_->threads.reserve(threads);
  for (size_t i = 0; i < threads; ++i) impl_->threads.emplace_back([impl = impl_.get()] { impl->Work(); });
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::Submit(std::function<void()> job) {
  std::unique_lock<std::mutex> lock(impl_->mutex);
  impl_->not_full.wait(lock, [this] { return impl_->stopped || impl_->queue.size() < impl_->options.queue_limit; });
  if (impl_->stopped) return false;
  impl_->Push(std::move(job));
  return true;
}

bool WorkerPool::TrySubmit(std::function<void()> job) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->stopped || impl_->queue.size() >= impl_->options.queue_limit) return false;
  impl_->Push(std::move(job));
  return true;
}

void WorkerPool::Stop() {
  const std::lock_guard<std::mutex> stop_lock(impl_->stop_mutex);
  {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    impl_->stopped = true;
  }
  impl_->not_empty.notify_all();
  impl_->not_full.notify_all();
  for (auto& thread : impl_->threads) {
    CHECK(thread.get_id() != std::this_thread::get_id()) << "a job of the pool \"" << impl_->options.name << "\" cannot stop it";
    thread.join();
  }
  impl_->threads.clear();
}

Task<bool> WorkerPool::Execute(std::function<void()> job) {
  // The job refers to the frame of the coroutine that awaits it, so this wait ends only with the job: cancelling does not cut it.
  std::exception_ptr error;
  const bool accepted = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
      [this, &job, &error](auto handler) {
        const auto executor = asio::get_associated_executor(handler);
        const auto resume = std::make_shared<decltype(handler)>(std::move(handler));
        const bool queued = TrySubmit([&job, &error, executor, resume, work = asio::make_work_guard(executor)] {
          try {
            job();
          } catch (...) {
            error = std::current_exception();
          }
          asio::post(executor, [resume] { std::move (*resume)(true); });
        });
        if (!queued) asio::post(executor, [resume] { std::move (*resume)(false); });
      },
      asio::use_awaitable);
  if (error) std::rethrow_exception(error);
  co_return accepted;
}

}  // namespace tusk
