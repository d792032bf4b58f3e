// Writes an fsimage: beside its place, synced, renamed, and the folder synced. Until Finish has returned there is no image.
//
// Durability: after Finish the image is on disk under `path`. Dropped before, only `path`.tmp is left, which nobody reads.
// Thread:     one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/storage/disk.h"
#include "dfs/namenode/image/image_format.h"

namespace tusk::dfs::namenode {

class ImageWriter {
 public:
  static Result<std::unique_ptr<ImageWriter>> Create(storage::Disk& disk, const std::string& path, const ImageHeader& header);
  Status Add(std::string_view key, std::string_view value);  // in key order
  // The size of the image.
  Result<uint64_t> Finish();

 private:
  ImageWriter(storage::Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  Status Append(std::string& bytes);  // with the checksum behind them
  Status EndBlock();

  storage::Disk& disk_;
  const std::string path_;
  std::unique_ptr<storage::File> file_;
  std::string block_;
  uint32_t block_entries_ = 0;
  uint64_t offset_ = 0;
  uint64_t entries_ = 0;
  uint64_t bytes_ = 0;
  uint32_t crc_ = 0;
};

}  // namespace tusk::dfs::namenode
