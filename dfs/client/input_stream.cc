#include "dfs/client/input_stream.h"

#include <glog/logging.h>

#include <algorithm>
#include <array>
#include <thread>

#include "common/base/try.h"
#include "dfs/client/hedged_await.h"
#include "dfs/client/visible_length.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs {
namespace {

// Locations asked for at once: enough that a sequential reader asks rarely, bounded for files of very many blocks.
constexpr uint64_t kFirstLocations = 1ull << 30;
constexpr uint64_t kLaterBlocks = 64;
// Pauses before the locations are asked for again when no replica can be read: a node may be restarting.
constexpr std::array<std::chrono::milliseconds, 4> kPauses{std::chrono::milliseconds(50), std::chrono::milliseconds(500),
                                                           std::chrono::milliseconds(2'000), std::chrono::milliseconds(4'000)};
constexpr uint64_t kSkipInsteadOfSeek = 128 << 10;
constexpr size_t kRunsAhead = 4;  // of a vectored read, asked for at a time
// So near its end a block's successor is asked for, by a reader that has read that much in a row.
constexpr uint64_t kAskAheadAt = 1 * kMiB;
constexpr uint64_t kAskAheadAfter = 8 * kMiB;
// A stream in full flow may pause for a disk's seek.
constexpr std::chrono::milliseconds kLeastStall{20};

}  // namespace

Result<LocatedFile> FetchLocations(NameNodeLink& namenode, const std::string& path, uint64_t offset, uint64_t length) {
  return namenode.Ask(
      kLocations,
      [&](auto request) {
        request.setPath(path);
        request.setOffset(offset);
        request.setLength(length);
      },
      [&](auto reply) {
        LocatedFile file;
        file.status = FromWire(reply.getStatus(), PathParent(path));
        file.blocks.reserve(reply.getBlocks().size());
        for (const auto& block : reply.getBlocks()) file.blocks.push_back(FromWire(block));
        return file;
      });
}

DfsInputStream::DfsInputStream(std::shared_ptr<ClientContext> context, const FileStatus& file, std::string path)
    : context_(std::move(context)),
      path_(std::move(path)),
      inode_(file.inode),
      length_(file.length),
      block_size_(std::max<uint64_t>(file.block_size, 1)) {}

DfsInputStream::~DfsInputStream() = default;

Status InputStream::ReadVec(std::span<ReadRange> ranges) {
  for (ReadRange& range : ranges) {
    TUSK_ASSIGN(range.done, ReadAt(range.offset, range.out));
  }
  return OkStatus();
}

Result<std::unique_ptr<InputStream>> DfsInputStream::Open(std::shared_ptr<ClientContext> context, const std::string& path) {
  TUSK_ASSIGN(LocatedFile file, FetchLocations(context->namenode(), path, 0, kFirstLocations));
  if (file.status.is_directory) return Status(Code::kIsADirectory, path + " is a directory; name a file below it");
  LearnVisibleLength(*context, &file);
  std::unique_ptr<DfsInputStream> stream(new DfsInputStream(std::move(context), file.status, path));
  stream->plan_.Learn(std::move(file.blocks));
  return std::unique_ptr<InputStream>(std::move(stream));
}

Result<size_t> DfsInputStream::Read(std::span<std::byte> out) { return Fill(cursor_, out, /*sequential=*/true); }

Result<size_t> DfsInputStream::ReadAt(uint64_t offset, std::span<std::byte> out) {
  Cursor cursor;
  cursor.position = offset;
  return Fill(cursor, out, /*sequential=*/false);
}

Status DfsInputStream::ReadVec(std::span<ReadRange> ranges) {
  for (ReadRange& range : ranges) range.done = 0;
  const std::vector<RangeRun> runs = PlanRuns(ranges);
  std::vector<std::unique_ptr<Cursor>> cursors(runs.size());
  std::vector<std::byte> scratch;
  for (size_t i = 0, asked = 0; i < runs.size(); ++i) {
    for (; asked < std::min(runs.size(), i + kRunsAhead); ++asked) {
      const RangeRun& run = runs[asked];
      cursors[asked] = std::make_unique<Cursor>();
      cursors[asked]->position = run.offset;
      cursors[asked]->planned_end = run.offset + run.length;
      if (run.offset < length_) AskAhead(*cursors[asked], run.offset, run.length);
    }
    TUSK_TRY(RunVec(*cursors[i], ranges, runs[i], scratch));
    cursors[i].reset();
  }
  return OkStatus();
}

Status DfsInputStream::RunVec(Cursor& cursor, std::span<ReadRange> ranges, const RangeRun& run, std::vector<std::byte>& scratch) {
  for (const size_t i : run.ranges) {
    ReadRange& range = ranges[i];
    if (const uint64_t gap = range.offset - cursor.position; gap > 0) {
      scratch.resize(std::max<size_t>(scratch.size(), gap));
      TUSK_ASSIGN(const size_t skipped, Fill(cursor, std::span(scratch).first(gap), /*sequential=*/false));
      if (skipped < gap) return OkStatus();  // the end of the file
    }
    TUSK_ASSIGN(range.done, Fill(cursor, range.out, /*sequential=*/false));
  }
  return OkStatus();
}

Status DfsInputStream::Seek(uint64_t offset) {
  if (offset > length_) {
    return InvalidArgument("cannot seek to " + std::to_string(offset) + " in " + path_ + ", which has " +
                           std::to_string(length_) + " bytes");
  }
  const bool near = offset >= cursor_.position && offset - cursor_.position <= kSkipInsteadOfSeek && cursor_.source != nullptr &&
                    !cursor_.local;
  while (near && cursor_.position < offset) {
    std::array<std::byte, 8192> ignored;
    TUSK_ASSIGN(const size_t skipped,
                Fill(cursor_, std::span(ignored).first(std::min<uint64_t>(ignored.size(), offset - cursor_.position)), true));
    if (skipped == 0) break;
  }
  if (cursor_.position != offset) {
    cursor_.source.reset();
    cursor_.next.reset();
    cursor_.position = offset;
    cursor_.streak = 0;
  }
  return OkStatus();
}

Result<size_t> DfsInputStream::Fill(Cursor& cursor, std::span<std::byte> out, bool sequential) {
  size_t done = 0;
  while (done < out.size() && cursor.position < length_) {
    const size_t left = out.size() - done;
    if (!cursor.source) {
      const uint64_t planned =
          sequential ? ReadAhead(cursor.streak) : std::max(cursor.planned_end, cursor.position) - cursor.position;
      if (Status opened = OpenSource(cursor, std::max<uint64_t>(left, planned)); !opened.ok()) {
        if (done > 0 && sequential) return done;  // the next call tells; a positional read is short only at the end of the file
        return opened;
      }
    }
    BlockSource& source = *cursor.source;
    auto count = source.Read(out.subspan(done));
    if (!count.ok()) {
      SourceFailed(cursor, count.status());
      continue;
    }
    done += *count;
    cursor.position += *count;
    cursor.streak += *count;
    if (cursor.local) local_bytes_.fetch_add(*count, std::memory_order_relaxed);
    if (*count > 0) {
      cursor.refreshes = 0;
      cursor.tokens_renewed = false;
    }
    const uint64_t to_end = source.end() - source.position();
    if (sequential && !cursor.local && !cursor.next && to_end <= kAskAheadAt && cursor.streak >= kAskAheadAfter) {
      AskAhead(cursor, cursor.position + to_end, UINT64_MAX);
    }
    if (to_end == 0) {
      source.Finish();
      cursor.source.reset();
    }
  }
  return done;
}

std::optional<ReadPlan::Choice> DfsInputStream::Choose(uint64_t position, DataNodeId except) {
  const HedgePolicy& policy = context_->hedging();
  std::lock_guard lock(plan_mutex_);
  return plan_.Choose(
      position, [&](DataNodeId node) { return policy.SlowLately(node); }, except);
}

BlockRange DfsInputStream::RangeOf(const LocatedBlock& block, uint64_t position, uint64_t wanted) {
  const uint64_t in_block = position - block.offset;
  return {
      .block = block.block, .offset = in_block, .length = std::min(wanted, block.block.length - in_block), .token = block.token};
}

Status DfsInputStream::OpenSource(Cursor& cursor, uint64_t wanted) {
  while (true) {
    const std::optional<ReadPlan::Choice> choice = Choose(cursor.position);
    if (!choice) {
      TUSK_TRY(Refresh(cursor));
      continue;
    }
    const BlockRange range = RangeOf(choice->block, cursor.position, wanted);
    cursor.local = OpenLocally(cursor, *choice, range);
    if (cursor.local) return OkStatus();
    cursor.source = OpenRemotely(cursor, *choice, range);
    if (cursor.source) return OkStatus();
  }
}

bool DfsInputStream::OpenLocally(Cursor& cursor, const ReadPlan::Choice& choice, const BlockRange& range) {
  if (cursor.not_locally == range.block.id || cursor.next) return false;
  auto replica = context_->local_replicas().Find(choice.node, range);
  if (!replica) return false;
  cursor.source = std::make_unique<LocalBlockReader>(std::move(replica), choice.node, range);
  return true;
}

std::unique_ptr<BlockReader> DfsInputStream::OpenRemotely(Cursor& cursor, const ReadPlan::Choice& choice,
                                                          const BlockRange& range) {
  HedgePolicy& policy = context_->hedging();
  HedgedRequest request;
  request.first = std::move(cursor.next);
  request.fresh = !request.first || request.first->block() != range.block || request.first->position() != range.offset;
  if (request.fresh) {
    auto started = BlockReader::Start(context_->connections(), choice.node, range, ClientName());
    if (!started.ok()) {
      NoteFailure(cursor, range.block, choice.node, started.status());
      return nullptr;
    }
    request.first = std::move(*started);
  }
  Watch(cursor, *request.first);
  const BlockReader& first = *request.first;
  request.start_second = [&] { return AskAnother(cursor, first, cursor.position, range.length); };
  request.failed = [&](const BlockReader& reader, const Status& status) {
    NoteFailure(cursor, range.block, reader.node(), status);
  };
  return AwaitHedged(policy, context_->connections().timeout(), std::move(request));
}

std::unique_ptr<BlockReader> DfsInputStream::AskAnother(Cursor& cursor, const BlockReader& slow, uint64_t position,
                                                        uint64_t wanted) {
  const auto choice = Choose(position, slow.node().id);
  if (!choice || choice->block.block != slow.block()) return nullptr;
  auto started =
      BlockReader::Start(context_->connections(), choice->node, RangeOf(choice->block, position, wanted), ClientName());
  if (!started.ok()) {
    NoteFailure(cursor, choice->block.block, choice->node, started.status());
    return nullptr;
  }
  Watch(cursor, **started);
  return std::move(*started);
}

void DfsInputStream::Watch(Cursor& cursor, BlockReader& reader) {
  const auto patience = std::chrono::ceil<std::chrono::milliseconds>(context_->hedging().threshold());
  if (patience.count() == 0) return;
  reader.SetWatch({std::max(patience, kLeastStall), [this, &cursor](BlockReader& stalled) { return OnStall(cursor, stalled); }});
}

// The bytes of a source that stalled in the middle are read from another replica, unless they come first after all.
bool DfsInputStream::OnStall(Cursor& cursor, BlockReader& stalled) {
  if (stalled.position() == stalled.end()) return true;  // nothing is missing but the last packet's end
  if (cursor.source.get() != &stalled || !context_->hedging().TakeExtra()) return true;
  auto other = AskAnother(cursor, stalled, cursor.position, stalled.end() - stalled.position());
  if (!other) return true;
  const std::array<int, 2> fds{stalled.fd(), other->fd()};
  const auto ready = FirstReadable(fds, context_->connections().timeout());
  if (!ready) return false;
  if (*ready == 0) return true;
  if (const Status answered = other->Await(); !answered.ok()) {
    NoteFailure(cursor, other->block(), other->node(), answered);
    return true;
  }
  cursor.faster = std::move(other);
  return false;
}

void DfsInputStream::AskAhead(Cursor& cursor, uint64_t position, uint64_t wanted) {
  if (position >= length_) return;
  const auto choice = Choose(position);
  if (!choice) return;
  const BlockRange range = RangeOf(choice->block, position, wanted);
  if (context_->local_replicas().Find(choice->node, range)) return;
  auto started = BlockReader::Start(context_->connections(), choice->node, range, ClientName());
  if (started.ok()) cursor.next = std::move(*started);
}

void DfsInputStream::SourceFailed(Cursor& cursor, const Status& status) {
  const std::unique_ptr<BlockSource> failed = std::move(cursor.source);
  if (cursor.faster) {
    context_->hedging().Lost(failed->node().id);
    cursor.source = std::move(cursor.faster);
  } else if (cursor.local) {
    // The network path finds out whether the replica is bad, and tells.
    LOG(WARNING) << path_ << ": cannot read block " << failed->block().id << " from the files of " << failed->node().name << ": "
                 << status << "; asking the DataNode";
    cursor.not_locally = failed->block().id;
    context_->local_replicas().Forget(failed->node(), failed->block());
  } else {
    NoteFailure(cursor, failed->block(), failed->node(), status);
  }
}

Status DfsInputStream::Refresh(Cursor& cursor) {
  bool known = false;
  {
    std::lock_guard lock(plan_mutex_);
    known = plan_.BlockAt(cursor.position) != nullptr;
  }
  if (known || cursor.refreshes > 0) {
    if (cursor.refreshes >= kPauses.size()) {
      const std::string why = cursor.last_error.empty() ? "no DataNode that holds it is alive" : cursor.last_error;
      return Unavailable("cannot read " + path_ + " at byte " + std::to_string(cursor.position) +
                         ": no replica of the block can be read (" + why + "); see `tusk fsck " + path_ +
                         " -files -blocks -locations`");
    }
    std::this_thread::sleep_for(kPauses[cursor.refreshes]);
    ++cursor.refreshes;
  } else {
    cursor.refreshes = 1;  // a block beyond what was fetched so far: no failure, no pause
  }
  return FetchFrom(cursor.position);
}

Status DfsInputStream::FetchFrom(uint64_t position) {
  const uint64_t count = std::min(kFirstLocations, kLaterBlocks * block_size_);
  TUSK_ASSIGN(LocatedFile file, FetchLocations(context_->namenode(), path_, position, count));
  if (file.status.inode != inode_) return NotFound(path_ + " was replaced by another file while it was read; open it again");
  LearnVisibleLength(*context_, &file);
  std::lock_guard lock(plan_mutex_);
  plan_.Learn(std::move(file.blocks));
  return OkStatus();
}

void DfsInputStream::NoteFailure(Cursor& cursor, const Block& block, const DataNodeInfo& node, const Status& status) {
  const std::string where =
      (node.name.empty() ? "DataNode" : node.name) + " at " + node.host + ":" + std::to_string(node.data_port);
  cursor.last_error = where + ": " + status.message();
  if (status.code() == Code::kPermissionDenied && !std::exchange(cursor.tokens_renewed, true)) {
    // The token has expired, or the DataNode does not know the NameNode's keys yet: fresh tokens come with fresh locations.
    if (const Status fetched = FetchFrom(cursor.position); fetched.ok()) return;
  }
  const bool bad = status.code() == Code::kCorruption;
  LOG(WARNING) << path_ << ": cannot read block " << block.id << " from " << where << ": " << status
               << "; trying another replica";
  {
    std::lock_guard lock(plan_mutex_);
    if (bad) {
      plan_.MarkBad(block, node.id);
    } else {
      plan_.MarkUnreachable(node.id);
    }
  }
  if (!bad) return;
  const Status reported = context_->namenode()
                              .Ask(
                                  kReportBadReplica,
                                  [&](auto request) {
                                    ToWire(block, request.initBlock());
                                    request.setNode(node.id.value());
                                  },
                                  [](auto) { return std::monostate(); })
                              .status();
  if (!reported.ok()) LOG(WARNING) << "cannot report the bad replica of block " << block.id << ": " << reported;
}

}  // namespace tusk::dfs
