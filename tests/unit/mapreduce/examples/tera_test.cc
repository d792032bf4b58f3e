#include <algorithm>

#include "common/base/random.h"
#include "mapreduce/examples/tera_random.h"
#include "mapreduce/examples/teragen.h"
#include "mapreduce/examples/terasort.h"
#include "mapreduce/examples/teravalidate.h"
#include "mapreduce/task/job_plan.h"
#include "tests/unit/mapreduce/local_job.h"

namespace tusk::mr::examples {
namespace {

std::string Record(uint64_t row) {
  std::array<char, kTeraRecord> record;
  FillTeraRecord(row, TeraRandom(row).Next(), &record);
  return {record.data(), record.size()};
}

std::string Generate(uint64_t rows) {
  std::string all;
  TeraRandom random;
  std::array<char, kTeraRecord> record;
  for (uint64_t row = 0; row < rows; ++row) {
    FillTeraRecord(row, random.Next(), &record);
    all.append(record.data(), record.size());
  }
  return all;
}

Uint128 Checksum(std::string_view records) {
  Uint128 sum = 0;
  for (size_t at = 0; at < records.size(); at += kTeraRecord) sum += TeraCrc(records.substr(at, kTeraRecord));
  return sum;
}

// Plans as the command line would, then runs.
template <class Job>
Result<CounterValues> RunPlanned(LocalJob& local, CommandLine line, const std::string& in, const std::string& out) {
  const JobProgramOf<Job> program;
  auto job = PlanJob(program, Job::Usage(), line, {in, out, 0}, *local.fs);
  if (!job.ok()) return job.status();
  local.job = *job;
  return RunLocally(program, local.job, local.options);
}

TEST(TeraRandom, MakesTheFirstRowOfGensort) {
  const std::string row = Record(0);
  EXPECT_EQ(row.substr(0, 10), "JimGrayRIP");
  EXPECT_EQ(row.substr(10, 2), std::string("\x00\x11", 2));
  EXPECT_EQ(row.substr(12, 32), "00000000000000000000000000000000");
  EXPECT_EQ(row.substr(44, 4), "\x88\x99\xAA\xBB");
  EXPECT_EQ(row.substr(48, 48), "222200002222000022220000222200002222000000001111");
  EXPECT_EQ(row.substr(96, 4), "\xCC\xDD\xEE\xFF");
}

TEST(TeraRandom, WritesRowNumbersInUpperCaseDigits) {
  EXPECT_EQ(Record(0xABCDEF).substr(12, 32), "00000000000000000000000000ABCDEF");
}

TEST(TeraRandom, SkipsAheadToTheSameNumbers) {
  TeraRandom sequential;
  for (uint64_t row = 0; row < 3000; ++row) {
    const Uint128 expected = sequential.Next();
    if (row % 7 == 0) {
      ASSERT_TRUE(TeraRandom(row).Next() == expected) << row;
    }
  }
  // The constants of Hadoop's Random16 for 2^63 steps: c of f^(2^63).
  EXPECT_EQ(ToHex(TeraRandom((uint64_t{1} << 63) - 1).Next()), "7858ca25feb8d4bf8000000000000000");
}

TEST(TeraRandom, SumsAsGensortDoes) {
  // gensort -c 1000000 prints this sum.
  TeraRandom random;
  std::array<char, kTeraRecord> record;
  Uint128 sum = 0;
  for (uint64_t row = 0; row < 1'000'000; ++row) {
    FillTeraRecord(row, random.Next(), &record);
    sum += TeraCrc({record.data(), record.size()});
  }
  EXPECT_EQ(ToHex(sum), "7a27e2d0d55de");
}

TEST(TeraRandom, ReadsTheHexadecimalItWrites) {
  Random random(11);
  for (int i = 0; i < 100; ++i) {
    const Uint128 number = (static_cast<Uint128>(random()) << 64 | random()) >> random.Below(128);
    Uint128 read = 0;
    ASSERT_TRUE(ParseHex(ToHex(number), &read));
    EXPECT_TRUE(read == number);
  }
  Uint128 ignored;
  EXPECT_FALSE(ParseHex("", &ignored));
  EXPECT_FALSE(ParseHex("12g", &ignored));
  EXPECT_FALSE(ParseHex(std::string(33, '1'), &ignored));
}

TEST(TeraGen, MakesTheSameRowsWithAnyNumberOfMaps) {
  const std::string expected = Generate(1000);
  for (const char* maps : {"1", "3", "7"}) {
    LocalJob local;
    CommandLine line;
    line.values = {{"ROWS", "1000"}, {"maps", maps}};
    const auto counters = RunPlanned<TeraGen>(local, line, "", "/tera");
    ASSERT_TRUE(counters.ok()) << counters.status();
    EXPECT_EQ(local.fs->Parts("/tera"), expected);
    EXPECT_EQ(counters->at("MAP_OUTPUT_RECORDS"), 1000);
    EXPECT_TRUE(static_cast<Uint128>(counters->at("CHECKSUM")) == Checksum(expected));
  }
}

TEST(TeraGen, OfNoRowsIsEmpty) {
  LocalJob local;
  CommandLine line;
  line.values = {{"ROWS", "0"}};
  const auto counters = RunPlanned<TeraGen>(local, line, "", "/tera");
  ASSERT_TRUE(counters.ok()) << counters.status();
  EXPECT_EQ(local.fs->Parts("/tera"), "");
}

TEST(TeraSort, SortsOverAllPartsAndValidates) {
  const std::string records = Generate(20'000);
  std::vector<std::string> sorted;
  for (size_t at = 0; at < records.size(); at += kTeraRecord) sorted.push_back(records.substr(at, kTeraRecord));
  std::sort(sorted.begin(), sorted.end());
  std::string expected;
  for (const std::string& record : sorted) expected += record;
  for (const auto& [reducers, sort_bytes] : {std::pair{1u, 64u << 20}, std::pair{4u, 300'000u}, std::pair{9u, 50'000u}}) {
    SCOPED_TRACE(reducers);
    LocalJob local(333'333);  // blocks that end inside records
    local.fs->Put("/tera/a", records.substr(0, 700'000));
    local.fs->Put("/tera/b", records.substr(700'000));
    local.options.sort_bytes = sort_bytes;
    local.options.merge_bytes = 256 << 10;
    CommandLine line;
    line.reducers = reducers;
    const auto counters = RunPlanned<TeraSort>(local, line, "/tera", "/sorted");
    ASSERT_TRUE(counters.ok()) << counters.status();
    EXPECT_EQ(local.job.boundaries.size(), reducers - 1);
    EXPECT_TRUE(local.fs->Parts("/sorted") == expected);
    EXPECT_EQ(local.fs->last_replication, 1);
    for (uint32_t p = 0; p < reducers; ++p) {
      const size_t bytes = local.fs->Get("/sorted/" + std::string("part-r-0000") + std::to_string(p)).size();
      EXPECT_GT(bytes, records.size() / reducers / 2) << "an unfair share for reducer " << p;
    }

    const auto validated = RunPlanned<TeraValidate>(local, {}, "/sorted", "/report");
    ASSERT_TRUE(validated.ok()) << validated.status();
    EXPECT_EQ(local.fs->Get("/report/part-r-00000"), "checksum\t" + ToHex(Checksum(records)) + "\n");
  }
}

TEST(TeraValidate, NamesMisplacedRecordsAndParts) {
  const std::string records = Generate(4);
  std::vector<std::string> r;
  for (size_t at = 0; at < records.size(); at += kTeraRecord) r.push_back(records.substr(at, kTeraRecord));
  std::sort(r.begin(), r.end());
  LocalJob local;
  local.fs->Put("/sorted/part-r-00000", r[2] + r[3]);
  local.fs->Put("/sorted/part-r-00001", r[1] + r[0]);
  const auto validated = RunPlanned<TeraValidate>(local, {}, "/sorted", "/report");
  ASSERT_TRUE(validated.ok()) << validated.status();
  const std::string report = local.fs->Get("/report/part-r-00000");
  EXPECT_NE(report.find("error\tmisplaced record 1 of /sorted/part-r-00001"), std::string::npos) << report;
  EXPECT_NE(report.find("error\tmisplaced part /sorted/part-r-00001"), std::string::npos) << report;
  EXPECT_NE(report.find("checksum\t" + ToHex(Checksum(records)) + "\n"), std::string::npos) << report;
}

TEST(TeraValidate, SumsUnsortedRecordsWithoutComplaint) {
  LocalJob local;
  local.fs->Put("/tera/a", Generate(100));
  CommandLine line;
  line.values = {{"checksum-only", "true"}};
  ASSERT_TRUE(RunPlanned<TeraValidate>(local, line, "/tera", "/report").ok());
  EXPECT_EQ(local.fs->Get("/report/part-r-00000"), "checksum\t" + ToHex(Checksum(Generate(100))) + "\n");
}

TEST(TeraSort, RefusesAFileOfHalfARecord) {
  LocalJob local;
  local.fs->Put("/tera/a", std::string(150, 'x'));
  const auto counters = RunPlanned<TeraSort>(local, {}, "/tera", "/sorted");
  ASSERT_FALSE(counters.ok());
  EXPECT_NE(counters.status().message().find("/tera/a has 150 bytes"), std::string::npos);
}

}  // namespace
}  // namespace tusk::mr::examples
