#include "dfs/namenode/namespace/entry_arena.h"

#include <sys/mman.h>

#include <algorithm>

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kFirstBlockBytes = 64 << 10;  // a small state stays small

}  // namespace

void* AllocatePages(size_t bytes) {
  const bool huge = bytes >= kHugePageBytes;
  const size_t alignment = huge ? kHugePageBytes : alignof(std::max_align_t);
  const size_t whole = (bytes + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, whole);
  if (memory == nullptr) throw std::bad_alloc();
  if (huge) ::madvise(memory, whole, MADV_HUGEPAGE);  // a wish: what it answers does not matter
  return memory;
}

EntryArena::~EntryArena() {
  for (void* const block : blocks_) std::free(block);
}

void* EntryArena::Cut(size_t bytes) {
  if (left_ < bytes) {  // the rest, less than an entry, is lost
    left_ = std::min(kHugePageBytes, kFirstBlockBytes << std::min<size_t>(blocks_.size(), 8));
    blocks_.push_back(nullptr);
    blocks_.back() = AllocatePages(left_);
    at_ = static_cast<char*>(blocks_.back());
  }
  char* const piece = at_;
  at_ += bytes;
  left_ -= bytes;
  return piece;
}

}  // namespace tusk::dfs::namenode
