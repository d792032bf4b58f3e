// Clocks, sleeps and random numbers of the simulated machines, in place of the C library's.
#include <sys/random.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/simulation/kernel/real_call.h"
#include "tests/simulation/kernel/simulated_time.h"

using tusk::sim::kMicro;
using tusk::sim::kSecond;
using tusk::sim::kWallOffset;
using tusk::sim::Nanos;
using tusk::sim::Scheduler;

namespace {

bool IsWall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI; }

timespec ToTimespec(Nanos nanos) {
  timespec result{};
  result.tv_sec = nanos / kSecond;
  result.tv_nsec = nanos % kSecond;
  return result;
}

void FillRandom(void* buffer, size_t bytes) {
  auto* out = static_cast<unsigned char*>(buffer);
  for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<unsigned char>(Scheduler::Get().random()());
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  SIM_REAL_(clock_gettime);
  if (!Scheduler::active()) return real(clock, time);
  const Nanos now = Scheduler::Get().now();
  *time = ToTimespec(IsWall(clock) ? now + kWallOffset : now);
  return 0;
}

int gettimeofday(timeval* __restrict time, void* __restrict zone) noexcept {
  SIM_REAL_(gettimeofday);
  if (!Scheduler::active()) return real(time, zone);
  const Nanos now = Scheduler::Get().now() + kWallOffset;
  time->tv_sec = now / kSecond;
  time->tv_usec = now % kSecond / kMicro;
  return 0;
}

time_t time(time_t* out) noexcept {
  SIM_REAL_(time);
  if (!Scheduler::active()) return real(out);
  const time_t now = (Scheduler::Get().now() + kWallOffset) / kSecond;
  if (out != nullptr) *out = now;
  return now;
}

int nanosleep(const timespec* duration, timespec* left) {
  SIM_REAL_(nanosleep);
  if (!Scheduler::active()) return real(duration, left);
  Scheduler::Get().Sleep(duration->tv_sec * kSecond + duration->tv_nsec);
  return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  SIM_REAL_(clock_nanosleep);
  if (!Scheduler::active()) return real(clock, flags, time, left);
  const bool absolute = (flags & TIMER_ABSTIME) != 0;
  const Nanos now = Scheduler::Get().now();
  Scheduler::Get().Sleep(absolute ? tusk::sim::FromTimespec(*time) - now : time->tv_sec * kSecond + time->tv_nsec);
  return 0;
}

int usleep(useconds_t micros) {
  SIM_REAL_(usleep);
  if (!Scheduler::active()) return real(micros);
  Scheduler::Get().Sleep(micros * kMicro);
  return 0;
}

ssize_t getrandom(void* buffer, size_t bytes, unsigned flags) {
  SIM_REAL_(getrandom);
  if (!Scheduler::active()) return real(buffer, bytes, flags);
  FillRandom(buffer, bytes);
  return static_cast<ssize_t>(bytes);
}

int getentropy(void* buffer, size_t bytes) {
  SIM_REAL_(getentropy);
  if (!Scheduler::active()) return real(buffer, bytes);
  FillRandom(buffer, bytes);
  return 0;
}

uint32_t arc4random() noexcept {
  SIM_REAL_(arc4random);
  if (!Scheduler::active()) return real();
  return static_cast<uint32_t>(Scheduler::Get().random()());
}

}  // extern "C"
