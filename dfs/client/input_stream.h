// Reads a file: finds its blocks, streams each from the nearest replica, and goes on from another one in the middle of a block
// when a DataNode fails or bytes do not match their checksums (which is reported to the NameNode).
//
// Thread: one, besides ReadAt, which has its own connection and buffer for each call. Owner: the caller; keeps the ClientContext.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "dfs/client/block_reader.h"
#include "dfs/client/client_context.h"
#include "dfs/client/file_system.h"
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
  Status Seek(uint64_t offset) override;
  uint64_t position() const override { return cursor_.position; }
  uint64_t length() const override { return length_; }

 private:
  struct Cursor {
    uint64_t position = 0;
    uint64_t streak = 0;  // bytes read in a row
    ReadBuffer buffer;
    std::unique_ptr<BlockReader> reader;
    uint32_t refreshes = 0;  // of locations, since the last byte
    std::string last_error;
  };

  DfsInputStream(std::shared_ptr<ClientContext> context, std::string path, uint64_t length, uint64_t block_size);
  // Fills `out` as far as the file goes; a sequential reader asks for more than that at once.
  Result<size_t> Fill(Cursor& cursor, std::span<std::byte> out, bool sequential);
  Status OpenReader(Cursor& cursor, uint64_t wanted);
  Status Refresh(Cursor& cursor);
  void NoteFailure(Cursor& cursor, const Block& block, const DataNodeInfo& node, const Status& status);

  const std::shared_ptr<ClientContext> context_;
  const std::string path_;
  const uint64_t length_;
  const uint64_t block_size_;
  std::mutex plan_mutex_;
  ReadPlan plan_;
  Cursor cursor_;
};

}  // namespace tusk::dfs
