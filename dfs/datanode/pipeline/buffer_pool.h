// Packet buffers that live as long as the DataNode: memory that was touched before is several times faster than fresh memory.
//
// Thread: any. Owner: DataNode; leases end before it.
#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace tusk::dfs::datanode {

class BufferPool {
 public:
  static constexpr size_t kSmallBytes = 128 << 10;

  // Buffers of `bytes`, aligned to 2 MiB so that the kernel can use huge pages. At most `keep` idle ones are kept.
  BufferPool(size_t bytes, size_t keep);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;

  class Lease {
   public:
    Lease(BufferPool& pool, std::byte* memory, bool small = false) : pool_(&pool), memory_(memory), small_(small) {}
    Lease(Lease&& other) noexcept : pool_(other.pool_), memory_(std::exchange(other.memory_, nullptr)), small_(other.small_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    std::span<std::byte> bytes() const { return {memory_, small_ ? kSmallBytes : pool_->bytes_}; }

   private:
    BufferPool* pool_;
    std::byte* memory_;
    bool small_;
  };
  Lease Take();
  // kSmallBytes: enough for a packed block. Of these there are as many as small blocks at a time; a large one each would be
  // fresh, zeroed memory for most of them.
  Lease TakeSmall();

 private:
  const size_t bytes_;
  const size_t keep_;
  std::mutex mutex_;
  std::vector<std::byte*> idle_, idle_small_;
};

}  // namespace tusk::dfs::datanode
