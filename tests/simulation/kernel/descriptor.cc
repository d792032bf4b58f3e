#include "tests/simulation/kernel/descriptor.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

namespace tusk::sim {
namespace {

std::set<std::string>& LockedPaths() {
  static std::set<std::string> paths;
  return paths;
}

}  // namespace

void Descriptor::Notify() {
  Scheduler::Get().Wake(this);
  for (Epoll* watcher : watchers) watcher->Changed(this);
}

void TimerDescriptor::Set(Nanos at) {
  expires = at;
  ++settings_;
  if (at == kNever) return;
  const auto self = Descriptors::Get().Find(number);
  Scheduler::Get().At(at, [this, self, setting = settings_] {
    if (setting == settings_) Notify();
  });
}

bool LockDescriptor::Lock() { return LockedPaths().insert(std::to_string(node) + path).second; }
void LockDescriptor::Close(bool) { LockedPaths().erase(std::to_string(node) + path); }

int Epoll::Control(int operation, const DescriptorPtr& target, epoll_event* event) {
  const auto found = watched_.find(target->number);
  if (operation == EPOLL_CTL_DEL) {
    if (found == watched_.end()) return ENOENT;
    watched_.erase(found);
    std::erase(target->watchers, this);
    return 0;
  }
  if ((operation == EPOLL_CTL_ADD) != (found == watched_.end())) return operation == EPOLL_CTL_ADD ? EEXIST : ENOENT;
  if (operation == EPOLL_CTL_ADD) target->watchers.push_back(this);
  watched_[target->number] = {target, *event, true};
  Scheduler::Get().Wake(this);
  return 0;
}

void Epoll::Changed(Descriptor* target) {
  const auto found = watched_.find(target->number);
  if (found == watched_.end()) return;
  found->second.changed = true;
  Scheduler::Get().Wake(this);
}

int Epoll::Collect(epoll_event* events, int most) {
  int count = 0;
  for (auto& [key, watch] : watched_) {
    if (count == most) break;
    const bool edge = (watch.event.events & EPOLLET) != 0;
    if (edge && !watch.changed) continue;
    const uint32_t wanted = (watch.event.events & (EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP)) | EPOLLERR | EPOLLHUP;
    const uint32_t ready = watch.target->Ready() & wanted;
    watch.changed = false;
    if (ready == 0) continue;
    events[count].events = ready;
    events[count].data = watch.event.data;
    ++count;
  }
  return count;
}

void Epoll::Close(bool) {
  for (auto& [key, watch] : watched_) std::erase(watch.target->watchers, this);
  watched_.clear();
}

Descriptors& Descriptors::Get() {
  static Descriptors* table = new Descriptors;
  return *table;
}

int Descriptors::Add(DescriptorPtr descriptor) {
  descriptor->number = next_++;
  open_[descriptor->number] = descriptor;
  return descriptor->number;
}

DescriptorPtr Descriptors::Find(int number) const {
  const auto found = open_.find(number);
  return found == open_.end() ? nullptr : found->second;
}

int Descriptors::Close(int number) {
  const DescriptorPtr closing = Find(number);
  if (closing == nullptr) return EBADF;
  open_.erase(number);
  for (Epoll* watcher : std::exchange(closing->watchers, {})) watcher->Forget(closing.get());
  closing->Close(false);
  Scheduler::Get().Wake(closing.get());
  return 0;
}

void Descriptors::CloseAll(int node) {
  std::vector<DescriptorPtr> closing;
  for (const auto& [number, descriptor] : open_) {
    if (descriptor->node == node) closing.push_back(descriptor);
  }
  for (const DescriptorPtr& descriptor : closing) {
    open_.erase(descriptor->number);
    for (Epoll* watcher : std::exchange(descriptor->watchers, {})) watcher->Forget(descriptor.get());
    descriptor->Close(true);
  }
}

}  // namespace tusk::sim
