#include "dfs/namenode/namespace/state_flush.h"

#include <utility>

#include "common/base/try.h"
#include "common/fault/fault.h"

namespace tusk::dfs::namenode {

StateFlush::StateFlush(storage::KeyValueStore& store, bool background) : store_(store) {
  if (background) thread_ = std::thread([this] { Run(); });
}

StateFlush::~StateFlush() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void StateFlush::Start(const Entry* first, DeltaKeys garbage) {
  if (!thread_.joinable()) {
    status_ = Write(first);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    first_ = first;
    garbage_ = std::move(garbage);
    busy_ = true;
  }
  work_.notify_one();
}

bool StateFlush::Done() const {
  const std::lock_guard lock(mutex_);
  return !busy_;
}

void StateFlush::Wait() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return !busy_; });
}

Status StateFlush::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void StateFlush::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return busy_ || stopping_; });
    if (!busy_) return;
    const Entry* const first = first_;
    DeltaKeys garbage = std::exchange(garbage_, {});
    lock.unlock();
    garbage = {};
    Status status = Write(first);
    lock.lock();
    status_ = std::move(status);
    busy_ = false;
    done_.notify_all();
  }
}

Status StateFlush::Write(const Entry* first) {
  storage::WriteBatch batch;
  for (const Entry* entry = first; entry != nullptr; entry = entry->next) {
    if (entry->present) {
      batch.Put(entry->key(), entry->value());
    } else {
      batch.Delete(entry->key());
    }
  }
  TUSK_TRY(TUSK_FAULT_POINT("namenode.state_flush"));
  return store_.SyncedWrite(batch);
}

}  // namespace tusk::dfs::namenode
