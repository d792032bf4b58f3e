#include "common/runtime/loop_thread.h"

#include <glog/logging.h>
#include <pthread.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

namespace tusk {

LoopThread::LoopThread(std::string name)
    : name_(std::move(name)), work_(asio::make_work_guard(context_)), thread_([this] { Run(); }) {}

LoopThread::~LoopThread() { Stop(); }

void LoopThread::Run() {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  try {
    context_.run();
    // Stopped: what is ready still runs, what waits for a timer or a socket does not. The bound is for work that posts itself.
    context_.restart();
    for (int round = 0; round < 1000 && context_.poll() > 0; ++round) context_.restart();
  } catch (const std::exception& error) {
    LOG(FATAL) << "an exception left a handler of the loop \"" << name_ << "\": " << error.what();
  }
  context_.stop();
}

void LoopThread::Stop() {
  CHECK(!InLoop()) << "the loop \"" << name_ << "\" cannot stop itself: it would wait for its own thread";
  const std::lock_guard<std::mutex> stop_lock(stop_mutex_);
  if (!thread_.joinable()) return;
  asio::post(context_, [this] { context_.stop(); });
  thread_.join();
  const std::lock_guard<std::mutex> lock(waits_mutex_);
  ended_ = true;
  for (Wait* wait : waits_) wait->gate_.Open(Wait::End::kAbandoned);
}

Task<void> LoopThread::Capture(Task<void> task, Outcome<void>* outcome) {
  try {
    co_await std::move(task);
  } catch (...) {
    outcome->error = std::current_exception();
  }
}

LoopThread::Wait::Wait(LoopThread& loop) : loop_(loop) {
  CHECK(!loop.InLoop()) << "a blocking call on the loop \"" << loop.name_ << "\" itself would wait for ever; co_await instead";
  const std::lock_guard<std::mutex> lock(loop_.waits_mutex_);
  loop_.waits_.push_back(this);
  if (loop_.ended_) gate_.Open(End::kAbandoned);
}

LoopThread::Wait::~Wait() {
  const std::lock_guard<std::mutex> lock(loop_.waits_mutex_);
  std::erase(loop_.waits_, this);
}

Task<Status> SleepFor(std::chrono::nanoseconds duration) {
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != asio::cancellation_type::none) co_return Cancelled("cancelled before the wait began");
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (error) co_return Cancelled("the wait was cancelled");
  co_return OkStatus();
}

}  // namespace tusk
