// File descriptors of the simulated machines: sockets, event and timer descriptors, epoll, lock files. Their numbers begin at
// kFirst, far above the kernel's.
//
// Thread: the one of the simulation. Owner: the table; a descriptor lives until it is closed or its node is killed.
#pragma once

#include <poll.h>
#include <sys/epoll.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/kernel/scheduler.h"

namespace tusk::sim {

class Epoll;

class Descriptor {
 public:
  explicit Descriptor(int owner) : node(owner) {}
  virtual ~Descriptor() = default;
  // POLLIN, POLLOUT, POLLHUP, POLLERR as they are now.
  virtual uint32_t Ready() const = 0;
  virtual void Close(bool killed) { (void)killed; }
  // What Ready() answers may have grown: wakes who waits for it.
  void Notify();

  const int node;
  int number = -1;
  bool nonblocking = false;
  std::vector<Epoll*> watchers;
};
using DescriptorPtr = std::shared_ptr<Descriptor>;

class EventDescriptor final : public Descriptor {
 public:
  using Descriptor::Descriptor;
  uint32_t Ready() const override { return POLLOUT | (count > 0 ? POLLIN : 0u); }
  uint64_t count = 0;
};

class TimerDescriptor final : public Descriptor {
 public:
  using Descriptor::Descriptor;
  uint32_t Ready() const override { return Scheduler::Get().now() >= expires ? POLLIN : 0u; }
  void Set(Nanos at);
  Nanos expires = kNever;

 private:
  uint64_t settings_ = 0;
};

// An advisory lock on a path; a node's locks end with it.
class LockDescriptor final : public Descriptor {
 public:
  LockDescriptor(int owner, std::string file) : Descriptor(owner), path(std::move(file)) {}
  uint32_t Ready() const override { return POLLIN | POLLOUT; }
  void Close(bool killed) override;
  bool Lock();  // false: another descriptor has it
  const std::string path;
};

class Epoll final : public Descriptor {
 public:
  using Descriptor::Descriptor;
  uint32_t Ready() const override { return 0; }
  void Close(bool killed) override;
  int Control(int operation, const DescriptorPtr& target, epoll_event* event);
  int Collect(epoll_event* events, int most);
  void Changed(Descriptor* target);
  void Forget(Descriptor* target) { watched_.erase(target->number); }

 private:
  struct Watch {
    DescriptorPtr target;
    epoll_event event{};
    bool changed = false;  // since it was told: what edge-triggered watches wait for
  };
  std::map<int, Watch> watched_;
};

class Descriptors {
 public:
  static constexpr int kFirst = 1'000'000;
  static Descriptors& Get();
  static bool IsOurs(int number) { return number >= kFirst; }

  int Add(DescriptorPtr descriptor);
  DescriptorPtr Find(int number) const;  // null: closed
  template <class T>
  std::shared_ptr<T> Find(int number) const {
    return std::dynamic_pointer_cast<T>(Find(number));
  }
  int Close(int number);
  void CloseAll(int node);  // as the kernel does for a killed process

 private:
  int next_ = kFirst;
  std::map<int, DescriptorPtr> open_;
};

}  // namespace tusk::sim
