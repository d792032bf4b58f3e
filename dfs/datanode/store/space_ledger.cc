#include "dfs/datanode/store/space_ledger.h"

#include <algorithm>

#include "common/base/try.h"
#include "common/base/units.h"

namespace tusk::dfs::datanode {
namespace {

uint64_t Less(uint64_t from, uint64_t bytes) { return from > bytes ? from - bytes : 0; }

}  // namespace

void SpaceLedger::Promise::GiveBack(uint64_t bytes) {
  bytes = std::min(bytes, bytes_);
  if (bytes == 0) return;
  bytes_ -= bytes;
  std::lock_guard lock(ledger_->mutex_);
  ledger_->promised_ -= bytes;
}

void SpaceLedger::Promise::SetAside() {
  set_aside_ += bytes_;
  GiveBack(bytes_);
}

Status SpaceLedger::CheckRoom(BlockId block, uint64_t bytes, uint64_t promised) const {
  TUSK_ASSIGN(const auto space, disk_.Space(root_));
  if (space.available >= bytes && space.available - bytes >= reserved_ && space.available - bytes - reserved_ >= promised) {
    return OkStatus();
  }
  return Status(Code::kNoSpace, "cannot write " + std::to_string(bytes) + " bytes of block " + std::to_string(block.value()) +
                                    " to " + root_ + ": the disk has " + FormatBytes(space.available) +
                                    " free, of which dfs.datanode_reserved keeps " + FormatBytes(reserved_) +
                                    " and other replicas being written have " + FormatBytes(promised) +
                                    "; free space or add a DataNode");
}

Result<SpaceLedger::Promise> SpaceLedger::Reserve(BlockId block, uint64_t expected, uint64_t minimum) {
  Promise promise;
  std::lock_guard lock(mutex_);
  TUSK_TRY(CheckRoom(block, std::max(expected, minimum), promised_));
  promised_ += expected;
  promise.ledger_ = this;
  promise.bytes_ = expected;
  return promise;
}

Result<SpaceLedger::Promise> SpaceLedger::Take(BlockId block, Promise& promise, uint64_t bytes) {
  Promise taken;
  const uint64_t from_aside = std::min(bytes, promise.set_aside_);
  bytes -= from_aside;
  if (bytes > 0) {
    std::lock_guard lock(mutex_);
    TUSK_TRY(CheckRoom(block, bytes, promised_ - promise.bytes_));
    const uint64_t promised_before = std::min(bytes, promise.bytes_);
    promise.bytes_ -= promised_before;
    promised_ += bytes - promised_before;
    taken.ledger_ = this;
    taken.bytes_ = bytes;
  }
  promise.set_aside_ -= from_aside;
  return taken;
}

Result<SpaceLedger::Free> SpaceLedger::Measure() const {
  TUSK_ASSIGN(const auto space, disk_.Space(root_));
  std::lock_guard lock(mutex_);
  return Free{Less(space.capacity, reserved_), Less(Less(space.available, reserved_), promised_)};
}

}  // namespace tusk::dfs::datanode
