#include "dfs/datanode/store/space_ledger.h"

#include <algorithm>

#include "common/base/try.h"
#include "common/base/units.h"

namespace tusk::dfs::datanode {
namespace {

// To look costs a small block as much as to verify it. A look is believed for this long while it leaves so much that nobody else
// who writes to the disk can take it in that time.
constexpr std::chrono::milliseconds kBelieved{100};
constexpr uint64_t kPlenty = 4ull << 30;

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

Status SpaceLedger::Look() const {
  TUSK_ASSIGN(seen_, disk_.Space(root_));
  believed_until_ = clock_.Now() + kBelieved;
  return OkStatus();
}

Status SpaceLedger::CheckRoom(BlockId block, uint64_t bytes, uint64_t promised) const {
  const bool plenty = Less(seen_.available, reserved_ + promised + bytes) >= kPlenty;
  if (!plenty || clock_.Now() >= believed_until_) TUSK_TRY(Look());
  const storage::SpaceInfo& space = seen_;
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
    seen_.available = Less(seen_.available, bytes);
    taken.ledger_ = this;
    taken.bytes_ = bytes;
  }
  promise.set_aside_ -= from_aside;
  return taken;
}

Result<SpaceLedger::Free> SpaceLedger::Measure() const {
  std::lock_guard lock(mutex_);
  TUSK_TRY(Look());
  return Free{Less(seen_.capacity, reserved_), Less(Less(seen_.available, reserved_), promised_)};
}

}  // namespace tusk::dfs::datanode
