// A replica opened for reading: its bytes and the checksums that were stored with them. Verifying is the reader's business.
//
// A replica in rbw is seen as long as it was when it was opened; what is appended later does not show.
// Thread: one at a time.
// Errors: kCorruption when a file is shorter than it should be; the caller tells the store (BlockStore::ReportDamage).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "common/storage/disk.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

class ReplicaReader {
 public:
  // last_crc: of the last chunk, for a replica that is still growing (the file may hold the crc of a longer chunk by now).
  ReplicaReader(Block block, uint32_t chunk_bytes, std::unique_ptr<storage::File> data, std::unique_ptr<storage::File> meta,
                std::optional<uint32_t> last_crc = std::nullopt)
      : block_(block), chunk_bytes_(chunk_bytes), data_(std::move(data)), meta_(std::move(meta)), last_crc_(last_crc) {}

  const Block& block() const { return block_; }
  uint32_t chunk_bytes() const { return chunk_bytes_; }
  int data_fd() const { return data_->fd(); }  // for sendfile; -1: use ReadData

  // Exactly out.size() bytes from `offset`.
  Status ReadData(uint64_t offset, std::span<std::byte> out);
  // The crcs (u32 each, little endian) of out.size() / 4 chunks from chunk number `first`.
  Status ReadChecksums(uint64_t first, std::span<std::byte> out);

 private:
  Block block_;
  uint32_t chunk_bytes_;
  std::unique_ptr<storage::File> data_, meta_;
  std::optional<uint32_t> last_crc_;
};

}  // namespace tusk::dfs::datanode
