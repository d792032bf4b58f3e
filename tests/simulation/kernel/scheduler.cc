#include "tests/simulation/kernel/scheduler.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace tusk::sim {
namespace {

constexpr Nanos kStep = 2 * kMicro;  // what a turn of a thread takes

}  // namespace

bool Scheduler::active_ = false;
Scheduler* Scheduler::instance_ = nullptr;

Scheduler::Scheduler(uint64_t seed) : random_(seed) {}

void Scheduler::Prepare(size_t threads) { Fiber::Prepare(threads, &Scheduler::FiberBody); }

void Scheduler::Start(uint64_t seed) {
  instance_ = new Scheduler(seed);
  auto first = std::make_unique<Thread>();
  first->fiber = std::make_unique<Fiber>();
  first->name = "first";
  instance_->current_ = first.get();
  instance_->threads_.push_back(std::move(first));
  active_ = true;
}

Thread* Scheduler::Spawn(int node, std::string name, std::function<void()> work) {
  Thread* thread = nullptr;
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    if (!(*it)->detached && !(*it)->joined) continue;
    thread = *it;
    free_.erase(it);
    break;
  }
  if (thread == nullptr) {
    threads_.push_back(std::make_unique<Thread>());
    thread = threads_.back().get();
    thread->fiber = Fiber::Make(&Scheduler::FiberBody);
  }
  thread->node = node;
  thread->name = std::move(name);
  thread->work = std::move(work);
  thread->detached = thread->finished = thread->joined = false;
  thread->result = nullptr;
  thread->locks = 0;
  thread->blocked = true;
  Ready(thread, true);
  return thread;
}

Thread* Scheduler::Find(pthread_t handle) const {
  for (const auto& thread : threads_) {
    if (pthread_equal(thread->fiber->handle(), handle) != 0) return thread.get();
  }
  return nullptr;
}

void Scheduler::FiberBody() {
  for (;;) {
    Thread& self = Get().self();
    self.work();
    Get().EndThread();
  }
}

void Scheduler::EndThread() {
  Thread& self = *current_;
  self.work = nullptr;
  self.finished = true;
  self.blocked = true;
  ++self.wait;  // a deadline of an earlier wait must not begin it again
  Wake(&self);
  if (!self.dead) free_.push_back(&self);
  SwitchToNext();  // returns when Spawn has given it new work
}

bool Scheduler::Block(std::span<const void* const> keys, Nanos deadline) {
  if (in_event_) {
    std::fprintf(stderr, "an event of the simulation wants to wait\n");
    std::abort();
  }
  Thread& self = *current_;
  if (deadline <= now_) {
    Preempt(2);
    return false;
  }
  ++self.wait;
  self.blocked = true;
  self.woken = false;
  self.keys.assign(keys.begin(), keys.end());
  for (const void* key : keys) waiting_[key].push_back(&self);
  if (deadline != kNever) events_.push(Event{deadline, ++order_, &self, self.wait, {}});
  SwitchToNext();
  return self.woken;
}

void Scheduler::Ready(Thread* thread, bool woken) {
  if (!thread->blocked || thread->dead) return;
  thread->blocked = false;
  thread->woken = woken;
  StopWaiting(thread);
  ready_.push_back(thread);
}

void Scheduler::StopWaiting(Thread* thread) {
  for (const void* key : thread->keys) {
    const auto found = waiting_.find(key);
    if (found == waiting_.end()) continue;
    std::erase(found->second, thread);
    if (found->second.empty()) waiting_.erase(found);
  }
  thread->keys.clear();
}

void Scheduler::Wake(const void* key, size_t most) {
  for (; most > 0; --most) {
    const auto found = waiting_.find(key);
    if (found == waiting_.end()) return;
    Ready(found->second[random_.Below(found->second.size())], true);
  }
}

void Scheduler::Preempt(uint64_t one_in) {
  if (in_event_ || current_->locks > 0 || !random_.OneIn(one_in)) return;
  ++current_->wait;
  current_->blocked = true;
  Ready(current_, true);
  SwitchToNext();
}

void Scheduler::At(Nanos time, std::function<void()> event) {
  events_.push(Event{std::max(time, now_), ++order_, nullptr, 0, std::move(event)});
}

void Scheduler::RunDueEvents() {
  while (!events_.empty() && events_.top().time <= now_) {
    Event event = std::move(const_cast<Event&>(events_.top()));
    events_.pop();
    if (event.thread == nullptr) {
      in_event_ = true;
      event.what();
      in_event_ = false;
    } else if (event.thread->wait == event.wait) {
      Ready(event.thread, false);
    }
  }
}

Thread* Scheduler::Next() {
  for (;;) {
    RunDueEvents();
    if (!ready_.empty()) {
      const size_t pick = random_.Below(ready_.size());
      Thread* next = ready_[pick];
      ready_[pick] = ready_.back();
      ready_.pop_back();
      if (next->dead) continue;
      return next;
    }
    if (events_.empty()) {
      std::string report = "every thread waits and nothing will happen:";
      for (const auto& thread : threads_) {
        if (!thread->finished && !thread->dead) report += " " + std::to_string(thread->node) + "/" + thread->name;
      }
      active_ = false;
      if (on_deadlock) on_deadlock(report);
      std::fprintf(stderr, "%s\n", report.c_str());
      std::_Exit(3);
    }
    now_ = std::max(now_, events_.top().time);
  }
}

void Scheduler::SwitchToNext() {
  Thread& self = *current_;
  now_ += kStep;
  Thread* next = Next();
  ++steps_;
  digest_ = (digest_ ^ static_cast<uint64_t>(now_) ^ static_cast<uint64_t>(next->node)) * 0x9E3779B97F4A7C15;
  if (next == &self) return;
  current_ = next;
  Fiber::Switch(*self.fiber, *next->fiber);
}

void Scheduler::Kill(int node) {
  bool suicide = false;
  for (const auto& thread : threads_) {
    if (thread->node != node || thread->finished || thread->dead) continue;
    StopWaiting(thread.get());
    thread->dead = true;
    suicide = suicide || thread.get() == current_;
  }
  if (!suicide) return;
  current_->blocked = true;
  SwitchToNext();
  std::abort();
}

}  // namespace tusk::sim
