// One caller's record on its way into a segment. Thread: the caller's until it is queued, then the leader's.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <span>

#include "dfs/datanode/store/packed_store.h"

namespace tusk::dfs::datanode {

struct PackedStore::Pending {
  PackedEntry entry;
  std::span<const std::byte> data, crcs;
  bool on_disk = true;  // wait for the sync
  std::array<std::byte, kPackedHeaderBytes> header{};
  uint64_t segment = 0;  // where it was written
  bool done = false;
  std::condition_variable wake;  // when it is done, or nobody leads: waking only whom it concerns
  Status status;
};

}  // namespace tusk::dfs::datanode
