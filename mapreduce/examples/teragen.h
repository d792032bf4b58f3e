// Makes ROWS records of the sort benchmark.
#pragma once

#include "mapreduce/api/job.h"
#include "mapreduce/examples/tera_random.h"

namespace tusk::mr::examples {

// The sum of the records' crc32, modulo 2^64: teravalidate prints the same number in hexadecimal.
inline const Counter kTeraChecksum("CHECKSUM");

struct TeraGen {
  using Input = RowRange;
  using Output = TeraOutput;
  static constexpr bool kMapOnly = true;

  void Map(uint64_t row, Out<std::string_view, std::string_view>& out) {
    if (row != next_row_) random_ = TeraRandom(row);
    next_row_ = row + 1;
    FillTeraRecord(row, random_.Next(), &record_);
    const std::string_view record(record_.data(), record_.size());
    kTeraChecksum.Add(TeraCrc(record));
    out(record.substr(0, kTeraKey), record.substr(kTeraKey));
  }

  static UsageText Usage() {
    UsageText usage;
    usage.summary = "Makes records of the sort benchmark: 100 bytes, 10 of them the key.";
    usage.positionals = {{"ROWS", "number of records", "1000000"}, {"OUT", "output directory; must not exist"}};
    usage.options = {{"maps", "map tasks; default: one for each 128 MiB"}};
    usage.rows_per_map = (uint64_t{128} << 20) / kTeraRecord;
    return usage;
  }

 private:
  TeraRandom random_;
  uint64_t next_row_ = 0;
  std::array<char, kTeraRecord> record_;
};

}  // namespace tusk::mr::examples
