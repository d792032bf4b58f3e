#include "dfs/namenode/namespace/state_flush.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "common/base/try.h"
#include "common/fault/fault.h"
#include "dfs/namenode/namespace/byte_codec.h"

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
  // In the order of keys: neighbours in the batch are neighbours in LevelDB's table in memory, which then searches what its
  // caches hold.
  struct Place {
    uint64_t head[2];  // the key's first 16 bytes as numbers: most comparisons end there, without a look at the entry
    const Entry* entry;
  };
  std::vector<Place> places;
  for (const Entry* entry = first; entry != nullptr; entry = entry->next) {
    char head[16] = {};
    std::memcpy(head, entry->key().data(), std::min(sizeof head, entry->key().size()));
    places.push_back({{BigEndian({head, 8}), BigEndian({head + 8, 8})}, entry});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    if (a.head[0] != b.head[0]) return a.head[0] < b.head[0];
    if (a.head[1] != b.head[1]) return a.head[1] < b.head[1];
    return a.entry->key() < b.entry->key();
  });
  storage::WriteBatch batch;
  for (const Place& place : places) {
    if (place.entry->present) {
      batch.Put(place.entry->key(), place.entry->value());
    } else {
      batch.Delete(place.entry->key());
    }
  }
  TUSK_TRY(TUSK_FAULT_POINT("namenode.state_flush"));
  return store_.SyncedWrite(batch);
}

}  // namespace tusk::dfs::namenode
