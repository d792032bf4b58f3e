// A job binary of somebody who has Tusk installed: how many words have how many letters.
#include "mapreduce/api/job.h"
#include "mapreduce/api/words.h"

using namespace tusk::mr;

struct WordLengths {
  void Map(std::string_view line, Out<uint64_t, uint64_t>& out) {
    for (const std::string_view word : Words(line)) out(word.size(), 1);
  }
  static uint64_t Combine(uint64_t a, uint64_t b) { return a + b; }
  void Reduce(uint64_t letters, Values<uint64_t> counts, Out<uint64_t, uint64_t>& out) { out(letters, Sum(counts)); }
  static UsageText Usage() { return {.summary = "Counts words by their length."}; }
};

int main(int argc, char** argv) { return Main<WordLengths>(argc, argv); }
