#include "mapreduce/examples/wordcount.h"

#include <map>
#include <sstream>

#include "common/base/random.h"
#include "tests/unit/mapreduce/local_job.h"

namespace tusk::mr::examples {
namespace {

std::map<std::string, uint64_t> Reference(const std::string& text) {
  std::map<std::string, uint64_t> counts;
  std::string word;
  for (const char c : text + "\n") {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      if (!word.empty()) ++counts[word];
      word.clear();
    } else {
      word += c;
    }
  }
  return counts;
}

std::map<std::string, uint64_t> Parse(const std::string& output) {
  std::map<std::string, uint64_t> counts;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const size_t tab = line.rfind('\t');
    EXPECT_TRUE(counts.emplace(line.substr(0, tab), std::stoull(line.substr(tab + 1))).second) << "twice: " << line;
  }
  return counts;
}

std::string RandomText(uint64_t seed, size_t words, uint64_t vocabulary) {
  Random random(seed);
  std::string text;
  static constexpr std::string_view kSpaces[] = {" ", "\n", "\r\n", "\t", "  ", "\v", "\f", "\n\n"};
  for (size_t i = 0; i < words; ++i) {
    const uint64_t word = random.Below(random.Below(vocabulary) + 1);
    text += (random.OneIn(50) ? std::string("\xff\x80", 2) : std::string("w")) + std::to_string(word);
    text += kSpaces[random.Below(std::size(kSpaces))];
  }
  return text;
}

TEST(WordCount, CountsASentence) {
  LocalJob local;
  local.fs->Put("/in", "to be or not\tto be\n");
  const auto counters = local.Run<WordCount>();
  ASSERT_TRUE(counters.ok()) << counters.status();
  EXPECT_EQ(local.fs->Get("/out/part-r-00000"), "be\t2\nnot\t1\nor\t1\nto\t2\n");
  EXPECT_EQ(local.fs->Get("/out/_SUCCESS"), "");
  EXPECT_EQ(counters->at("MAP_INPUT_RECORDS"), 1);
  EXPECT_EQ(counters->at("MAP_INPUT_BYTES"), 19);
  EXPECT_EQ(counters->at("MAP_OUTPUT_RECORDS"), 6);
  EXPECT_EQ(counters->at("COMBINE_INPUT_RECORDS"), 6);
  EXPECT_EQ(counters->at("COMBINE_OUTPUT_RECORDS"), 4);
  EXPECT_EQ(counters->at("REDUCE_INPUT_GROUPS"), 4);
  EXPECT_EQ(counters->at("REDUCE_OUTPUT_RECORDS"), 4);
}

TEST(WordCount, GivesTheSameOnEveryShape) {
  const std::string text = RandomText(7, 30'000, 5'000);
  const auto reference = Reference(text);
  struct Shape {
    uint64_t block, sort_bytes, merge_bytes;
    uint32_t reducers;
    bool combine;
  };
  for (const Shape& shape : {Shape{1 << 20, 256 << 10, 1 << 20, 1, true}, Shape{4096, 1 << 20, 1 << 20, 3, true},
                             Shape{50'000, 20'000, 30'000, 5, true}, Shape{50'000, 20'000, 30'000, 5, false},
                             Shape{1 << 20, 4096, 1024, 2, false}, Shape{1000, 4096, 2000, 7, true}}) {
    SCOPED_TRACE(std::to_string(shape.block) + " byte blocks, " + std::to_string(shape.sort_bytes) + " to sort");
    LocalJob local(shape.block);
    local.fs->Put("/in/a", text.substr(0, text.size() / 2));
    local.fs->Put("/in/b", text.substr(text.size() / 2));
    local.fs->Put("/in/_hidden", "hidden");
    local.fs->Put("/in/empty", "");
    local.job.reducers = shape.reducers;
    local.job.combine = shape.combine;
    local.options.sort_bytes = shape.sort_bytes;
    local.options.merge_bytes = shape.merge_bytes;
    const auto counters = local.Run<WordCount>();
    ASSERT_TRUE(counters.ok()) << counters.status();
    // The cut between the files may have split a word: count them apart.
    auto expected = Reference(text.substr(0, text.size() / 2));
    for (const auto& [word, count] : Reference(text.substr(text.size() / 2))) expected[word] += count;
    EXPECT_EQ(Parse(local.fs->Parts("/out")), expected);
  }
}

TEST(WordCount, OfNothingIsNothing) {
  LocalJob local;
  local.fs->Put("/in", "");
  local.job.reducers = 2;
  const auto counters = local.Run<WordCount>();
  ASSERT_TRUE(counters.ok()) << counters.status();
  EXPECT_EQ(local.fs->Get("/out/part-r-00000"), "");
  EXPECT_EQ(local.fs->Get("/out/part-r-00001"), "");
}

TEST(WordCount, FailsWithThePathWhenTheInputChanged) {
  LocalJob local;
  local.fs->Put("/in", "a b c");
  ASSERT_TRUE(local.Run<WordCount>().ok());
  local.fs->Put("/in", "a b c d");
  local.job.output = "/out2";
  const auto counters = local.Run<WordCount>();
  ASSERT_FALSE(counters.ok());
  EXPECT_NE(counters.status().message().find("/in has 7 bytes but had 5"), std::string::npos) << counters.status();
}

}  // namespace
}  // namespace tusk::mr::examples
