#include "mapreduce/task/record_arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

#include <glog/logging.h>

namespace tusk::mr {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kHugePage = 2 << 20;
constexpr size_t kSmall = 128;  // below this a comparison sort is faster
constexpr int kRadixBytes = 10;

unsigned ByteAt(const RecordRef& ref, int depth) {
  return depth < 8 ? static_cast<unsigned>(ref.prefix >> (56 - 8 * depth)) & 0xff
                   : static_cast<unsigned>(ref.tail >> (56 - 8 * (depth - 8))) & 0xff;
}

struct Less {
  const char* base;
  bool operator()(const RecordRef& a, const RecordRef& b) const {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    const uint64_t x = a.tail >> 48, y = b.tail >> 48;
    if (x != y) return x < y;
    return RecordKey(base + a.offset()) < RecordKey(base + b.offset());
  }
};

// All refs agree in their ten bytes. Many equal keys (skew) cost one pass, not n log n.
void SortTies(RecordRef* refs, size_t count, const char* base) {
  while (count > 1) {
    const std::string_view pivot = RecordKey(base + refs[count / 2].offset());
    size_t low = 0, at = 0, high = count;
    while (at < high) {
      const int order = RecordKey(base + refs[at].offset()).compare(pivot);
      if (order < 0) {
        std::swap(refs[low++], refs[at++]);
      } else if (order > 0) {
        std::swap(refs[at], refs[--high]);
      } else {
        ++at;
      }
    }
    // Into the smaller side by recursion: the stack stays logarithmic.
    if (low < count - high) {
      SortTies(refs, low, base);
      refs += high;
      count -= high;
    } else {
      SortTies(refs + high, count - high, base);
      count = low;
    }
  }
}

void Radix(RecordRef* refs, size_t count, int depth, const char* base) {
  for (;;) {
    if (depth == kRadixBytes) return SortTies(refs, count, base);
    if (count < kSmall) {
      std::sort(refs, refs + count, Less{base});
      return;
    }
    size_t counts[256] = {};
    for (size_t i = 0; i < count; ++i) ++counts[ByteAt(refs[i], depth)];
    if (counts[ByteAt(refs[0], depth)] == count) {
      ++depth;
      continue;
    }
    size_t next[256], end[256];
    size_t sum = 0;
    for (int b = 0; b < 256; ++b) {
      next[b] = sum;
      sum += counts[b];
      end[b] = sum;
    }
    for (unsigned b = 0; b < 256; ++b) {
      while (next[b] < end[b]) {
        RecordRef ref = refs[next[b]];
        unsigned home = ByteAt(ref, depth);
        while (home != b) {
          std::swap(ref, refs[next[home]++]);
          home = ByteAt(ref, depth);
        }
        refs[next[b]++] = ref;
      }
    }
    size_t begin = 0;
    for (int b = 0; b < 256; ++b) {
      if (counts[b] > 1) Radix(refs + begin, counts[b], depth + 1, base);
      begin += counts[b];
    }
    return;
  }
}

}  // namespace

RecordArena::RecordArena(size_t bytes) : capacity_(bytes), mapped_((bytes + kSlack + kPage - 1) / kPage * kPage) {
  void* memory = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Page faults of 4 KiB would cost a tenth of the sort; refusal costs only speed.
  if (mapped_ >= kHugePage) static_cast<void>(::madvise(memory, mapped_, MADV_HUGEPAGE));
  base_ = static_cast<char*>(memory);
}

RecordArena::~RecordArena() { ::munmap(base_, mapped_); }

void SortRefs(RecordRef* refs, size_t count, const char* base) {
  if (count > 1) Radix(refs, count, 0, base);
}

}  // namespace tusk::mr
