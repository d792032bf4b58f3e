// Memory of the applied state's entries: pieces of a few sizes, cut from large blocks that lie in huge pages, and kept for the
// next entry of the size.
//
// An entry is looked at once in a while and lies anywhere: with small pages each look costs a walk of the page tables, twice over
// in a virtual machine, besides the cache miss. And the general allocator costs several times what a free list does. Memory is
// given back when the arena goes; until then there is as much of it as the state needed at most. Thread: namespace loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace tusk::dfs::namenode {

// Blocks of this size and alignment are huge pages where the system has them.
inline constexpr size_t kHugePageBytes = 2 << 20;
// Of at least `bytes`, aligned for huge pages if it is large. To be given to std::free.
void* AllocatePages(size_t bytes);

class EntryArena {
 public:
  EntryArena() = default;
  EntryArena(const EntryArena&) = delete;
  EntryArena& operator=(const EntryArena&) = delete;
  ~EntryArena();

  void* Allocate(size_t bytes) {
    const size_t size_class = ClassOf(bytes);
    if (size_class >= kClasses) return ::operator new(bytes);
    if (Piece* const piece = free_[size_class]; piece != nullptr) {
      free_[size_class] = piece->next;
      return piece;
    }
    return Cut(size_class * kGranule);
  }
  void Free(void* piece, size_t bytes) {
    const size_t size_class = ClassOf(bytes);
    if (size_class >= kClasses) return ::operator delete(piece);
    free_[size_class] = new (piece) Piece{free_[size_class]};
  }

 private:
  struct Piece {
    Piece* next;
  };
  static constexpr size_t kGranule = 16;
  static constexpr size_t kClasses = 65;  // up to 1 KiB; larger ones are rare
  static size_t ClassOf(size_t bytes) { return (bytes + kGranule - 1) / kGranule; }
  void* Cut(size_t bytes);

  std::array<Piece*, kClasses> free_{};
  char* at_ = nullptr;
  size_t left_ = 0;
  std::vector<void*> blocks_;
};

// For large tables: huge pages for what is at least one.
template <class T>
struct PageAllocator {
  using value_type = T;
  PageAllocator() = default;
  template <class U>
  PageAllocator(const PageAllocator<U>&) {}  // NOLINT(google-explicit-constructor): as allocators are
  T* allocate(size_t count) { return static_cast<T*>(AllocatePages(count * sizeof(T))); }
  void deallocate(T* pieces, size_t) { std::free(pieces); }
  template <class U>
  bool operator==(const PageAllocator<U>&) const {
    return true;
  }
};

}  // namespace tusk::dfs::namenode
