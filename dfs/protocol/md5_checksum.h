// HDFS's file checksum, bit for bit: the MD5 of the MD5s of the blocks' crc32cs.
//
// A block's MD5 is over the crc32c of each 512 bytes, big endian. The file's is over the blocks' MD5s followed by zeros up to 32,
// 64, 128 ... bytes: HDFS hashes its whole buffer, which starts at 32 bytes and doubles, and every tool that compares its
// checksums relies on it (FileChecksumHelper.java of Hadoop 3). Thread: one at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"

struct evp_md_ctx_st;

namespace tusk::dfs {

using Md5Sum = std::array<std::byte, 16>;

class Md5 {
 public:
  Md5();
  void Add(std::span<const std::byte> bytes);
  Result<Md5Sum> Finish();  // once; kUnimplemented: this machine's OpenSSL does without MD5

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;  // null after a failure
};

// Of one block, whose bytes are added in order.
class Md5OfCrcs {
 public:
  explicit Md5OfCrcs(uint32_t bytes_per_crc) : bytes_per_crc_(bytes_per_crc) {}
  void Add(std::span<const std::byte> bytes);
  Result<Md5Sum> Finish();

 private:
  void AddCrc();

  const uint32_t bytes_per_crc_;
  Md5 md5_;
  uint32_t crc_ = 0;       // of the crc chunk under way
  uint32_t in_chunk_ = 0;  // bytes of it
};

struct HdfsChecksum {
  uint32_t bytes_per_crc = 0;   // 0: an empty file
  uint64_t crcs_per_block = 0;  // of the first block; 0: there is only one
  Md5Sum md5{};
  std::string Algorithm() const;  // "MD5-of-262144MD5-of-512CRC32C"
  std::string Hex() const;        // of the three fields, big endian, as `hadoop fs -checksum` prints them
};
Result<HdfsChecksum> CombineHdfsChecksum(const std::vector<Md5Sum>& blocks, uint64_t first_block_bytes, uint32_t bytes_per_crc);

}  // namespace tusk::dfs
