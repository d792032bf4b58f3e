#include "common/observe/log_record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <random>
#include <vector>

namespace tusk::observe {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

LogRecord Example() {
  LogRecord record;
  record.micros = 1'772'366'400'123'456;
  record.level = "WARNING";
  record.component = "datanode";
  record.node = "node3";
  record.file = "dfs/datanode/store.cc";
  record.line = 41;
  record.message = "disk is slow";
  return record;
}

TEST(LogRecord, IsOneJsonObjectOnOneLine) {
  const Fields fields = {{"block", "17"}, {"job", "job_1"}};
  LogRecord record = Example();
  record.fields = fields;
  EXPECT_EQ(FormatJsonRecord(record),
            "{\"ts\":\"2026-03-01T12:00:00.123456Z\",\"level\":\"WARNING\",\"component\":\"datanode\",\"node\":\"node3\","
            "\"file\":\"dfs/datanode/store.cc\",\"line\":41,\"message\":\"disk is slow\",\"block\":\"17\",\"job\":\"job_1\"}\n");
}

TEST(LogRecord, StaysOneValidJsonObjectWhateverItContains) {
  const uint32_t seed = 20260301;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    const Fields fields = {{bytes, bytes}, {"message", "other"}};
    LogRecord record = Example();
    record.message = bytes;
    record.node = bytes;
    record.fields = fields;
    const std::string line = FormatJsonRecord(record);
    ASSERT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    ASSERT_EQ(line.back(), '\n');
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(line, error);
    ASSERT_FALSE(error) << line << error.message();
    ASSERT_EQ(value.at("line").as_int64(), 41);
    ASSERT_EQ(value.at("field_message").as_string(), "other");
  }
}

TEST(LogRecord, KeepsTheInnermostOfEqualFields) {
  const Fields fields = {{"task", "outer"}, {"block", "1"}, {"task", "inner"}};
  LogRecord record = Example();
  record.fields = fields;
  const std::string json = FormatJsonRecord(record);
  EXPECT_NE(json.find("\"block\":\"1\",\"task\":\"inner\"}"), std::string::npos) << json;
  EXPECT_EQ(json.find("outer"), std::string::npos) << json;
  EXPECT_NE(FormatTextRecord(record).find("] disk is slow block=1 task=inner\n"), std::string::npos);
}

TEST(LogRecord, RenamesFieldsThatTheRecordHasItself) {
  const Fields fields = {{"level", "deep"}};
  LogRecord record = Example();
  record.fields = fields;
  EXPECT_NE(FormatJsonRecord(record).find("\"field_level\":\"deep\""), std::string::npos);
}

TEST(LogRecord, IsOneLineOfTextForPeople) {
  const Fields fields = {{"block", "17"}};
  LogRecord record = Example();
  record.fields = fields;
  EXPECT_EQ(FormatTextRecord(record),
            "2026-03-01T12:00:00.123456Z W datanode node3 dfs/datanode/store.cc:41] disk is slow block=17\n");
  record.node = "datanode";
  record.message = "a\nb\x1b[2J\tc\x7f";
  EXPECT_EQ(FormatTextRecord(record),
            "2026-03-01T12:00:00.123456Z W datanode dfs/datanode/store.cc:41] a\\nb\\x1b[2J\tc\\x7f block=17\n");
}

TEST(LogRecord, WritesTimesBefore1970) {
  EXPECT_EQ(FormatUtc(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatUtc(-1), "1969-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace tusk::observe
