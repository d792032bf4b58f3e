// Runs every thread of the simulated machines, one at a time, in an order and at times that follow from a seed alone.
//
// A thread runs until it blocks (a mutex, a condition, a socket, a sleep) or is preempted at a blocking call that would not have
// blocked. Then the next one is drawn from those that can run. When none can, the simulated time jumps to the next event: a
// deadline, or the arrival of bytes. Nobody can run and nothing will happen: the simulation ends with a report of who waits.
// Threads belong to nodes; a node can be killed, and its threads never run again.
// Thread: the one of the simulation. Owner: one for each process; it lives until the process ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/random.h"
#include "tests/simulation/kernel/fiber.h"

namespace tusk::sim {

using Nanos = int64_t;  // of simulated time
inline constexpr Nanos kNever = INT64_MAX;
inline constexpr Nanos kMicro = 1000;
inline constexpr Nanos kMilli = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;
inline constexpr Nanos kEpoch = 1000 * kSecond;  // where the monotonic clock begins

struct Thread {
  std::unique_ptr<Fiber> fiber;
  int node = 0;
  std::string name;
  std::function<void()> work;
  bool idle = false;  // waits for work of its own kind: a finished thread
  bool detached = false;
  bool finished = false;
  bool joined = false;
  bool dead = false;  // its node was killed
  bool blocked = false;
  bool woken = false;  // the end of the last wait: by Wake, not by time
  uint64_t wait = 0;   // counts waits: an old deadline means nothing
  uint32_t locks = 0;  // mutexes held
  std::vector<const void*> keys;
  void* result = nullptr;
};

class Scheduler {
 public:
  // The caller becomes the first thread, of node 0, which is never killed.
  static void Start(uint64_t seed);
  // Before a fork: this many threads will be at hand in the process forked.
  static void Prepare(size_t threads);
  size_t threads() const { return threads_.size(); }
  static bool active() { return active_; }
  static Scheduler& Get() { return *instance_; }

  Nanos now() const { return now_; }
  Random& random() { return random_; }
  Thread& self() { return *current_; }
  int node() const { return current_->node; }
  uint64_t steps() const { return steps_; }
  uint64_t digest() const { return digest_; }  // of all choices: equal runs have equal ones

  Thread* Spawn(int node, std::string name, std::function<void()> work);
  Thread* Find(pthread_t handle) const;
  // Waits for Wake of one of the keys: true; false when the time has come first.
  bool Block(std::span<const void* const> keys, Nanos deadline = kNever);
  bool Block(const void* key, Nanos deadline = kNever) { return Block(std::span(&key, 1), deadline); }
  void Wake(const void* key, size_t most = SIZE_MAX);
  void Sleep(Nanos duration) { Block(std::span<const void* const>(), now_ + duration); }
  // Lets others run if the seed says so and the thread holds no mutex: a thread that is killed there hinders nobody.
  void Preempt(uint64_t one_in);
  // The event runs between two turns, on the stack of whichever thread ended its turn: it must not wait.
  void At(Nanos time, std::function<void()> event);
  // The threads of the node never run again; if the caller is one of them, this does not return.
  void Kill(int node);

  std::function<void(const std::string& report)> on_deadlock;

 private:
  explicit Scheduler(uint64_t seed);
  static void FiberBody();
  void SwitchToNext();
  void EndThread();  // of the current thread, whose kernel thread serves another one later
  void RunDueEvents();
  Thread* Next();
  void Ready(Thread* thread, bool woken);
  void StopWaiting(Thread* thread);

  struct Event {
    Nanos time = 0;
    uint64_t order = 0;
    Thread* thread = nullptr;  // its wait ends; null: `what` runs
    uint64_t wait = 0;
    std::function<void()> what;
    bool operator<(const Event& other) const { return time != other.time ? time > other.time : order > other.order; }
  };

  static bool active_;
  static Scheduler* instance_;
  Random random_;
  Nanos now_ = kEpoch;
  uint64_t steps_ = 0;
  uint64_t digest_ = 0;
  uint64_t order_ = 0;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::vector<Thread*> free_;
  std::vector<Thread*> ready_;
  std::unordered_map<const void*, std::vector<Thread*>> waiting_;
  std::priority_queue<Event> events_;
  Thread* current_ = nullptr;
  bool in_event_ = false;
};

}  // namespace tusk::sim
