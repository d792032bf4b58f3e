// What deleted trees have left behind (Garbage records of the state), and the removing of it: an entry of bounded work at a time,
// so that requests run in between.
//
// Thread:   namespace loop.
// Recovery: the roots come from the state; a restart goes on where the last entry ended.
#pragma once

#include <set>

#include "common/runtime/task.h"
#include "dfs/namenode/namespace/records.h"
#include "dfs/namenode/namespace/tree.h"

namespace tusk::dfs::namenode {

class Core;

class Reclaimer {
 public:
  void Load(const View& view);
  void Add(InodeId root) { roots_.insert(root); }
  // Proposes one entry, unless there is nothing or safe mode is on. True: there is more to do.
  Task<bool> Step(Core& core);
  size_t roots() const { return roots_.size(); }

 private:
  std::set<InodeId> roots_;  // without those of an entry under way
};

}  // namespace tusk::dfs::namenode
