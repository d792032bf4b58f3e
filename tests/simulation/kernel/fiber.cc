#include "tests/simulation/kernel/fiber.h"

#include <dlfcn.h>
#include <linux/futex.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

// tusk_sim_switch(void** save, void* load, uint64_t fs): the callee-saved registers go to the stack, the stack and the
// thread-local storage are exchanged. tusk_sim_park(void** save, uint32_t* alive): saves the same frame and ends the kernel
// thread without touching its stack again, so that a switch may return from it. The C library does not hear of that end: the
// kernel clears and wakes `alive` (set_tid_address) and not the library's word.
asm(R"(
.text
.globl tusk_sim_switch
.type tusk_sim_switch,@function
tusk_sim_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  wrfsbase %rdx
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.globl tusk_sim_park
.type tusk_sim_park,@function
tusk_sim_park:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rdi
  movl $218, %eax
  syscall
  xorl %edi, %edi
  movl $60, %eax
  syscall
  hlt
)");

extern "C" void tusk_sim_switch(void** save, void* load, uint64_t fs);
extern "C" void tusk_sim_park(void** save, uint32_t* alive);

namespace tusk::sim {
namespace {

constexpr size_t kStackBytes = 256 << 10;
constexpr size_t kStacksAtOnce = 64;
constexpr size_t kTouchedBytes = 64 << 10;  // at most, by a thread that has only begun
constexpr size_t kPageBytes = 4096;
constexpr int kGuardInstall = 102;      // MADV_GUARD_INSTALL: Linux 6.13; before, an overflow is not noticed
constexpr unsigned long kFsGsBase = 2;  // HWCAP2_FSGSBASE

uint64_t ThreadPointer() {
  uint64_t value = 0;
  asm volatile("movq %%fs:0, %0" : "=r"(value));
  return value;
}

[[noreturn]] void Die(const char* why) {
  std::fprintf(stderr, "the simulation cannot run: %s\n", why);
  std::_Exit(3);
}

// All stacks lie in a few mappings: each costs a fork as much as a stack does. A page at the end of each guards the next.
std::byte* NewStack() {
  static std::byte* next = nullptr;
  static size_t left = 0;
  if (left == 0) {
    void* const mapped = mmap(nullptr, kStacksAtOnce * kStackBytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (mapped == MAP_FAILED) Die("no memory for stacks");
    next = static_cast<std::byte*>(mapped);
    left = kStacksAtOnce;
  }
  --left;
  std::byte* const stack = std::exchange(next, next + kStackBytes);
  madvise(stack, kPageBytes, kGuardInstall);
  return stack;
}

// The C library clears all of a thread's storage, of which most is never used: pages of zeros go back.
void GiveZerosBack(std::byte* stack) {
  static constexpr std::array<std::byte, kPageBytes> kZeros{};
  for (size_t at = kStackBytes - kTouchedBytes; at < kStackBytes; at += kPageBytes) {
    if (std::memcmp(stack + at, kZeros.data(), kPageBytes) == 0) madvise(stack + at, kPageBytes, MADV_DONTNEED);
  }
}

std::vector<std::unique_ptr<Fiber>>& Prepared() {
  static auto* fibers = new std::vector<std::unique_ptr<Fiber>>;
  return *fibers;
}

}  // namespace

Fiber::Fiber() : thread_pointer_(ThreadPointer()), handle_(reinterpret_cast<pthread_t>(ThreadPointer())) {
  if ((getauxval(AT_HWCAP2) & kFsGsBase) == 0)
    Die("this kernel does not let programs set the FS base (needs Linux 5.9 on x86-64)");
}

Fiber::Fiber(void (*body)()) : body_(body) {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  std::byte* const stack = NewStack();
  pthread_attr_setstack(&attributes, stack, kStackBytes);
  if (create(&handle_, &attributes, &Fiber::Enter, this) != 0) Die("no more threads");
  pthread_attr_destroy(&attributes);
  static const auto wait = reinterpret_cast<long (*)(long, ...)>(dlsym(RTLD_NEXT, "syscall"));
  while (__atomic_load_n(&alive_, __ATOMIC_ACQUIRE) != 0) wait(SYS_futex, &alive_, FUTEX_WAIT, 1, nullptr, nullptr, 0);
  GiveZerosBack(stack);
}

void Fiber::Prepare(size_t count, void (*body)()) {
  while (Prepared().size() < count) Prepared().push_back(std::make_unique<Fiber>(body));
}

std::unique_ptr<Fiber> Fiber::Make(void (*body)()) {
  auto& prepared = Prepared();
  if (prepared.empty() || prepared.back()->body_ != body) return std::make_unique<Fiber>(body);
  auto fiber = std::move(prepared.back());
  prepared.pop_back();
  return fiber;
}

void* Fiber::Enter(void* self) {
  Fiber& fiber = *static_cast<Fiber*>(self);
  fiber.thread_pointer_ = ThreadPointer();
  tusk_sim_park(&fiber.stack_pointer_, &fiber.alive_);
  fiber.body_();
  Die("a fiber's body returned");
}

void Fiber::Switch(Fiber& from, Fiber& to) { tusk_sim_switch(&from.stack_pointer_, to.stack_pointer_, to.thread_pointer_); }

}  // namespace tusk::sim
