// How the members of a group reach each other.
#pragma once

#include <string>

#include "coordination/group/machine.h"
#include "coordination/raft/types.h"

namespace tusk::coordination {

class Transport {
 public:
  virtual ~Transport() = default;
  // At most once, in any order, or never. Does not wait. Thread: the group's loop.
  virtual void Send(const std::string& address, raft::Message message) = 0;
  // Ends when the member at `address` has the snapshot on disk and has taken it as its state, or does not want it any more.
  virtual Task<Status> SendSnapshot(std::string address, raft::NodeId to, Snapshot snapshot) = 0;
};

}  // namespace tusk::coordination
