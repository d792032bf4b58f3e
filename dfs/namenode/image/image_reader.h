// Reads an fsimage and trusts no byte of it: every length is compared with its limit and the file before anything is allocated.
//
// Errors: kCorruption names the file and the offset. kFailedPrecondition: the image of another cluster. kUnimplemented: a later
//         format.
// Thread: one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/storage/disk.h"
#include "dfs/namenode/image/image_format.h"

namespace tusk::dfs::namenode {

class ImageReader {
 public:
  // Reads the header only.
  static Result<std::unique_ptr<ImageReader>> Open(storage::Disk& disk, const std::string& path, uint64_t cluster_id);
  const ImageHeader& header() const { return header_; }

  // Every entry, in order. What was visited counts only if this answers ok: the trailer is the last thing read.
  Status Read(const std::function<Status(std::string_view key, std::string_view value)>& visit);

 private:
  explicit ImageReader(std::string path) : path_(std::move(path)) {}
  Status ReadHeader(uint64_t cluster_id);
  // `size` bytes and the checksum behind them.
  Result<std::string> Take(size_t size, std::string_view before = {});
  Status Damaged(const std::string& what) const;
  Status ReadTrailer(std::string_view head, uint64_t entries, uint64_t bytes);

  const std::string path_;
  std::unique_ptr<storage::File> file_;
  ImageHeader header_;
  uint64_t size_ = 0;
  uint64_t offset_ = 0;
  uint32_t crc_ = 0;
};

// Reads an image to its end. kCorruption: it is damaged; other codes: it cannot be read, or is of another cluster or format.
Status VerifyImage(storage::Disk& disk, const std::string& path, uint64_t cluster_id);

}  // namespace tusk::dfs::namenode
