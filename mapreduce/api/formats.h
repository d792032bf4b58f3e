// Where a job's input comes from and how its output looks: using Input = TextInput; using Output = TextOutput;
//
// An Input names its reader and what Map is called with; an Output names the framing of records (mapreduce/api/out.h).
#pragma once

#include "mapreduce/io/fixed_record_reader.h"
#include "mapreduce/io/line_reader.h"
#include "mapreduce/io/row_range_reader.h"
#include "mapreduce/task/job_program.h"

namespace tusk::mr {

// Files of lines: Map(std::string_view line, Out&).
struct TextInput {
  using Key = std::string_view;  // type of Map's first argument
  static constexpr bool kPairs = false;
  static constexpr InputKind kKind = InputKind::kText;
  static constexpr uint32_t kRecordBytes = 0;
  using Reader = LineReader;
  static Reader Make(dfs::FileSystem& fs, const InputSplit& split, TaskProgress& progress) { return {fs, split, progress}; }
};

// Files of records of kRecord bytes, the first kKey of them the key: Map(std::string_view key, std::string_view value, Out&).
template <uint32_t kRecord, uint32_t kKeyBytes>
struct FixedInput {
  static_assert(kKeyBytes <= kRecord && kRecord > 0, "FixedInput<record bytes, key bytes>: the key is a part of the record");
  static constexpr bool kPairs = true;
  static constexpr InputKind kKind = InputKind::kFixedRecords;
  static constexpr uint32_t kRecordBytes = kRecord;
  using Key = std::string_view;
  using Reader = FixedRecordReader;
  static Reader Make(dfs::FileSystem& fs, const InputSplit& split, TaskProgress& progress) {
    return {fs, split, progress, kRecord, kKeyBytes};
  }
};
using TeraInput = FixedInput<100, 10>;  // of the sort benchmark

// No files: the numbers 0 ... N - 1, N being the argument ROWS: Map(uint64_t row, Out&).
struct RowRange {
  static constexpr bool kPairs = false;
  static constexpr InputKind kKind = InputKind::kRows;
  static constexpr uint32_t kRecordBytes = 0;
  using Key = uint64_t;
  using Reader = RowRangeReader;
  static Reader Make(dfs::FileSystem& fs, const InputSplit& split, TaskProgress& progress) { return {fs, split, progress}; }
};

struct TextOutput {  // key TAB value LF
  static constexpr Framing kFraming = Framing::kText;
};
struct RawOutput {  // key bytes and value bytes, nothing between
  static constexpr Framing kFraming = Framing::kRaw;
};
using TeraOutput = RawOutput;

}  // namespace tusk::mr
