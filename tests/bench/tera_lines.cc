// Makes text lines of 100 bytes from 100-byte terasort records (hex key, then filler), so that GNU sort can sort the same rows:
// its keys may hold newlines.
//
// usage: tera_lines IN OUT
#include <cstdio>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: tera_lines IN OUT\n"), 2;
  std::FILE* in = std::fopen(argv[1], "rb");
  std::FILE* out = std::fopen(argv[2], "wb");
  if (in == nullptr || out == nullptr) return std::fprintf(stderr, "tera_lines: cannot open %s or %s\n", argv[1], argv[2]), 1;
  constexpr size_t kRecord = 100, kKey = 10, kBatch = 10'000;
  std::vector<unsigned char> records(kRecord * kBatch);
  std::vector<char> lines(kRecord * kBatch);
  for (size_t got; (got = std::fread(records.data(), kRecord, kBatch, in)) > 0;) {
    for (size_t r = 0; r < got; ++r) {
      const unsigned char* record = records.data() + r * kRecord;
      char* line = lines.data() + r * kRecord;
      for (size_t k = 0; k < kKey; ++k) {
        line[2 * k] = "0123456789ABCDEF"[record[k] >> 4];
        line[2 * k + 1] = "0123456789ABCDEF"[record[k] & 15];
      }
      for (size_t f = 2 * kKey; f < kRecord - 1; ++f) line[f] = static_cast<char>('A' + (record[f - kKey] % 26));
      line[kRecord - 1] = '\n';
    }
    if (std::fwrite(lines.data(), kRecord, got, out) != got)
      return std::fprintf(stderr, "tera_lines: cannot write %s\n", argv[2]), 1;
  }
  std::fclose(in);
  return std::fclose(out) == 0 ? 0 : 1;
}
