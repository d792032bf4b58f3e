// The body of MemoryDisk::State, for memory_disk.cc and forgetful_disk.cc only. Thread: see MemoryTree.
#pragma once

#include "common/storage/memory_disk.h"
#include "common/storage/memory_tree.h"

namespace tusk::storage {

struct MemoryDisk::State : MemoryTree {};

}  // namespace tusk::storage
