// The free space of one data folder, shared out among writers that do not know of each other.
//
// A replica whose size is known beforehand has that much promised to it before its first byte; bytes on their way to the disk are
// promised as well, so that many writers at once cannot all take the same free space. What is promised is free to nobody else,
// until it is written (the disk counts it then) or given back with the promise. dfs.datanode_reserved stays free. Where plenty is
// free, a look at the disk is believed for a moment, less what was taken since.
// Errors: kNoSpace names the folder, what is free, promised and reserved. Thread: any; measuring blocks on the disk.
#pragma once

#include <mutex>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "common/storage/disk.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

class SpaceLedger {
 public:
  // Gives back what is left of it when destroyed. Thread: one at a time. Outlived by its ledger.
  class Promise {
   public:
    Promise() = default;
    Promise(Promise&& other) noexcept
        : ledger_(std::exchange(other.ledger_, nullptr)),
          bytes_(std::exchange(other.bytes_, 0)),
          set_aside_(std::exchange(other.set_aside_, 0)) {}
    Promise& operator=(Promise&& other) noexcept {
      Promise mine(std::move(other));  // what was promised here goes back with it
      std::swap(ledger_, mine.ledger_);
      std::swap(bytes_, mine.bytes_);
      std::swap(set_aside_, mine.set_aside_);
      return *this;
    }
    ~Promise() { GiveBack(bytes_); }
    uint64_t bytes() const { return bytes_; }
    // The disk itself keeps the rest for this replica (ReserveExtent): it no longer counts as free there.
    void SetAside();

   private:
    friend class SpaceLedger;
    void GiveBack(uint64_t bytes);
    SpaceLedger* ledger_ = nullptr;
    uint64_t bytes_ = 0;
    uint64_t set_aside_ = 0;
  };

  SpaceLedger(storage::Disk& disk, std::string root, uint64_t reserved, const Clock& clock)
      : disk_(disk), root_(std::move(root)), reserved_(reserved), clock_(clock) {}

  // `expected` bytes for a new replica; at least `minimum` must be free even when nothing is expected.
  Result<Promise> Reserve(BlockId block, uint64_t expected, uint64_t minimum);
  // Before `bytes` are written: out of the promise as far as it goes, the rest must be free. What comes back is held until they
  // are written.
  Result<Promise> Take(BlockId block, Promise& promise, uint64_t bytes);

  struct Free {
    uint64_t capacity = 0;  // without the reserve
    uint64_t bytes = 0;     // neither reserved nor promised
  };
  Result<Free> Measure() const;

 private:
  Status Look() const;  // at the disk
  Status CheckRoom(BlockId block, uint64_t bytes, uint64_t promised) const;

  storage::Disk& disk_;
  const std::string root_;
  const uint64_t reserved_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  uint64_t promised_ = 0;
  mutable storage::SpaceInfo seen_;  // less what was taken since
  mutable TimePoint believed_until_;
};

}  // namespace tusk::dfs::datanode
