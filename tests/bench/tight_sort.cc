// The yardstick for terasort: one process, two threads, 100-byte records mapped into memory, sorted as (8-byte key prefix,
// index), gathered and written with fsync. No checksums, no replicas, no fault tolerance.
//
// usage: tight_sort THREADS OUT FILE...      prints bytes, seconds, MB/s
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

constexpr size_t kRecord = 100, kKey = 10;

struct Reference {
  uint64_t prefix;
  const char* record;
};

bool Less(const Reference& a, const Reference& b) {
  return a.prefix != b.prefix ? a.prefix < b.prefix : std::memcmp(a.record + 8, b.record + 8, kKey - 8) < 0;
}

bool WriteAll(int fd, const char* data, size_t size, uint64_t offset) {
  while (size > 0) {
    const ssize_t wrote = ::pwrite(fd, data, size, static_cast<off_t>(offset));
    if (wrote <= 0) return false;
    data += wrote;
    size -= static_cast<size_t>(wrote);
    offset += static_cast<uint64_t>(wrote);
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "usage: tight_sort THREADS OUT FILE...\n"), 2;
  const auto begin = std::chrono::steady_clock::now();
  const size_t threads = std::strtoul(argv[1], nullptr, 10);
  std::vector<std::pair<const char*, size_t>> files;
  uint64_t bytes = 0;
  for (int i = 3; i < argc; ++i) {
    const int fd = ::open(argv[i], O_RDONLY);
    struct stat info {};
    if (fd < 0 || ::fstat(fd, &info) != 0) return std::fprintf(stderr, "tight_sort: cannot read %s\n", argv[i]), 1;
    if (info.st_size == 0) continue;
    const auto size = static_cast<size_t>(info.st_size);
    files.emplace_back(static_cast<const char*>(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0)),
                       size / kRecord);
    bytes += size;
  }
  // Keys are uniform: thread t takes the keys whose first two bytes fall into its share.
  std::vector<std::vector<Reference>> parts(threads);
  std::vector<std::thread> workers;
  for (size_t t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      auto& part = parts[t];
      part.reserve(bytes / kRecord / threads + 4096);
      const uint64_t from = 65536 * t / threads, to = 65536 * (t + 1) / threads;
      for (const auto& [data, records] : files) {
        for (size_t r = 0; r < records; ++r) {
          const char* record = data + r * kRecord;
          uint64_t prefix;
          std::memcpy(&prefix, record, 8);
          prefix = __builtin_bswap64(prefix);
          if (const uint64_t top = prefix >> 48; top >= from && top < to) part.push_back({prefix, record});
        }
      }
      std::sort(part.begin(), part.end(), Less);
    });
  }
  for (auto& worker : workers) worker.join();
  workers.clear();
  const int out = ::open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (out < 0) return std::fprintf(stderr, "tight_sort: cannot write %s\n", argv[2]), 1;
  bool ok = true;
  uint64_t offset = 0;
  for (size_t t = 0; t < threads; ++t) {
    workers.emplace_back([&, t, offset]() mutable {
      std::vector<char> buffer(kRecord * 10'000);
      const auto& part = parts[t];
      for (size_t at = 0; at < part.size();) {
        const size_t count = std::min<size_t>(10'000, part.size() - at);
        for (size_t i = 0; i < count; ++i) {
          if (at + i + 16 < part.size()) __builtin_prefetch(part[at + i + 16].record);
          std::memcpy(buffer.data() + i * kRecord, part[at + i].record, kRecord);
        }
        if (!WriteAll(out, buffer.data(), count * kRecord, offset)) ok = false;
        offset += count * kRecord;
        at += count;
      }
    });
    offset += parts[t].size() * kRecord;
  }
  for (auto& worker : workers) worker.join();
  if (!ok || ::fdatasync(out) != 0) return std::fprintf(stderr, "tight_sort: writing %s failed\n", argv[2]), 1;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%llu bytes %.3f s %.0f MB/s\n", static_cast<unsigned long long>(bytes), seconds,
              static_cast<double>(bytes) / 1e6 / seconds);
}
