#include "common/runtime/stall_watchdog.h"

#include <glog/logging.h>
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tusk {
namespace {

int64_t Millis(Duration duration) { return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count(); }

}  // namespace

StallDetector::Event StallDetector::Check(TimePoint now, bool answered) {
  if (!sent_.has_value()) return Event::kNone;
  if (answered) {
    const bool was_stalled = reported_;
    if (was_stalled) lasted_ = now - *sent_;
    sent_.reset();
    reported_ = false;
    return was_stalled ? Event::kRecovered : Event::kNone;
  }
  if (reported_ || now - *sent_ < limit_) return Event::kNone;
  reported_ = true;
  lasted_ = now - *sent_;
  return Event::kStalled;
}

struct StallWatchdog::Impl {
  struct Watched {
    LoopThread* loop;
    StallDetector detector;
    // Shared with the posted beat, which may run after the watchdog has gone.
    std::shared_ptr<std::atomic<bool>> answered = std::make_shared<std::atomic<bool>>(false);
  };

  void Run() {
    pthread_setname_np(pthread_self(), "watchdog");
    std::unique_lock<std::mutex> lock(mutex);
    while (!wake.wait_for(lock, options.interval, [this] { return stopping; })) {
      for (Watched& watched : loops) Look(watched);
    }
  }

  void Look(Watched& watched) {
    const TimePoint now = Clock::System().Now();
    switch (watched.detector.Check(now, watched.answered->load())) {
      case StallDetector::Event::kNone: break;
      case StallDetector::Event::kStalled:
        stalls.fetch_add(1);
        LOG(WARNING) << "the loop \"" << watched.loop->name() << "\" has not come round for " << Millis(watched.detector.lasted())
                     << " ms: something on it blocks";
        if (options.on_stall) options.on_stall(watched.loop->name(), watched.detector.lasted());
        break;
      case StallDetector::Event::kRecovered:
        LOG(WARNING) << "the loop \"" << watched.loop->name() << "\" goes on after " << Millis(watched.detector.lasted())
                     << " ms";
        break;
    }
    if (watched.detector.owes_answer()) return;
    watched.answered->store(false);
    watched.detector.BeatSent(now);
    watched.loop->Post([answered = watched.answered] { answered->store(true); });
  }

  Options options;
  std::vector<Watched> loops;  // the watchdog's thread only
  std::atomic<uint64_t> stalls{0};
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;  // guarded by mutex
  std::thread thread;
};

StallWatchdog::StallWatchdog(std::vector<LoopThread*> loops, Options options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  for (LoopThread* loop : loops) impl_->loops.push_back({loop, StallDetector(impl_->options.limit)});
  impl_->thread = std::thread([impl = impl_.get()] { impl->Run(); });
}

StallWatchdog::~StallWatchdog() { Stop(); }

void StallWatchdog::Stop() {
  {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  if (impl_->thread.joinable()) impl_->thread.join();
}

uint64_t StallWatchdog::stalls() const { return impl_->stalls.load(); }

}  // namespace tusk
