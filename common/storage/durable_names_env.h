// LevelDB's environment with one thing put right: what LevelDB has synced is found again after a power cut.
//
// LevelDB 1.23 syncs the folder when it syncs a manifest, but not when it begins a new log or table, nor when it points CURRENT
// to a new manifest. On a file system that keeps a file's bytes and its name apart (POSIX promises no more) a synced batch could
// vanish with the name of its log. Here the first sync of a new file, and each rename, also sync the folder. Thread: as
// leveldb::Env. Owner: the store.
#pragma once

#include <leveldb/env.h>

#include <memory>

#include "common/storage/disk.h"

namespace tusk::storage {

// `base` and `disk`, which must lead to the same files, outlive it.
std::unique_ptr<leveldb::Env> MakeDurableNamesEnv(leveldb::Env* base, Disk& disk);

}  // namespace tusk::storage
