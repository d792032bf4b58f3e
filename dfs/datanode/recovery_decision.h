// Which bytes a block keeps whose writer is gone.
//
//   valid: of the generation that the NameNode knows or a later one, and not shorter than what the NameNode knows to be in the
//   block some valid one is finished           -> its length (of the newest generation): the writer had ended the block else some
//   is held by a running node  -> the shortest of these: all of them have every byte that was acknowledged else some is left by a
//   former process -> the longest: its checksums vouch for each of its bytes, and none has more none is valid -> the block is
//   dropped if every node said that it has nothing, and nothing is known to be in
//                                           it; else nothing is done: a node that is away may have bytes that were synced
// A length of 0 drops the block, unless only replicas of former processes say so while a node is away that is not given up yet.
// To truncate, every valid replica that is long enough is cut.
// Thread: pure function.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

struct RecoveryAnswer {
  enum class Kind { kAway, kNone, kFormerProcess, kBeingWritten, kFinished };
  Kind kind = Kind::kAway;
  Generation generation;
  uint64_t length = 0;
};

struct RecoveryQuestion {
  Block block;  // as the NameNode knows it: its generation is the oldest valid one, its length is known to be in it
  std::optional<uint64_t> truncate_to;
  std::vector<RecoveryAnswer> answers;
  bool give_up_absent = false;  // nodes that are away were waited for long enough
};

struct RecoveryDecision {
  enum class Step { kCommit, kDrop, kWait };
  Step step = Step::kWait;
  uint64_t length = 0;               // kCommit
  std::vector<size_t> participants;  // kCommit: indices of the answers whose replicas are cut to it
  std::string reason;
};

RecoveryDecision DecideRecovery(const RecoveryQuestion& question);

}  // namespace tusk::dfs::datanode
