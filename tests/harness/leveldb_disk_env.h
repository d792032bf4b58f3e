// LevelDB's view of a storage::Disk, so that its files can be kept in memory, forgotten by a power cut, or cut at any write.
//
// As LevelDB's own environment: appended bytes are buffered up to 64 KiB, Sync is File::Sync, and a synced MANIFEST syncs its
// folder. Thread: any. Owner: the test; outlives the databases opened with it. Background work runs on one thread, begun at its
// first use.
#pragma once

#include <leveldb/env.h>

#include <memory>

#include "common/storage/disk.h"

namespace tusk::testing {

std::unique_ptr<leveldb::Env> MakeDiskEnv(storage::Disk& disk);

}  // namespace tusk::testing
