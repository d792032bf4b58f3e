#include "dfs/protocol/md5_checksum.h"

#include <openssl/evp.h>

#include <algorithm>

#include "common/base/try.h"
#include "common/storage/crc32c.h"

namespace tusk::dfs {
namespace {

constexpr size_t kFirstBuffer = 32;

}  // namespace

void Md5::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Md5::Md5() : context_(EVP_MD_CTX_new()) {
  if (context_ && EVP_DigestInit_ex(context_.get(), EVP_md5(), nullptr) != 1) context_.reset();
}

void Md5::Add(std::span<const std::byte> bytes) {
  if (context_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) context_.reset();
}

Result<Md5Sum> Md5::Finish() {
  Md5Sum sum{};
  unsigned int length = 0;
  if (!context_ || EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(sum.data()), &length) != 1) {
    return Status(Code::kUnimplemented, "this machine's OpenSSL does not compute MD5; use the COMPOSITE-CRC32C checksum");
  }
  return sum;
}

void Md5OfCrcs::AddCrc() {
  const std::array<std::byte, 4> big_endian{static_cast<std::byte>(crc_ >> 24), static_cast<std::byte>(crc_ >> 16),
                                            static_cast<std::byte>(crc_ >> 8), static_cast<std::byte>(crc_)};
  md5_.Add(big_endian);
  crc_ = 0;
  in_chunk_ = 0;
}

void Md5OfCrcs::Add(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min<size_t>(bytes.size(), bytes_per_crc_ - in_chunk_));
    crc_ = storage::Crc32c(piece, crc_);
    in_chunk_ += static_cast<uint32_t>(piece.size());
    if (in_chunk_ == bytes_per_crc_) AddCrc();
    bytes = bytes.subspan(piece.size());
  }
}

Result<Md5Sum> Md5OfCrcs::Finish() {
  if (in_chunk_ > 0) AddCrc();
  return md5_.Finish();
}

Result<HdfsChecksum> CombineHdfsChecksum(const std::vector<Md5Sum>& blocks, uint64_t first_block_bytes, uint32_t bytes_per_crc) {
  Md5 md5;
  for (const Md5Sum& block : blocks) md5.Add(block);
  size_t buffer = kFirstBuffer;
  const size_t used = blocks.size() * sizeof(Md5Sum);
  while (buffer < used) buffer *= 2;
  md5.Add(std::vector<std::byte>(buffer - used));
  HdfsChecksum checksum;
  TUSK_ASSIGN(checksum.md5, md5.Finish());
  if (!blocks.empty()) checksum.bytes_per_crc = bytes_per_crc;
  if (blocks.size() > 1) checksum.crcs_per_block = (first_block_bytes + bytes_per_crc - 1) / bytes_per_crc;
  return checksum;
}

std::string HdfsChecksum::Algorithm() const {
  // Of an empty file HDFS names the older crc.
  return "MD5-of-" + std::to_string(crcs_per_block) + "MD5-of-" + std::to_string(bytes_per_crc) +
         (bytes_per_crc == 0 ? "CRC32" : "CRC32C");
}

std::string HdfsChecksum::Hex() const {
  std::string text;
  const auto add = [&](uint64_t value, int bytes) {
    for (int shift = 8 * bytes - 4; shift >= 0; shift -= 4) text += "0123456789abcdef"[value >> shift & 15];
  };
  add(bytes_per_crc, 4);
  add(crcs_per_block, 8);
  for (const std::byte byte : md5) add(static_cast<uint8_t>(byte), 1);
  return text;
}

}  // namespace tusk::dfs
