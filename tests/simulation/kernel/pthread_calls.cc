// Threads, mutexes, conditions and once-flags of the simulated machines: these definitions take the place of the C library's for
// the whole program, libraries too. A mutex stays a real one, taken by trying; who cannot have it waits in the scheduler.
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

#include "tests/simulation/kernel/real_call.h"
#include "tests/simulation/kernel/scheduler.h"
#include "tests/simulation/kernel/simulated_time.h"

using tusk::sim::kNever;
using tusk::sim::Nanos;
using tusk::sim::Scheduler;
using tusk::sim::Thread;

namespace {

constexpr uint64_t kPreemptOneIn = 24;

int WaitForCondition(pthread_cond_t* condition, pthread_mutex_t* mutex, Nanos deadline) {
  pthread_mutex_unlock(mutex);
  const bool woken = Scheduler::Get().Block(condition, deadline);
  pthread_mutex_lock(mutex);
  return woken ? 0 : ETIMEDOUT;
}

}  // namespace

extern "C" {

int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  SIM_REAL_(pthread_create);
  if (!Scheduler::active()) return real(handle, attributes, start, argument);
  Scheduler& scheduler = Scheduler::Get();
  Thread* thread = scheduler.Spawn(scheduler.node(), "thread", [start, argument] { start(argument); });
  *handle = thread->fiber->handle();
  return 0;
}

int pthread_join(pthread_t handle, void** result) {
  SIM_REAL_(pthread_join);
  if (!Scheduler::active()) return real(handle, result);
  Thread* thread = Scheduler::Get().Find(handle);
  if (thread == nullptr) return ESRCH;
  while (!thread->finished) Scheduler::Get().Block(thread);
  thread->joined = true;
  if (result != nullptr) *result = nullptr;
  return 0;
}

int pthread_detach(pthread_t handle) {
  SIM_REAL_(pthread_detach);
  if (!Scheduler::active()) return real(handle);
  if (Thread* thread = Scheduler::Get().Find(handle)) thread->detached = true;
  return 0;
}

int pthread_setname_np(pthread_t handle, const char* name) {
  SIM_REAL_(pthread_setname_np);
  if (!Scheduler::active()) return real(handle, name);
  if (Thread* thread = Scheduler::Get().Find(handle)) thread->name = name;
  return 0;
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  SIM_REAL_(pthread_mutex_lock);
  if (!Scheduler::active()) return real(mutex);
  Scheduler& scheduler = Scheduler::Get();
  scheduler.Preempt(kPreemptOneIn);
  for (;;) {
    const int error = pthread_mutex_trylock(mutex);
    if (error != EBUSY) return error;
    scheduler.Block(mutex);
  }
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  SIM_REAL_(pthread_mutex_trylock);
  const int error = real(mutex);
  if (error == 0 && Scheduler::active()) ++Scheduler::Get().self().locks;
  return error;
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  SIM_REAL_(pthread_mutex_unlock);
  const int error = real(mutex);
  if (!Scheduler::active()) return error;
  Scheduler& scheduler = Scheduler::Get();
  if (scheduler.self().locks > 0) --scheduler.self().locks;
  scheduler.Wake(mutex);
  return error;
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  SIM_REAL_(pthread_rwlock_rdlock);
  if (!Scheduler::active()) return real(lock);
  for (;;) {
    const int error = pthread_rwlock_tryrdlock(lock);
    if (error != EBUSY) return ++Scheduler::Get().self().locks, error;
    Scheduler::Get().Block(lock);
  }
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  SIM_REAL_(pthread_rwlock_wrlock);
  if (!Scheduler::active()) return real(lock);
  for (;;) {
    const int error = pthread_rwlock_trywrlock(lock);
    if (error != EBUSY) return ++Scheduler::Get().self().locks, error;
    Scheduler::Get().Block(lock);
  }
}

int pthread_rwlock_unlock(pthread_rwlock_t* lock) noexcept {
  SIM_REAL_(pthread_rwlock_unlock);
  const int error = real(lock);
  if (!Scheduler::active()) return error;
  Scheduler& scheduler = Scheduler::Get();
  if (scheduler.self().locks > 0) --scheduler.self().locks;
  scheduler.Wake(lock);
  return error;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  static const auto real = tusk::sim::RealCall("pthread_cond_wait", &::pthread_cond_wait, "GLIBC_2.3.2");
  if (!Scheduler::active()) return real(condition, mutex);
  return WaitForCondition(condition, mutex, kNever);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  static const auto real = tusk::sim::RealCall("pthread_cond_timedwait", &::pthread_cond_timedwait, "GLIBC_2.3.2");
  if (!Scheduler::active()) return real(condition, mutex, until);
  return WaitForCondition(condition, mutex, tusk::sim::FromTimespec(*until));
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  SIM_REAL_(pthread_cond_clockwait);
  if (!Scheduler::active()) return real(condition, mutex, clock, until);
  return WaitForCondition(condition, mutex, tusk::sim::FromTimespec(*until));
}

int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  static const auto real = tusk::sim::RealCall("pthread_cond_signal", &::pthread_cond_signal, "GLIBC_2.3.2");
  if (!Scheduler::active()) return real(condition);
  Scheduler::Get().Wake(condition, 1);
  return 0;
}

int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  static const auto real = tusk::sim::RealCall("pthread_cond_broadcast", &::pthread_cond_broadcast, "GLIBC_2.3.2");
  if (!Scheduler::active()) return real(condition);
  Scheduler::Get().Wake(condition);
  return 0;
}

// The C library's states: 0 not begun, 2 done; 1 is ours: running.
int pthread_once(pthread_once_t* once, void (*initialise)()) {
  SIM_REAL_(pthread_once);
  if (!Scheduler::active()) return real(once, initialise);
  while (*once == 1) Scheduler::Get().Block(once);
  if (*once == 2) return 0;
  *once = 1;
  initialise();
  *once = 2;
  Scheduler::Get().Wake(once);
  return 0;
}

// std::future and std::atomic wait here.
long syscall(long number, ...) noexcept {
  SIM_REAL_(syscall);
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  if (number != SYS_futex || !Scheduler::active()) {
    return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
  }
  auto* word = reinterpret_cast<uint32_t*>(arguments[0]);
  const long operation = arguments[1] & FUTEX_CMD_MASK;
  if (operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET) {
    if (*word != static_cast<uint32_t>(arguments[2])) {
      errno = EAGAIN;
      return -1;
    }
    const auto* time = reinterpret_cast<const timespec*>(arguments[3]);
    Nanos deadline = kNever;
    if (time != nullptr) {
      deadline = operation == FUTEX_WAIT ? Scheduler::Get().now() + time->tv_sec * tusk::sim::kSecond + time->tv_nsec
                                         : tusk::sim::FromTimespec(*time);
    }
    if (Scheduler::Get().Block(word, deadline)) return 0;
    errno = ETIMEDOUT;
    return -1;
  }
  Scheduler::Get().Wake(word, static_cast<size_t>(arguments[2]));
  return 0;
}

}  // extern "C"
