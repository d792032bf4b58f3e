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
#include "dfs/datanode/store/meta_file.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

class ReplicaReader {
 public:
  // last_crc: of the last chunk, for a replica that is still growing (the file may hold the crc of a longer chunk by now).
  // The offsets: where the block and its checksums begin in their files, which of a packed replica are one and the same.
  ReplicaReader(Block block, uint32_t chunk_bytes, std::shared_ptr<storage::File> data, std::shared_ptr<storage::File> meta,
                std::optional<uint32_t> last_crc = std::nullopt, uint64_t data_offset = 0,
                uint64_t meta_offset = kMetaHeaderBytes)
      : block_(block),
        chunk_bytes_(chunk_bytes),
        data_(std::move(data)),
        meta_(std::move(meta)),
        last_crc_(last_crc),
        data_offset_(data_offset),
        meta_offset_(meta_offset) {}

  const Block& block() const { return block_; }
  uint32_t chunk_bytes() const { return chunk_bytes_; }
  int data_fd() const { return data_->fd(); }  // for sendfile, from data_offset() on; -1: use ReadData
  int meta_fd() const { return meta_->fd(); }
  uint64_t data_offset() const { return data_offset_; }   // where the block begins in data_fd
  uint64_t meta_offset() const { return meta_offset_; }   // where its checksums begin in meta_fd
  bool growing() const { return last_crc_.has_value(); }  // the last chunk's checksum may change

  // Of a growing replica: the checksum of this chunk is not in the file yet.
  void SetChecksum(uint64_t chunk, uint32_t crc) { unstored_ = Unstored{chunk, crc}; }

  // Ends the replica at `length`, as far as this reader goes. kCorruption: its last chunk is damaged.
  Status Shorten(uint64_t length);

  // Exactly out.size() bytes from `offset`.
  Status ReadData(uint64_t offset, std::span<std::byte> out);
  // The crcs (u32 each, little endian) of out.size() / 4 chunks from chunk number `first`.
  Status ReadChecksums(uint64_t first, std::span<std::byte> out);

 private:
  Block block_;
  uint32_t chunk_bytes_;
  std::shared_ptr<storage::File> data_, meta_;
  std::optional<uint32_t> last_crc_;
  struct Unstored {
    uint64_t chunk = 0;
    uint32_t crc = 0;
  };
  std::optional<Unstored> unstored_;
  uint64_t data_offset_, meta_offset_;
};

}  // namespace tusk::dfs::datanode
