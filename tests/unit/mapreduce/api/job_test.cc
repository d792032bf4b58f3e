#include "mapreduce/api/job.h"

#include "tests/unit/mapreduce/local_job.h"

namespace tusk::mr {
namespace {

inline const Counter kLong("LONG_LINES");

// Values of variable size: Combine runs on sorted runs, not in the table.
struct LongestLine {
  void Map(std::string_view line, Out<uint32_t, std::string_view>& out) {
    if (line.size() > 3) kLong.Add(1);
    out(static_cast<uint32_t>(line.empty() ? 0 : line[0]), line);
  }
  static std::string_view Combine(std::string_view a, std::string_view b) { return b.size() > a.size() ? b : a; }
};

TEST(Job, WithoutReduceGivesWhatCombineFolds) {
  LocalJob local(16);
  local.fs->Put("/in", "a\nabc\nab\nbbbb\nb\nabcd\nb12\n");
  const auto counters = local.Run<LongestLine>();
  ASSERT_TRUE(counters.ok()) << counters.status();
  EXPECT_EQ(local.fs->Parts("/out"), "97\tabcd\n98\tbbbb\n");
  EXPECT_EQ(counters->at("LONG_LINES"), 2);
}

struct Identity {
  void Map(std::string_view line, Out<std::string_view, Nothing>& out) { out(line); }
};

TEST(Job, WithoutReduceAndCombineSortsItsRecords) {
  LocalJob local;
  local.fs->Put("/in", "b\na\nb\n\nc\n");
  ASSERT_TRUE(local.Run<Identity>().ok());
  EXPECT_EQ(local.fs->Parts("/out"), "\na\nb\nb\nc\n");
}

struct Upper {
  static constexpr bool kMapOnly = true;
  void Setup(Context& context) { suffix_ = context.Get("suffix", "!"); }
  void Map(std::string_view line, Out<std::string, Nothing>& out) {
    std::string text(line);
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    out(text + suffix_);
  }
  void EndMap(Out<std::string, Nothing>& out) { out("END"); }
  void Cleanup(Context& context) { context.Count("CLEANED", 1); }
  std::string suffix_;
};

TEST(Job, WithMapOnlyKeepsOneOutputForEachSplit) {
  LocalJob local(4);
  local.fs->Put("/in", "abc\ndef\n");
  local.job.arguments = {{"suffix", "?"}};
  const auto counters = local.Run<Upper>();
  ASSERT_TRUE(counters.ok()) << counters.status();
  EXPECT_EQ(local.fs->Get("/out/part-m-00000"), "ABC?\nEND\n");
  EXPECT_EQ(local.fs->Get("/out/part-m-00001"), "DEF?\nEND\n");
  EXPECT_EQ(counters->at("CLEANED"), 2);
  EXPECT_EQ(counters->at("MAP_OUTPUT_RECORDS"), 4);
}

struct Picky {
  Status Setup(Context& context) {
    const auto limit = context.GetInteger("limit", 3);
    return limit.ok() ? OkStatus() : limit.status();
  }
  void Map(std::string_view line, Out<std::string_view, uint64_t>& out) {
    if (line == "throw") throw std::runtime_error("cannot stand this line");
    if (line == "fail") out.Fail(InvalidArgument("this line is wrong"));
    out(line, 1);
  }
  void Reduce(std::string_view key, Values<uint64_t> values, Out<std::string_view, uint64_t>& out) {
    for (const uint64_t v : values) {
      out(key, v);
      return;  // the others are skipped
    }
  }
};

std::string FailureOf(const std::string& text, const std::string& limit = "1") {
  LocalJob local;
  local.fs->Put("/in", text);
  local.job.arguments = {{"limit", limit}};
  const auto counters = local.Run<Picky>();
  return counters.ok() ? "" : counters.status().message();
}

TEST(Job, FailsWithTheSentenceOfItsCode) {
  EXPECT_EQ(FailureOf("fine\nfine\nother\n"), "");
  EXPECT_EQ(FailureOf("throw\n"), "the job's code threw: cannot stand this line");
  EXPECT_EQ(FailureOf("a\nfail\nb\n"), "this line is wrong");
  EXPECT_EQ(FailureOf("a\n", "x"), "limit must be a whole number, not \"x\"");
}

TEST(Job, SkipsTheValuesThatReduceDoesNotRead) {
  LocalJob local;
  local.fs->Put("/in", "a\nb\na\na\nb\n");
  const auto counters = local.Run<Picky>();
  ASSERT_TRUE(counters.ok()) << counters.status();
  EXPECT_EQ(local.fs->Parts("/out"), "a\t1\nb\t1\n");
  EXPECT_EQ(counters->at("REDUCE_INPUT_RECORDS"), 5);
}

TEST(Counter, IsOneForOneName) {
  const Counter a("SAME"), b("SAME");
  Counter::ResetAll();
  a.Add(2);
  b.Add(3);
  EXPECT_EQ(a.value(), 5);
  CounterValues values;
  Counter::Collect(&values);
  EXPECT_EQ(values, (CounterValues{{"SAME", 5}}));
  Counter::ResetAll();
  EXPECT_EQ(b.value(), 0);
}

}  // namespace
}  // namespace tusk::mr
