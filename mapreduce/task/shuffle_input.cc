#include "mapreduce/task/shuffle_input.h"

#include <algorithm>
#include <map>
#include <optional>
#include <thread>

#include "common/base/random.h"
#include "common/base/try.h"

namespace tusk::mr {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kFailuresBeforeReport = 2;
constexpr std::chrono::milliseconds kEventWait{1000};
constexpr std::chrono::milliseconds kMaxBackoff{5000};

struct Place {
  uint32_t attempt = 0;
  std::string host;
  uint16_t port = 0;
  int failures = 0;
};

struct Host {
  bool busy = false;
  int failures = 0;
  SteadyClock::time_point not_before{};
};

// What is where. Guarded by its mutex; the store has its own.
class Plan {
 public:
  Plan(uint32_t maps, std::chrono::milliseconds backoff) : fetched_(maps, false), backoff_(backoff) {}

  struct Job {
    std::string host;
    uint16_t port = 0;
    std::vector<MapAttempt> maps;
  };

  void Apply(const std::vector<MapEvent>& events) {
    std::lock_guard lock(mutex_);
    for (const MapEvent& event : events) {
      if (event.map >= fetched_.size() || fetched_[event.map]) continue;
      if (event.lost) {
        // An event for an older attempt does not take away a newer one.
        const auto it = places_.find(event.map);
        if (it != places_.end() && it->second.attempt <= event.attempt) places_.erase(it);
      } else {
        places_[event.map] = {event.attempt, event.host, event.shuffle_port, 0};
      }
    }
    changed_.notify_all();
  }

  // The next request for a fetching thread; none: it is over.
  std::optional<Job> Take() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (stopped_ || left_ == 0) return std::nullopt;
      const auto now = SteadyClock::now();
      auto wake = now + kEventWait;
      Job job;
      for (const auto& [map, place] : places_) {
        if (job.maps.empty()) {
          const Host& host = hosts_[{place.host, place.port}];
          if (host.busy) continue;
          if (host.not_before > now) {
            wake = std::min(wake, host.not_before);
            continue;
          }
          job.host = place.host;
          job.port = place.port;
        } else if (place.host != job.host || place.port != job.port) {
          continue;
        }
        job.maps.push_back({map, place.attempt});
        if (job.maps.size() == kMapsPerRequest) break;
      }
      if (!job.maps.empty()) {
        hosts_[{job.host, job.port}].busy = true;
        return job;
      }
      changed_.wait_until(lock, wake);
    }
  }

  void Fetched(const MapAttempt& map) {
    std::lock_guard lock(mutex_);
    if (fetched_[map.map]) return;
    fetched_[map.map] = true;
    --left_;
    places_.erase(map.map);
    changed_.notify_all();
  }
  bool Has(uint32_t map) {
    std::lock_guard lock(mutex_);
    return fetched_[map];
  }

  // True: often enough to tell the JobTracker.
  bool Failed(const MapAttempt& map) {
    std::lock_guard lock(mutex_);
    const auto it = places_.find(map.map);
    if (it == places_.end() || it->second.attempt != map.attempt) return false;
    troubled_ = true;
    changed_.notify_all();
    return ++it->second.failures >= kFailuresBeforeReport;
  }

  void Release(const Job& job, bool failed) {
    std::lock_guard lock(mutex_);
    Host& host = hosts_[{job.host, job.port}];
    host.busy = false;
    if (!failed) {
      host.failures = 0;
    } else {
      auto wait = backoff_ * (1 << std::min(host.failures++, 10));
      wait = std::min<std::chrono::milliseconds>(wait, kMaxBackoff);
      host.not_before = SteadyClock::now() +
                        std::chrono::milliseconds(wait.count() / 2 +
                                                  static_cast<int64_t>(random_.Below(static_cast<uint64_t>(wait.count()) + 1)));
    }
    changed_.notify_all();
  }

  void Stop() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  size_t left() {
    std::lock_guard lock(mutex_);
    return left_;
  }
  void WaitForStop(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [&] { return stopped_ || left_ == 0; });
  }
  bool over() {
    std::lock_guard lock(mutex_);
    return stopped_ || left_ == 0;
  }
  // True when a map has no place, or one that failed: somebody must ask for events. False: it is over. Once every place is known
  // nobody asks, so that no held request keeps a finished reducer waiting.
  bool WaitUntilEventsMatter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || left_ == 0 || places_.size() < left_ || troubled_; });
    return !stopped_ && left_ > 0;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<bool> fetched_;
  size_t left_ = fetched_.size();
  std::map<uint32_t, Place> places_;  // of maps not fetched
  std::map<std::pair<std::string, uint16_t>, Host> hosts_;
  const std::chrono::milliseconds backoff_;
  Random random_{SecureRandom64()};
  bool stopped_ = false;
  bool troubled_ = false;  // a fetch has failed since the beginning
};

class Receiver final : public SegmentReceiver {
 public:
  Receiver(Plan& plan, SegmentStore& store) : plan_(plan), store_(store) {}
  Status Receive(const MapAttempt& map, const SegmentInfo& info, const ReadBytes& read) override {
    if (plan_.Has(map.map)) return Aborted("map " + std::to_string(map.map) + " is here already");
    Status put = store_.Put(map.map, info, read);
    if (put.ok()) {
      plan_.Fetched(map);
    } else {
      refused.emplace_back(map, put);
    }
    return put;
  }
  void Refused(const MapAttempt& map, const Status& why) override { refused.emplace_back(map, why); }

  std::vector<std::pair<MapAttempt, Status>> refused;

 private:
  Plan& plan_;
  SegmentStore& store_;
};

void FetchLoop(const TaskEnvironment& env, Plan& plan, SegmentStore& store, TaskProgress& progress) {
  while (auto job = plan.Take()) {
    Receiver receiver(plan, store);
    const Status status = env.fetcher->Fetch(job->host, job->port, job->maps, receiver);
    progress.Beat();
    if (status.code() == Code::kCancelled) return;
    if (!status.ok() && receiver.refused.empty()) {
      for (const MapAttempt& map : job->maps) {
        if (!plan.Has(map.map)) receiver.refused.emplace_back(map, status);
      }
    }
    for (const auto& [map, why] : receiver.refused) {
      if (plan.Failed(map)) {
        // Told as well as possible: the next failure tells again.
        static_cast<void>(env.umbilical->FetchFailed(
            map.map, map.attempt, "cannot fetch from " + job->host + ":" + std::to_string(job->port) + ": " + why.message()));
      }
    }
    plan.Release(*job, !receiver.refused.empty());
    store.Signal();
  }
  store.Signal();
}

void EventLoop(const TaskEnvironment& env, Plan& plan, std::mutex& error_mutex, Status& error, SegmentStore& store) {
  uint32_t from = 0;
  while (plan.WaitUntilEventsMatter()) {
    auto events = env.umbilical->MapEvents(from, kEventWait);
    if (events.ok()) {
      from += static_cast<uint32_t>(events->size());
      plan.Apply(*events);
    } else if (IsRetryable(events.status().code()) || events.status().code() == Code::kDeadlineExceeded) {
      plan.WaitForStop(std::chrono::milliseconds(100));
    } else {
      std::lock_guard lock(error_mutex);
      error = events.status().WithContext("cannot learn where map output is");
      plan.Stop();
      store.Signal();
    }
  }
}

}  // namespace

Status FetchAll(const TaskEnvironment& env, uint32_t maps, SegmentStore& store, TaskProgress& progress) {
  if (maps == 0) return OkStatus();
  Plan plan(maps, env.fetch_backoff);
  std::mutex error_mutex;
  Status error;
  std::vector<std::thread> threads;
  threads.emplace_back([&] { EventLoop(env, plan, error_mutex, error, store); });
  for (size_t i = 0; i < kFetchers; ++i) threads.emplace_back([&] { FetchLoop(env, plan, store, progress); });

  Status status;
  while (status.ok() && !plan.over() && !progress.killed()) {
    store.Wait([&] { return plan.over(); }, std::chrono::milliseconds(200));
    if (store.NeedsMerge()) status = store.MergeMemory();
    progress.Set(0.33 * static_cast<double>(maps - plan.left()) / maps);
  }
  plan.Stop();
  if (plan.left() > 0) store.Cancel();
  for (auto& thread : threads) thread.join();
  TUSK_TRY(status);
  if (progress.killed()) return Cancelled("the attempt was told to stop");
  std::lock_guard lock(error_mutex);
  return error;
}

}  // namespace tusk::mr
