#include "dfs/namenode/core.h"

#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {
namespace {

constexpr std::chrono::seconds kFlushInterval{5};  // bounds what a start after a crash applies again
constexpr std::chrono::seconds kPause{3};          // longer than a busy machine delays what is due twice a second

}  // namespace

Core::Core(asio::io_context& io, const Clock& time, const CoreOptions& settings, std::unique_ptr<Namespace> applied_state,
           coordination::Log& entries, BatchHook on_batch)
    : context(io),
      clock(time),
      options(settings),
      state(std::move(applied_state)),
      log(entries),
      blocks(settings.blocks, time, state->store()),
      safe_mode(settings.safe_mode_threshold),
      waiters(io, "DataNodes have not reported enough replicas of the file's blocks yet; ask again"),
      order_waiters(io, "no orders"),
      tokens(time, settings.block_key_interval),
      groups(time),
      journal(
          io, entries, settings.epoch,
          [this](coordination::LogIndex index, edit::Edit::Reader edit) -> const Answer& { return ApplyEntry(index, edit); },
          std::move(on_batch)),
      looked_(time.Now()) {}

Status Core::Recover() {
  const coordination::LogIndex before = state->applied();
  if (!blocks.Restore()) {
    state->ForEachBlock([this](InodeId inode, const BlockRecord& block) { blocks.Load(inode, block); });
  }
  TUSK_TRY(Journal::Replay(log, before, [this](coordination::LogIndex index, edit::Edit::Reader edit) {
    state->Apply(index, edit, applied_);
    blocks.Apply(applied_.effects);
  }));
  LOG(INFO) << "the namespace is at entry " << state->applied() << " (" << state->applied() - before
            << " replayed): " << state->meta().files << " files, " << state->meta().directories << " directories, "
            << state->meta().blocks << " blocks";
  LoadNodeOrders(*this);
  reclaimer.Load(state->view());
  state->ForEachLease([this](InodeId inode, const ClientId& holder) { leases.Add(holder, inode, clock.Now()); });
  blocks.OnReplica([this](BlockId block) { waiters.Changed(block); });
  blocks.OnOrder([this](DataNodeId node) { order_waiters.Changed(node); });
  blocks.Extend(clock.Now() - looked_, clock.Now());  // nobody could be heard while the log was applied
  looked_ = clock.Now();
  if (blocks.blocks().counts().blocks > 0) hold_copies_until_ = clock.Now() + options.blocks.dead_after;
  UpdateSafeMode();
  return OkStatus();
}

const Answer& Core::ApplyEntry(coordination::LogIndex index, edit::Edit::Reader edit) {
  state->Apply(index, edit, applied_);
  blocks.Apply(applied_.effects);
  if (!applied_.effects.leases.empty()) leases.Apply(applied_.effects, clock.Now());
  for (const InodeId inode : applied_.effects.garbage) reclaimer.Add(inode);
  return applied_.answer;
}

void Core::UpdateSafeMode() {
  const bool before = safe_mode.on();
  const auto& counts = blocks.blocks().counts();
  safe_mode.Update(counts.blocks, blocks.SafeBlocks());
  if (safe_mode.on()) return;
  if (before) LOG(INFO) << "safe mode is off: " << counts.safe << " of " << counts.blocks << " blocks have a replica";
  blocks.StartReplication();
}

void Core::NotePause() {
  const TimePoint now = clock.Now();
  const Duration gap = now - looked_;
  looked_ = now;
  if (gap <= std::min<Duration>(kPause, options.blocks.dead_after / 2)) return;
  if (gap > kPause) {
    LOG(WARNING) << "this process stood still for " << std::chrono::duration_cast<std::chrono::milliseconds>(gap).count()
                 << " ms: DataNodes and writers get that time again";
  }
  leases.Extend(gap, now);
  blocks.Extend(gap, now);
  hold_copies_until_ += gap;
}

void Core::Tick() {
  NotePause();
  if (clock.Now() - flushed_ >= kFlushInterval) {
    flushed_ = clock.Now();
    state->store().Flush();
  }
  UpdateSafeMode();
  blocks.Tick(safe_mode.on() || clock.Now() < hold_copies_until_);
  waiters.Expire(clock.Now());
  order_waiters.Expire(clock.Now());
}

}  // namespace tusk::dfs::namenode
