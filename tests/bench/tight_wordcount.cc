// The yardstick for wordcount: one process, two threads, the input mapped into memory, one hash table a thread, merged and
// sorted. No checksums, no replicas, no fault tolerance: what the hardware can do.
//
// usage: tight_wordcount THREADS OUT FILE...      writes word<TAB>count sorted by word; prints bytes, seconds, MB/s
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

uint64_t HashWord(std::string_view word) {
  uint64_t hash = 0x9E3779B97F4A7C15 ^ word.size();
  size_t at = 0;
  for (; at + 8 <= word.size(); at += 8) {
    uint64_t piece;
    std::memcpy(&piece, word.data() + at, 8);
    hash = (hash ^ piece) * 0xBF58476D1CE4E5B9;
    hash ^= hash >> 29;
  }
  uint64_t rest = 0;
  std::memcpy(&rest, word.data() + at, word.size() - at);
  hash = (hash ^ rest) * 0x94D049BB133111EB;
  return hash ^ (hash >> 32);
}

class Table {
 public:
  struct Slot {
    std::string_view word;
    uint64_t hash = 0;
    uint64_t count = 0;
  };
  Table() : slots_(1 << 16) {}
  void Add(std::string_view word, uint64_t hash, uint64_t count) {
    for (size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[at];
      if (slot.count == 0) {
        slot = {word, hash, count};
        if (++used_ * 2 > slots_.size()) Grow();
        return;
      }
      if (slot.hash == hash && slot.word == word) {
        slot.count += count;
        return;
      }
    }
  }
  const std::vector<Slot>& slots() const { return slots_; }

 private:
  void Grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    used_ = 0;
    for (const Slot& slot : old) {
      if (slot.count != 0) Add(slot.word, slot.hash, slot.count);
    }
  }
  std::vector<Slot> slots_;
  size_t used_ = 0;
};

void Count(std::string_view text, Table& table) {
  const char* p = text.data();
  const char* end = p + text.size();
  while (p < end) {
    while (p < end && IsSpace(*p)) ++p;
    const char* from = p;
    while (p < end && !IsSpace(*p)) ++p;
    if (p > from) {
      const std::string_view word(from, static_cast<size_t>(p - from));
      table.Add(word, HashWord(word), 1);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "usage: tight_wordcount THREADS OUT FILE...\n"), 2;
  const auto begin = std::chrono::steady_clock::now();
  const size_t threads = std::strtoul(argv[1], nullptr, 10);
  std::vector<std::vector<std::string_view>> shares(threads);
  uint64_t bytes = 0;
  for (int i = 3; i < argc; ++i) {
    const int fd = ::open(argv[i], O_RDONLY);
    struct stat info {};
    if (fd < 0 || ::fstat(fd, &info) != 0) return std::fprintf(stderr, "tight_wordcount: cannot read %s\n", argv[i]), 1;
    const auto size = static_cast<size_t>(info.st_size);
    if (size == 0) continue;
    const char* data = static_cast<const char*>(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0));
    bytes += size;
    size_t from = 0;
    for (size_t t = 0; t < threads; ++t) {
      size_t to = t + 1 == threads ? size : size * (t + 1) / threads;
      while (to < size && !IsSpace(data[to])) ++to;
      if (to > from) shares[t].emplace_back(data + from, to - from);
      from = std::max(from, to);
    }
  }
  std::vector<Table> tables(threads);
  std::vector<std::thread> workers;
  for (size_t t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      for (const auto share : shares[t]) Count(share, tables[t]);
    });
  }
  for (auto& worker : workers) worker.join();
  for (size_t t = 1; t < threads; ++t) {
    for (const auto& slot : tables[t].slots()) {
      if (slot.count != 0) tables[0].Add(slot.word, slot.hash, slot.count);
    }
  }
  std::vector<std::pair<std::string_view, uint64_t>> counts;
  for (const auto& slot : tables[0].slots()) {
    if (slot.count != 0) counts.emplace_back(slot.word, slot.count);
  }
  std::sort(counts.begin(), counts.end());
  std::FILE* out = std::fopen(argv[2], "w");
  if (out == nullptr) return std::fprintf(stderr, "tight_wordcount: cannot write %s\n", argv[2]), 1;
  for (const auto& [word, count] : counts) {
    std::fwrite(word.data(), 1, word.size(), out);
    std::fprintf(out, "\t%llu\n", static_cast<unsigned long long>(count));
  }
  std::fclose(out);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%llu bytes %.3f s %.0f MB/s\n", static_cast<unsigned long long>(bytes), seconds,
              static_cast<double>(bytes) / 1e6 / seconds);
}
