// When each writer was last heard of, and which files it writes. Who holds a lease is the namespace's state; how old it is, is
// not.
//
// Thread:   namespace loop.
// Recovery: holders come from the state; the time counts anew from the start of the NameNode.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "common/base/clock.h"
#include "dfs/namenode/namespace/records.h"
#include "dfs/namenode/namespace/tree.h"

namespace tusk::dfs::namenode {

class LeaseTable {
 public:
  void Apply(const Effects& effects, TimePoint now);
  void Add(const ClientId& holder, InodeId inode, TimePoint now);
  void Renew(const ClientId& holder, TimePoint now);  // nothing for a client that writes no file
  // Nobody could be heard for that long.
  void Extend(Duration by, TimePoint now);
  // False: surely no writer has been silent for so long, and no file is in recovery. Asked before each file is made.
  bool AnySilentFor(TimePoint now, std::chrono::milliseconds limit);
  bool SilentFor(const ClientId& holder, TimePoint now, std::chrono::milliseconds limit) const;

  struct Held {
    InodeId inode;
    ClientId holder;
  };
  // Files of writers silent for longer than the limit, at most `count`; none that are in recovery.
  std::vector<Held> Expired(TimePoint now, std::chrono::milliseconds limit, size_t count) const;
  std::set<InodeId> Recovering() const;  // files whose lease the NameNode holds
  size_t files() const;

 private:
  struct Holder {
    TimePoint renewed;
    boost::unordered_flat_set<InodeId, std::hash<InodeId>> files;
  };
  boost::unordered_flat_map<ClientId, Holder, std::hash<ClientId>> holders_;
  TimePoint heard_;    // nobody was heard of last before
  TimePoint counted_;  // when heard_ was last looked for
};

}  // namespace tusk::dfs::namenode
