#include "dfs/datanode/command_runner.h"

#include <glog/logging.h>
#include <kj/exception.h>

#include "dfs/datanode/pipeline/background.h"
#include "dfs/datanode/pipeline/block_copier.h"

namespace tusk::dfs::datanode {
namespace {

constexpr size_t kMoves = 2;            // at a time; they share one allowance
constexpr size_t kDeletedAtOnce = 256;  // packed replicas, by one write

}  // namespace

CommandRunner::CommandRunner(PipelineContext& context, size_t copy_streams, std::function<void(const Block&)> failed)
    : context_(context),
      failed_(std::move(failed)),
      copies_({.name = "dn-copy", .threads = copy_streams, .queue_limit = 10'000}),
      moves_({.name = "dn-move", .threads = kMoves, .queue_limit = 1'000}),
      deletions_({.name = "dn-delete", .threads = 1, .queue_limit = 10'000}) {}

void CommandRunner::Copy(const Block& block, std::vector<DataNodeInfo> targets, std::string token, const CopyRate& rate) {
  {
    std::lock_guard lock(mutex_);
    if (!copying_.insert(block.id).second) return;
  }
  WorkerPool& pool = rate.move ? moves_ : copies_;
  const bool queued = pool.TrySubmit([this, block, rate, targets = std::move(targets), token = std::move(token)] {
    GoToBackground();
    Status copied;
    if (!context_.sockets.stopped()) {
      try {
        copied = CopyBlock(context_, block, targets, token, rate);
      } catch (const kj::Exception& error) {  // a malformed reply of the target
        copied = Corruption(error.getDescription().cStr());
      }
    }
    if (!copied.ok() && !context_.sockets.stopped()) {
      context_.metrics.copies_failed.Increment();
      LOG(WARNING) << "copying block " << block.id << " to " << targets.size() << " nodes failed: " << copied.message();
    }
    EndCopy(block, copied.ok());
  });
  if (queued) return;
  LOG(WARNING) << "too many copies are waiting; the order to copy block " << block.id << " is dropped";
  EndCopy(block, false);
}

void CommandRunner::EndCopy(const Block& block, bool made) {
  {
    std::lock_guard lock(mutex_);
    copying_.erase(block.id);  // before it is told: the next order may come at once
  }
  if (!made && failed_ && !context_.sockets.stopped()) failed_(block);
}

void CommandRunner::Invalidate(std::vector<Block> blocks) {
  const size_t count = blocks.size();
  const bool queued = deletions_.TrySubmit([this, blocks = std::move(blocks)] {
    for (std::span<const Block> left(blocks); !left.empty(); left = left.subspan(std::min(kDeletedAtOnce, left.size()))) {
      if (context_.sockets.stopped()) return;
      Delete(left.first(std::min(kDeletedAtOnce, left.size())));
    }
  });
  if (!queued) LOG(WARNING) << "too many deletions are waiting; an order to delete " << count << " replicas is dropped";
}

void CommandRunner::Delete(std::span<const Block> blocks) {
  const auto note = [](const Status& deleted) {
    if (!deleted.ok()) LOG(WARNING) << "not deleted: " << deleted.message();
  };
  note(context_.store.InvalidatePacked(blocks));
  for (const Block& block : blocks) {  // what is left of them
    if (context_.sockets.stopped()) return;
    note(context_.store.Invalidate(block));
  }
}

void CommandRunner::Stop() {
  copies_.Stop();
  moves_.Stop();
  deletions_.Stop();
}

}  // namespace tusk::dfs::datanode
