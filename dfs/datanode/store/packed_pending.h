// One caller's record on its way into a segment. Thread: the caller's until it is queued, then the leader's.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>

#include "dfs/datanode/store/packed_store.h"

namespace tusk::dfs::datanode {

struct PackedStore::Pending {
  PackedEntry entry;
  std::span<const std::byte> data, crcs;
  bool on_disk = true;  // wait for the sync
  std::array<std::byte, kPackedHeaderBytes> header{};
  uint64_t segment = 0;  // where it was written
  Status status;

  // What its caller waits for. A mutex of its own: those whose batch is on disk go on without meeting at the store's.
  enum class Turn { kWait, kLead, kDone };
  void Give(Turn given) {
    std::lock_guard lock(turn_mutex);
    turn = given;
    turned.notify_one();
  }
  Turn AwaitTurn() {
    std::unique_lock lock(turn_mutex);
    turned.wait(lock, [this] { return turn != Turn::kWait; });
    return turn;
  }
  std::mutex turn_mutex;
  std::condition_variable turned;
  Turn turn = Turn::kWait;
};

}  // namespace tusk::dfs::datanode
