#include "dfs/datanode/pipeline/buffer_pool.h"

#include <sys/mman.h>

#include <cstdlib>

#include <glog/logging.h>

namespace tusk::dfs::datanode {
namespace {

constexpr size_t kHugePage = 2 << 20;
constexpr size_t kKeepSmall = 256;

}  // namespace

BufferPool::BufferPool(size_t bytes, size_t keep) : bytes_((bytes + kHugePage - 1) / kHugePage * kHugePage), keep_(keep) {}

BufferPool::~BufferPool() {
  for (std::byte* memory : idle_) std::free(memory);
  for (std::byte* memory : idle_small_) std::free(memory);
}

BufferPool::Lease BufferPool::Take() {
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::byte* memory = idle_.back();  // the one used last: still in the caches
      idle_.pop_back();
      return Lease(*this, memory);
    }
  }
  void* memory = std::aligned_alloc(kHugePage, bytes_);
  CHECK(memory != nullptr) << "no memory for a packet buffer of " << bytes_ << " bytes";
  (void)::madvise(memory, bytes_, MADV_HUGEPAGE);  // a hint: without huge pages it only runs slower
  return Lease(*this, static_cast<std::byte*>(memory));
}

BufferPool::Lease BufferPool::TakeSmall() {
  {
    std::lock_guard lock(mutex_);
    if (!idle_small_.empty()) {
      std::byte* memory = idle_small_.back();
      idle_small_.pop_back();
      return Lease(*this, memory, true);
    }
  }
  void* memory = std::malloc(kSmallBytes);
  CHECK(memory != nullptr) << "no memory for a packet buffer of " << kSmallBytes << " bytes";
  return Lease(*this, static_cast<std::byte*>(memory), true);
}

BufferPool::Lease::~Lease() {
  if (memory_ == nullptr) return;
  {
    std::lock_guard lock(pool_->mutex_);
    auto& idle = small_ ? pool_->idle_small_ : pool_->idle_;
    if (idle.size() < (small_ ? kKeepSmall : pool_->keep_)) {
      idle.push_back(memory_);
      return;
    }
  }
  std::free(memory_);
}

}  // namespace tusk::dfs::datanode
