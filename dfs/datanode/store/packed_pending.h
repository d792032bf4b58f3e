// One caller's record on its way into a segment. Thread: the caller's until it is queued, then the leader's.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "common/runtime/gate.h"
#include "dfs/datanode/store/packed_store.h"

namespace tusk::dfs::datanode {

struct PackedStore::Pending {
  PackedEntry entry;
  std::span<const std::byte> data, crcs;
  bool on_disk = true;  // wait for the sync
  std::array<std::byte, kPackedHeaderBytes> header{};
  uint64_t segment = 0;  // where it was written
  Status status;

  // What its caller waits for: those whose batch is on disk go on without meeting at the store's mutex.
  enum class Turn : uint32_t { kLead = 1, kDone };
  Gate<Turn> turn;
};

}  // namespace tusk::dfs::datanode
