// A thread of the program under simulation: a stack and thread-local storage of its own, but run by whoever switches to it.
//
// Each fiber is born as a kernel thread, because only the C library can lay out thread-local storage. That thread ends at once,
// unknown to the C library; its registers and its FS base (the address of its thread-local storage) are then entered from the
// one thread that runs. A switch costs tens of nanoseconds, and nothing but the scheduler decides who runs next. To make one
// costs tens of microseconds: a process that forks many simulations prepares them once. Needs: x86-64 with FSGSBASE
// (Linux 5.9 or newer). Thread: the one that runs the simulation. Owner: the scheduler; fibers live until the process ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <pthread.h>

namespace tusk::sim {

class Fiber {
 public:
  // The calling thread itself.
  Fiber();
  // A new one that runs `body`, which never returns, at the first switch to it.
  explicit Fiber(void (*body)());
  // Makes `count` of them that run `body`, so that the processes forked (with _Fork) from this one find them ready.
  static void Prepare(size_t count, void (*body)());
  // A prepared one if there is one, else a new one.
  static std::unique_ptr<Fiber> Make(void (*body)());
  Fiber(const Fiber&) = delete;

  pthread_t handle() const { return handle_; }
  static void Switch(Fiber& from, Fiber& to);

 private:
  static void* Enter(void* self);

  void* stack_pointer_ = nullptr;
  uint64_t thread_pointer_ = 0;
  pthread_t handle_{};
  void (*body_)() = nullptr;
  uint32_t alive_ = 1;  // its kernel thread
};

}  // namespace tusk::sim
