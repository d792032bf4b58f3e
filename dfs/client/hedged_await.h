// The answer to a read request, from the replica asked first or, when that one is unusually slow, from a second one as well:
// whichever comes first. Thread: any; blocks.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "dfs/client/block_reader.h"
#include "dfs/client/hedge_policy.h"

namespace tusk::dfs {

// The index of the first of these sockets that can be read (or has failed); nullopt: none within the time.
std::optional<size_t> FirstReadable(std::span<const int> fds, Duration timeout);

struct HedgedRequest {
  std::unique_ptr<BlockReader> first;                             // started
  bool fresh = true;                                              // started just now: the time to its answer tells something
  std::function<std::unique_ptr<BlockReader>()> start_second;     // null: there is no other replica
  std::function<void(const BlockReader&, const Status&)> failed;  // of each that failed
};

// Null: none answered; each was told to `failed`.
std::unique_ptr<BlockReader> AwaitHedged(HedgePolicy& policy, std::chrono::milliseconds timeout, HedgedRequest request);

}  // namespace tusk::dfs
