// How often each word occurs: `LC_ALL=C tr -s '[:space:]' '\n' | sort | uniq -c`.
#pragma once

#include "mapreduce/api/job.h"
#include "mapreduce/api/words.h"

namespace tusk::mr::examples {

struct WordCount {
  void Map(std::string_view line, Out<std::string_view, uint64_t>& out) {
    for (const std::string_view word : Words(line)) out(word, 1);
  }

  static uint64_t Combine(uint64_t a, uint64_t b) { return a + b; }

  void Reduce(std::string_view word, Values<uint64_t> counts, Out<std::string_view, uint64_t>& out) { out(word, Sum(counts)); }

  static UsageText Usage() { return {.summary = "Counts the words of text files."}; }
};

}  // namespace tusk::mr::examples
