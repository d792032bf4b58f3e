// When a snapshot of the namespace is due, and the writing of it: an fsimage from an iterator of the key-value store, on a thread
// of its own while the service goes on. After it the log is cut at the oldest image that is kept.
//
// Durability: the log loses an entry only after two images that contain it are on disk.
// Errors:     a snapshot that fails (a full disk) is logged, and tried again when the next is due; the log is not cut.
// Thread:     namespace loop; one thread inside.
// Owner:      NameNode; the store and the log outlive it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/runtime/worker_pool.h"
#include "coordination/log/log.h"
#include "dfs/namenode/image/image_folder.h"
#include "dfs/namenode/namespace/state_store.h"

namespace tusk::dfs::namenode {

struct SavedImage {
  coordination::LogIndex applied = 0;
  uint64_t bytes = 0;
};

// Writes the image of what the key-value store holds now, removes old images, cuts the log behind the older of two that were read
// to their ends. Blocks.
Result<SavedImage> SaveImage(const storage::KeyValueStore& store, coordination::Log& log, ImageFolder& folder,
                             uint64_t cluster_id);

class Snapshots {
 public:
  struct Options {
    uint64_t cluster_id = 0;
    uint64_t interval_entries = 1'000'000;
    std::chrono::milliseconds interval{3'600'000};
  };
  Snapshots(const Clock& clock, Options options, StateStore& store, coordination::Log& log, ImageFolder folder);
  ~Snapshots() { Stop(); }

  // Entries since the last image or time make one due, or that fewer are there than the log was cut for (a damaged one was set
  // aside): begins it.
  Task<void> SaveIfDue(coordination::LogIndex applied);
  // Now. kUnavailable: one is being written.
  Task<Result<SavedImage>> Save();
  void Stop() { worker_.Stop(); }  // waits for one that is being written
  coordination::LogIndex last_index() const { return last_index_; }

 private:
  const Clock& clock_;
  const Options options_;
  StateStore& store_;
  coordination::Log& log_;
  ImageFolder folder_;
  coordination::LogIndex last_index_ = 0;  // of the newest image
  coordination::LogIndex attempted_ = 0;   // when one was last due, or that of the newest image
  TimePoint last_time_;
  bool lacks_image_ = false;
  bool busy_ = false;
  WorkerPool worker_;
};

}  // namespace tusk::dfs::namenode
