// Fills packets, cuts the file into blocks, and closes it.
//
// Durability: Flush: every byte is in memory at every replica; Sync: on disk; Close: on disk, and the file is complete.
// Thread: one. Owner: the caller; keeps the ClientContext. After an error every call answers that error again.
#pragma once

#include <memory>
#include <string>

#include "dfs/client/block_writer.h"
#include "dfs/client/file_system.h"

namespace tusk::dfs {

class DfsOutputStream final : public OutputStream, private OpenWriter {
 public:
  DfsOutputStream(std::shared_ptr<ClientContext> context, const FileStatus& file, bool durable);
  // A new file; `first`: its first block if that was given with it, else id 0.
  static std::unique_ptr<OutputStream> Begin(std::shared_ptr<ClientContext> context, const FileStatus& file, LocatedBlock first,
                                             bool durable);
  // Goes on at the end of a file, in its last block when that is not full (`last`, else id 0), under the generation handed out.
  static Result<std::unique_ptr<OutputStream>> Continue(std::shared_ptr<ClientContext> context, const FileStatus& file,
                                                        const LocatedBlock& last, Generation generation);
  ~DfsOutputStream() override;

  using OutputStream::Write;
  Status Write(std::span<const std::byte> data) override;
  Status Flush() override;
  Status Sync() override;
  Status Close() override;
  uint64_t position() const override { return position_; }

 private:
  void KeepAlive() override { writer_.KeepAlive(); }
  Status WriteBytes(std::span<const std::byte> data);
  Status SettleWith(uint16_t flags);
  Status Complete();
  Status ShipCurrent(uint16_t flags);
  void BeginPacket();
  Status Keep(Status status);  // makes an error stick

  const std::shared_ptr<ClientContext> context_;
  const std::string path_;
  const InodeId inode_;
  const uint64_t block_size_;
  BlockWriter writer_;
  std::unique_ptr<PacketBuffer> current_;  // being filled; may be null
  uint64_t position_ = 0;                  // in the file
  uint64_t block_bytes_ = 0;               // shipped or filled, of the current block
  bool closed_ = false;
  Status failed_;
};

}  // namespace tusk::dfs
