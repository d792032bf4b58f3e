#include "common/observe/logging.h"

#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace tusk::observe {
namespace {

using testing::HasSubstr;

class LoggingTest : public testing::Test {
 protected:
  LoggingTest() {
    std::string pattern = testing::TempDir() + "logging_test.XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~LoggingTest() override {
    InitLogging({});  // lets go of the file
    std::filesystem::remove_all(directory_);
  }

  LogOptions InDirectory(bool json) const {
    LogOptions options;
    options.component = "datanode";
    options.node = "node3";
    options.directory = directory_;
    options.json = json;
    return options;
  }

  std::string Read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(directory_ + "/" + name).rdbuf();
    return text.str();
  }

  std::vector<std::string> Lines(const std::string& name) const {
    std::vector<std::string> lines;
    std::istringstream text(Read(name));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  std::string directory_;
};

TEST_F(LoggingTest, WritesEveryRecordAtOnceToTheFileOfTheComponent) {
  InitLogging(InDirectory(false));
  LOG(INFO) << "first";
  EXPECT_THAT(Lines("datanode-node3.log"), testing::ElementsAre(HasSubstr("first")));
  LOG(ERROR) << "second";
  const auto lines = Lines("datanode-node3.log");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[1], testing::ContainsRegex("Z E datanode node3 tests/unit/common/observe/logging_test.cc:[0-9]+. second$"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);  // none of glog's own
}

TEST_F(LoggingTest, WritesJsonWithTheFieldsOfTheThread) {
  InitLogging(InDirectory(true));
  {
    LogFields job({{"job", "job_7"}});
    LogFields attempt({{"attempt", "a\xff"}});
    LOG(WARNING) << "line one\nline two";
    std::thread([] { LOG(INFO) << "elsewhere"; }).join();
  }
  LOG(INFO) << "after";
  const auto lines = Lines("datanode-node3.log");
  ASSERT_EQ(lines.size(), 3u);
  const auto first = boost::json::parse(lines[0]);
  EXPECT_EQ(first.at("level").as_string(), "WARNING");
  EXPECT_EQ(first.at("component").as_string(), "datanode");
  EXPECT_EQ(first.at("node").as_string(), "node3");
  EXPECT_EQ(first.at("message").as_string(), "line one\nline two");
  EXPECT_EQ(first.at("job").as_string(), "job_7");
  EXPECT_EQ(first.at("attempt").as_string(), "a\xef\xbf\xbd");
  EXPECT_FALSE(boost::json::parse(lines[1]).as_object().contains("job"));
  EXPECT_FALSE(boost::json::parse(lines[2]).as_object().contains("job"));
}

TEST_F(LoggingTest, ShowsToolsWarningsOnlyUnlessVerbose) {
  LogOptions options;
  options.component = "tusk";
  testing::internal::CaptureStderr();
  InitLogging(options);
  LOG(INFO) << "detail";
  LOG(WARNING) << "careful";
  const std::string quiet = testing::internal::GetCapturedStderr();
  EXPECT_THAT(quiet, testing::Not(HasSubstr("detail")));
  EXPECT_THAT(quiet, HasSubstr("careful"));
  options.verbose = true;
  testing::internal::CaptureStderr();
  InitLogging(options);
  LOG(INFO) << "detail";
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("detail"));
}

TEST_F(LoggingTest, FallsBackToStandardErrorWithoutADirectory) {
  LogOptions options = InDirectory(false);
  options.directory += "/missing";
  testing::internal::CaptureStderr();
  InitLogging(options);
  LOG(WARNING) << "still heard";
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("cannot write the log file " + options.directory +
                              "/datanode-node3.log: No such file or directory; logging to standard error"));
  EXPECT_THAT(text, HasSubstr("still heard"));
}

TEST_F(LoggingTest, BeginsAFileAnewPastItsLimitAndKeepsOneOlder) {
  LogOptions options = InDirectory(false);
  options.file_limit_bytes = 1000;
  InitLogging(options);
  for (int i = 0; i < 100; ++i) LOG(INFO) << "record " << i << " end";
  EXPECT_LT(Read("datanode-node3.log").size(), 1200u);
  EXPECT_GE(Read("datanode-node3.log.1").size(), 1000u);
  EXPECT_THAT(Lines("datanode-node3.log").back(), HasSubstr("record 99 end"));
}

TEST_F(LoggingTest, PutsTheReasonOfAFailedCheckIntoTheFileAndOnStandardError) {
  EXPECT_DEATH(
      {
        InitLogging(InDirectory(false));
        CHECK_EQ(1, 2) << "sums";
      },
      "Check failed: 1 == 2 .*sums");
  EXPECT_THAT(Read("datanode-node3.log"), HasSubstr("Check failed: 1 == 2"));
}

TEST(LogFileName, NamesTheNodeUnlessItIsTheComponent) {
  EXPECT_EQ(LogFileName("datanode", "node3"), "datanode-node3.log");
  EXPECT_EQ(LogFileName("namenode", "namenode"), "namenode.log");
  EXPECT_EQ(LogFileName("jobtracker", ""), "jobtracker.log");
  EXPECT_EQ(LogFileName("", ""), "tusk.log");
}

}  // namespace
}  // namespace tusk::observe
