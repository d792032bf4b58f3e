// Where the applied state comes from at a start: the key-value store if it is whole and the log goes on from it; else the newest
// image that can be read; else nothing, when the log begins at entry 1. The log's tail is applied afterwards (Core::Recover).
//
// Errors: kCorruption when no way is left, or when acknowledged entries are missing from the log; it says what is damaged and
// what
//         to do. Nothing is thrown away before its replacement is whole.
// Thread: one, before anything else runs.
#pragma once

#include <functional>
#include <memory>

#include "common/base/result.h"
#include "coordination/log/log.h"
#include "dfs/namenode/image/image_folder.h"
#include "dfs/namenode/namespace/namespace.h"

namespace tusk::dfs::namenode {

// The key-value store's place (storage_folder.h), or a test's.
struct StatePlace {
  std::string name;  // for messages
  bool trusted = false;
  std::function<Result<std::unique_ptr<storage::KeyValueStore>>()> open;
  std::function<Status()> clear;  // not trusted any more, and empty
  std::function<Status()> trust;  // what is there is whole from now on
};

Result<std::unique_ptr<Namespace>> RecoverState(const StatePlace& place, const ImageFolder& images, uint64_t cluster_id,
                                                const coordination::Log& log, const Namespace::Options& options);

}  // namespace tusk::dfs::namenode
