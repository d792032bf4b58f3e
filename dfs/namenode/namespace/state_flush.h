// Brings a frozen delta into the key-value store, as one synced batch, on a thread of its own.
//
// Durability: the batch is synced, so that the store is never newer in one key than in another, also after a power cut.
// Thread:     namespace loop; one thread inside. Without `background` the batch is written inside Start: tests need no thread.
// Owner:      StateStore; the entries stay unchanged until Done() has answered true.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/storage/key_value_store.h"
#include "dfs/namenode/namespace/delta_keys.h"
#include "dfs/namenode/namespace/state_entry.h"

namespace tusk::dfs::namenode {

class StateFlush {
 public:
  StateFlush(storage::KeyValueStore& store, bool background);
  ~StateFlush();  // waits for a flush that runs

  // One at a time: the last one must be Done. `garbage` is freed on the way, away from the loop.
  void Start(const Entry* first, DeltaKeys garbage);
  bool Done() const;
  void Wait();
  // Of the flushes so far; after an error no other is started.
  Status status() const;

 private:
  void Run();
  Status Write(const Entry* first);

  storage::KeyValueStore& store_;
  mutable std::mutex mutex_;
  std::condition_variable work_, done_;
  const Entry* first_ = nullptr;
  DeltaKeys garbage_;
  bool busy_ = false;
  bool stopping_ = false;
  Status status_;
  std::thread thread_;
};

}  // namespace tusk::dfs::namenode
