#include "dfs/datanode/store/scrubber.h"

#include <algorithm>

#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/datanode/store/replica_check.h"

namespace tusk::dfs::datanode {
namespace {

constexpr auto kSaveEvery = std::chrono::minutes(1);
constexpr auto kAtMostIdle = std::chrono::hours(1);
constexpr size_t kMaxSuspects = 10'000;
constexpr size_t kLeastBatch = 1024;
constexpr int kBusyCost = 4;

Duration FromMillis(int64_t ms) { return std::chrono::milliseconds(ms); }

bool SaysDamaged(const Status& status) { return status.code() == Code::kCorruption || status.code() == Code::kIoError; }

}  // namespace

Scrubber::Scrubber(DataFolders& folders, size_t index, const Clock& clock, Options options)
    : folders_(folders),
      index_(index),
      clock_(clock),
      options_(std::move(options)),
      bucket_(std::max<uint64_t>(options_.bytes_per_second, 1 << 20), clock.Now()),
      saved_at_(clock.Now()) {
  cursor_.round_began_ms = clock.WallMillis();
  BlockStore* store = folders.store(index);
  if (store == nullptr) return;
  if (const auto cursor = LoadScrubCursor(folders.disk(index), store->layout().Scrub())) cursor_ = *cursor;
  // A clock that was set back must not keep the next round away for years.
  cursor_.round_began_ms = std::min(cursor_.round_began_ms, clock.WallMillis());
  rounds_ = cursor_.rounds;
}

void Scrubber::CheckFirst(const Block& block) {
  std::lock_guard lock(mutex_);
  if (suspects_.size() < kMaxSuspects) suspects_.push_back(block);
}

bool Scrubber::TakeSuspect(Block* block) {
  std::lock_guard lock(mutex_);
  if (suspects_.empty()) return false;
  *block = suspects_.front();
  suspects_.pop_front();
  return true;
}

bool Scrubber::TakeNext(BlockStore& store, Block* block, Duration* idle) {
  *idle = kAtMostIdle;
  if (options_.bytes_per_second == 0) return false;
  const bool round_done = cursor_.next == BlockId(UINT64_MAX);
  if (round_done) {
    const Duration since = FromMillis(clock_.WallMillis() - cursor_.round_began_ms);
    if (since < options_.period) {
      *idle = std::min<Duration>(*idle, options_.period - since);
      return false;
    }
    cursor_.next = BlockId();
    cursor_.round_began_ms = clock_.WallMillis();
  }
  if (batch_.empty()) {
    // Few passes over the whole table, however many replicas there are.
    batch_ = store.FinalizedFrom(cursor_.next, std::max(kLeastBatch, store.finalized_count() / 64));
    std::reverse(batch_.begin(), batch_.end());
  }
  if (batch_.empty()) {
    cursor_.next = BlockId(UINT64_MAX);
    rounds_ = ++cursor_.rounds;
    unsaved_ = true;
    Save().ok();
    *idle = Duration::zero();
    return false;
  }
  *block = batch_.back();
  batch_.pop_back();
  return true;
}

Duration Scrubber::Run() {
  BlockStore* store = folders_.store(index_);
  if (store == nullptr) return kAtMostIdle;
  Block block;
  if (TakeSuspect(&block)) {
    Check(*store, block);
    return Duration::zero();
  }
  Duration idle{};
  if (!TakeNext(*store, &block, &idle)) return idle;
  Check(*store, block);
  cursor_.next = BlockId(block.id.value() + 1);
  unsaved_ = true;
  SaveSometimes();
  return Duration::zero();
}

// Once more after a mismatch: a recovery may have cut the replica while it was read.
void Scrubber::Check(BlockStore& store, const Block& block) {
  Status checked;
  for (int tries = 0; tries < 2; ++tries) {
    const auto replica = store.Describe(block.id);
    if (!replica || replica->state != ReplicaState::kFinalized || replica->damaged ||
        replica->block.generation != block.generation) {
      if (tries > 0) LOG(INFO) << "block " << block.id << " was changed while it was verified";
      return;  // gone, or somebody else's business by now
    }
    auto reader = store.OpenForRead(block.id, block.generation);  // reports missing and short files itself
    if (!reader.ok()) {
      if (SaysDamaged(reader.status())) ++found_;
      return;
    }
    checked = CheckReplica(*reader, [this](uint64_t bytes) { return Pace(bytes); });
    if (!SaysDamaged(checked)) break;
  }
  if (checked.code() == Code::kCancelled) return;
  ++checked_;
  if (!SaysDamaged(checked)) return;
  if (!folders_.CheckFolder(index_).ok()) return;  // not this replica alone
  ++found_;
  LOG(ERROR) << "scrubbing found a damaged replica of block " << block.id << " in " << store.directory() << ": "
             << checked.message();
  store.ReportDamage(block);
}

Status Scrubber::Pace(uint64_t bytes) {
  const uint64_t now = options_.client_bytes ? options_.client_bytes() : 0;
  const bool busy = std::exchange(client_bytes_, now) != now;
  const Duration wait = bucket_.Take(busy ? bytes * kBusyCost : bytes, clock_.Now());
  if (!options_.wait(wait)) return Cancelled("the DataNode stops");
  checked_bytes_ += bytes;
  return OkStatus();
}

void Scrubber::SaveSometimes() {
  if (clock_.Now() - saved_at_ >= kSaveEvery) Save().ok();
}

Status Scrubber::Save() {
  BlockStore* store = folders_.store(index_);
  if (store == nullptr || !unsaved_) return OkStatus();
  saved_at_ = clock_.Now();
  Status saved = SaveScrubCursor(folders_.disk(index_), store->layout().Scrub(), cursor_);
  if (saved.ok()) unsaved_ = false;
  return saved;
}

}  // namespace tusk::dfs::datanode
