// A growable array of bytes that stores only the pages somebody wrote; the rest reads as zero. It lets a test keep preallocated
// 64 MiB segments in memory without paying for them.
//
// Thread: one at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tusk::storage {

class SparseBytes {
 public:
  SparseBytes() = default;
  SparseBytes(const SparseBytes& other);
  SparseBytes& operator=(const SparseBytes& other);
  SparseBytes(SparseBytes&&) noexcept = default;
  SparseBytes& operator=(SparseBytes&&) noexcept = default;

  uint64_t size() const { return size_; }
  // Cut bytes are gone: growing again shows zeroes.
  void Resize(uint64_t size);
  // At most out.size() bytes; fewer only at the end.
  size_t Read(uint64_t offset, std::span<std::byte> out) const;
  // Grows when needed.
  void Write(uint64_t offset, std::span<const std::byte> data);

 private:
  static constexpr size_t kPageBytes = 4096;
  using Page = std::array<std::byte, kPageBytes>;
  std::vector<std::unique_ptr<Page>> pages_;  // null: all zero; may be shorter than the size
  uint64_t size_ = 0;
};

}  // namespace tusk::storage
