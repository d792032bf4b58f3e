// Reads a file: finds its blocks, streams each from the nearest replica, and goes on from another one in the middle of a block
// when a DataNode fails or bytes do not match their checksums (which is reported to the NameNode).
//
// Where a block is read from: the files of a DataNode on this machine; else its data port, and a second replica as well when the
// first is unusually slow to answer or stalls (hedge_policy.h). A sequential reader asks for the next block before it is needed.
//
// Thread: one, besides ReadAt and ReadVec, which have connections of their own for each call. Owner: the caller; keeps the
// ClientContext.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "dfs/client/block_reader.h"
#include "dfs/client/client_context.h"
#include "dfs/client/file_system.h"
#include "dfs/client/range_plan.h"
#include "dfs/client/read_plan.h"

namespace tusk::dfs {

// Blocks of `path` that intersect the range, from the NameNode.
Result<LocatedFile> FetchLocations(NameNodeLink& namenode, const std::string& path, uint64_t offset, uint64_t length);

class DfsInputStream final : public InputStream {
 public:
  static Result<std::unique_ptr<InputStream>> Open(std::shared_ptr<ClientContext> context, const std::string& path);
  ~DfsInputStream() override;

  Result<size_t> Read(std::span<std::byte> out) override;
  Result<size_t> ReadAt(uint64_t offset, std::span<std::byte> out) override;
  Status ReadVec(std::span<ReadRange> ranges) override;
  Status Seek(uint64_t offset) override;
  uint64_t position() const override { return cursor_.position; }
  uint64_t length() const override { return length_; }
  // Of the bytes read so far, those that came from files of DataNodes on this machine. Any thread.
  uint64_t local_bytes() const { return local_bytes_.load(std::memory_order_relaxed); }

 private:
  struct Cursor {
    uint64_t position = 0;
    uint64_t streak = 0;       // bytes read in a row
    uint64_t planned_end = 0;  // positional: everything up to here will be read
    std::unique_ptr<BlockSource> source;
    std::unique_ptr<BlockReader> next;    // asked ahead for what follows `source`
    std::unique_ptr<BlockReader> faster;  // answered while `source` was stalled
    bool local = false;                   // `source` reads the replica's files
    BlockId not_locally;                  // its files could not be read
    bool tokens_renewed = false;          // since the last byte
    uint32_t refreshes = 0;               // of locations, since the last byte
    std::string last_error;
  };

  DfsInputStream(std::shared_ptr<ClientContext> context, const FileStatus& file, std::string path);
  // Fills `out` as far as the file goes; a sequential reader asks for more than that at once.
  Result<size_t> Fill(Cursor& cursor, std::span<std::byte> out, bool sequential);
  Status OpenSource(Cursor& cursor, uint64_t wanted);
  bool OpenLocally(Cursor& cursor, const ReadPlan::Choice& choice, const BlockRange& range);
  std::unique_ptr<BlockReader> OpenRemotely(Cursor& cursor, const ReadPlan::Choice& choice, const BlockRange& range);
  // Asks for the bytes from `position` on, without waiting, where they will be read from. Failures show when they are read.
  void AskAhead(Cursor& cursor, uint64_t position, uint64_t wanted);
  std::unique_ptr<BlockReader> AskAnother(Cursor& cursor, const BlockReader& slow, uint64_t position, uint64_t wanted);
  void Watch(Cursor& cursor, BlockReader& reader);  // for stalls
  bool OnStall(Cursor& cursor, BlockReader& stalled);
  Status RunVec(Cursor& cursor, std::span<ReadRange> ranges, const RangeRun& run, std::vector<std::byte>& scratch);

  std::optional<ReadPlan::Choice> Choose(uint64_t position, DataNodeId except = DataNodeId());
  static BlockRange RangeOf(const LocatedBlock& block, uint64_t position, uint64_t wanted);
  std::string ClientName() const { return context_->options().user + "@" + context_->options().host; }
  Status Refresh(Cursor& cursor);
  Status FetchFrom(uint64_t position);
  void SourceFailed(Cursor& cursor, const Status& status);
  void NoteFailure(Cursor& cursor, const Block& block, const DataNodeInfo& node, const Status& status);

  const std::shared_ptr<ClientContext> context_;
  const std::string path_;
  const InodeId inode_;  // blocks of another file that took the path later are not this stream's
  const uint64_t length_;
  const uint64_t block_size_;
  std::mutex plan_mutex_;
  ReadPlan plan_;
  Cursor cursor_;
  std::atomic<uint64_t> local_bytes_{0};
};

}  // namespace tusk::dfs
