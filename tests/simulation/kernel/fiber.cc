#include "tests/simulation/kernel/fiber.h"

#include <dlfcn.h>
#include <linux/futex.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

// tusk_sim_switch(void** save, void* load, uint64_t fs): the callee-saved registers go to the stack, the stack and the
// thread-local storage are exchanged. tusk_sim_park(void** save, uint32_t* parked): saves the same frame, says so (a futex), and
// leaves the kernel thread in pause(2) without touching its stack again, so that a switch may return from it.
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
  movl $1, (%rsi)
  movq %rsi, %rdi
  movl $129, %esi
  movl $1, %edx
  movl $202, %eax
  syscall
1:
  movl $34, %eax
  syscall
  jmp 1b
)");

extern "C" void tusk_sim_switch(void** save, void* load, uint64_t fs);
extern "C" void tusk_sim_park(void** save, uint32_t* parked);

namespace tusk::sim {
namespace {

constexpr size_t kStackBytes = 512 << 10;
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
  pthread_attr_setstacksize(&attributes, kStackBytes);
  if (create(&handle_, &attributes, &Fiber::Enter, this) != 0) Die("no more threads");
  pthread_attr_destroy(&attributes);
  static const auto wait = reinterpret_cast<long (*)(long, ...)>(dlsym(RTLD_NEXT, "syscall"));
  while (__atomic_load_n(&parked_, __ATOMIC_ACQUIRE) == 0) wait(SYS_futex, &parked_, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
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
  tusk_sim_park(&fiber.stack_pointer_, &fiber.parked_);
  fiber.body_();
  Die("a fiber's body returned");
}

void Fiber::Switch(Fiber& from, Fiber& to) { tusk_sim_switch(&from.stack_pointer_, to.stack_pointer_, to.thread_pointer_); }

}  // namespace tusk::sim
