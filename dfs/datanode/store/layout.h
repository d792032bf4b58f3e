// Where a replica lies in a DataNode's folder, and what its files are called (docs/formats/block-files.md).
//
//   identity                                        who this folder belongs to
//   epoch                                           highest NameNode epoch obeyed
//   lock                                            flock of the process that uses the folder
//   probe                                           written and removed to see whether the folder works
//   scrub                                           how far the scrubber has come (scrub_cursor.h)
//   rbw/blk_<id>, rbw/blk_<id>_<generation>.meta    a replica being written
//   finalized/subdir<a>/subdir<b>/...               finished ones; a, b = bits 16..20 and 8..12 of the id
//   recycled/spare_<n>                              data files of deleted replicas, to be overwritten by new ones
//   packed/seg_<n>, packed/seg_<n>.open             small finished ones, packed (docs/formats/packed-segments.md)
//
// Thread: pure functions and constants.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

std::string DataName(BlockId id);
std::string MetaName(BlockId id, Generation generation);

struct ReplicaFileName {
  BlockId id;
  std::optional<Generation> generation;  // set: a .meta file
};
// Nothing for a name that this program never gives.
std::optional<ReplicaFileName> ParseReplicaFileName(std::string_view name);

class Layout {
 public:
  explicit Layout(std::string root) : root_(std::move(root)) {}
  const std::string& root() const { return root_; }
  std::string Identity() const { return root_ + "/identity"; }
  std::string Epoch() const { return root_ + "/epoch"; }
  std::string Lock() const { return root_ + "/lock"; }
  std::string Probe() const { return root_ + "/probe"; }
  std::string Scrub() const { return root_ + "/scrub"; }
  std::string Rbw() const { return root_ + "/rbw"; }
  std::string Recycled() const { return root_ + "/recycled"; }
  std::string Packed() const { return root_ + "/packed"; }
  std::string Finalized() const { return root_ + "/finalized"; }
  std::string FinalizedOuter(BlockId id) const;   // finalized/subdir<a>
  std::string FinalizedFolder(BlockId id) const;  // finalized/subdir<a>/subdir<b>

  std::string RbwData(BlockId id) const { return Rbw() + "/" + DataName(id); }
  std::string RbwMeta(BlockId id, Generation generation) const { return Rbw() + "/" + MetaName(id, generation); }
  std::string FinalizedData(BlockId id) const { return FinalizedFolder(id) + "/" + DataName(id); }
  std::string FinalizedMeta(BlockId id, Generation generation) const {
    return FinalizedFolder(id) + "/" + MetaName(id, generation);
  }

 private:
  std::string root_;
};

}  // namespace tusk::dfs::datanode
