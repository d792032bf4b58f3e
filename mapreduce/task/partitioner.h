// Which reducer gets a key: by hash, or by range when the output shall be in order across reducers.
//
// The same key goes to the same reducer in every attempt on every machine.
// Thread: const methods from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mapreduce/shuffle/record_hash.h"
#include "mapreduce/shuffle/segment_reader.h"

namespace tusk::mr {

class Partitioner {
 public:
  // `boundaries`: none for hashing; else partitions - 1 encoded keys, ascending: boundary i is the first key of partition i + 1.
  Partitioner(uint32_t partitions, std::vector<std::string> boundaries);

  uint32_t partitions() const { return partitions_; }
  uint32_t Of(std::string_view key, uint64_t key_hash) const {
    if (partitions_ == 1) return 0;
    if (boundaries_.empty()) return static_cast<uint32_t>((static_cast<unsigned __int128>(key_hash) * partitions_) >> 64);
    return OfRange(key);
  }

 private:
  uint32_t OfRange(std::string_view key) const;
  uint32_t partitions_;
  std::vector<std::string> boundaries_;
  std::vector<uint64_t> prefixes_;  // of the boundaries
};

}  // namespace tusk::mr
