// Bytes of a gzip, zstd or plain stream, told apart by their first bytes, decompressed as they come.
//
// Memory is bounded (zstd windows up to 128 MiB). Several members or frames in a row are one text. Thread: one.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "common/base/status.h"

namespace tusk::dfs::shell {

class Decompressor {
 public:
  using Sink = std::function<Status(std::span<const std::byte>)>;
  explicit Decompressor(Sink sink);
  ~Decompressor();
  Status Write(std::span<const std::byte> bytes);
  Status Finish();  // kCorruption when the stream is cut short

  class Codec;

 private:
  Status Choose();
  Sink sink_;
  std::vector<std::byte> start_;  // until the format is known
  std::unique_ptr<Codec> codec_;
};

}  // namespace tusk::dfs::shell
