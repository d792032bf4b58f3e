// Which replica a reader asks next: the NameNode's order, without those that failed.
//
// A node that cannot be reached is left out until fresh locations are learnt; a replica whose bytes were wrong is left out for
// good (a later generation of the block is another replica). Thread: one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "dfs/protocol/types.h"

namespace tusk::dfs {

class ReadPlan {
 public:
  struct Choice {
    LocatedBlock block;
    DataNodeInfo node;
  };

  // Replaces what was known of the same blocks, and gives unreachable nodes another chance.
  void Learn(std::vector<LocatedBlock> blocks);
  // The block that holds byte `offset` of the file; null: its location is not known yet.
  const LocatedBlock* BlockAt(uint64_t offset) const;
  // nullopt: the block is unknown or no replica is left.
  // A node for which `avoid` is true is taken when there is no other; `except` is not taken.
  std::optional<Choice> Choose(uint64_t offset, const std::function<bool(DataNodeId)>& avoid = {},
                               DataNodeId except = DataNodeId()) const;
  void MarkUnreachable(DataNodeId node) { unreachable_.insert(node.value()); }
  void MarkBad(const Block& block, DataNodeId node);

 private:
  std::map<uint64_t, LocatedBlock> blocks_;  // by offset in the file
  std::set<uint64_t> unreachable_;
  std::set<std::tuple<uint64_t, uint64_t, uint64_t>> bad_;  // block, generation, node
};

// How many bytes a sequential reader asks for after it has read `streak` bytes in a row: little at first, since a seek or an
// early end throws away what is on its way, then ever more.
uint64_t ReadAhead(uint64_t streak);

}  // namespace tusk::dfs
