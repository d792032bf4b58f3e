// An empty namespace in memory, small enough that flushes and evictions happen within one input.
#pragma once

#include <glog/logging.h>

#include <memory>
#include <string>
#include <utility>

#include "common/storage/key_value_store.h"
#include "dfs/namenode/namespace/namespace.h"

namespace tusk::fuzz {

inline std::unique_ptr<dfs::namenode::Namespace> NewNamespace() {
  static int folder = 0;
  auto store = storage::KeyValueStore::Open("/state" + std::to_string(++folder),
                                            {.block_cache_bytes = 64 << 10, .write_buffer_bytes = 64 << 10, .in_memory = true});
  CHECK(store.ok()) << store.status();
  auto space = dfs::namenode::Namespace::Open(
      std::move(store).value(), {.cache_bytes = 64 << 10, .flush_bytes = 16 << 10, .background = false, .on_broken = {}});
  CHECK(space.ok()) << space.status();
  return std::move(space).value();
}

}  // namespace tusk::fuzz
