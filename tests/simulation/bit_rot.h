// Bits that flip in finished replicas, on one DataNode only and only where two others hold the same replica: three replicas
// survive that. And whether the cluster has found and repaired it.
//
// Thread: the one of the simulation. Owner: the nemesis.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "dfs/protocol/types.h"

namespace tusk::sim {

class BitRot {
 public:
  // The nodes of all DataNodes; it is `victim` whose replicas rot.
  BitRot(std::vector<int> datanodes, int victim) : datanodes_(std::move(datanodes)), victim_(victim) {}

  // False: no replica of the victim has two others now.
  bool Strike(Random& random);
  // A sentence naming a replica that is still there with its flipped bit; empty: all were repaired.
  std::string Remaining() const;
  size_t struck() const { return spots_.size(); }

 private:
  struct Spot {
    dfs::BlockId block;
    std::string path;
    uint64_t begin = 0;  // of the replica in it: a byte of a later copy elsewhere in it may look like the wrong one
    uint64_t offset = 0;
    std::byte wrong{};
  };
  const std::vector<int> datanodes_;
  const int victim_;
  std::vector<Spot> spots_;
};

}  // namespace tusk::sim
