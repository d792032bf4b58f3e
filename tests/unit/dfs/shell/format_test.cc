#include "dfs/shell/format.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace tusk::dfs::shell {
namespace {

FileStatus File() {
  FileStatus file;
  file.path = "/data/my file";
  file.length = 1366;
  file.block_size = 128 << 20;
  file.replication = 3;
  file.modified_ms = 1'706'702'709'999;  // 2024-01-31 12:05:09 UTC
  file.accessed_ms = 0;
  file.owner = "ann";
  file.group = "staff";
  file.mode = 0640;
  return file;
}

class Format : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

TEST_F(Format, ListLineIsHadoops) {
  const std::vector<FileStatus> files{File()};
  EXPECT_EQ(ListLine(files[0], WidthsOf(files, false), {}), "-rw-r-----   3 ann staff       1366 2024-01-31 12:05 /data/my file");
  EXPECT_EQ(ListLine(files[0], WidthsOf(files, true), {.human = true}),
            "-rw-r-----   3 ann staff      1.3 K 2024-01-31 12:05 /data/my file");
}

TEST_F(Format, ColumnsAreAsWideAsTheirWidestEntry) {
  std::vector<FileStatus> files{File(), File()};
  files[1].is_directory = true;
  files[1].mode = 0755;
  files[1].owner = "administrator";
  files[1].length = 0;
  const ListWidths widths = WidthsOf(files, false);
  EXPECT_EQ(ListLine(files[0], widths, {}), "-rw-r-----   3 ann           staff       1366 2024-01-31 12:05 /data/my file");
  EXPECT_EQ(ListLine(files[1], widths, {}), "drwxr-xr-x   - administrator staff          0 2024-01-31 12:05 /data/my file");
}

TEST_F(Format, StatKnowsEveryLetter) {
  EXPECT_EQ(FormatStat("%n|%b|%o|%r|%u|%g|%a|%A|%F", File()), "my file|1366|134217728|3|ann|staff|640|-rw-r-----|regular file");
  EXPECT_EQ(FormatStat("%y %Y %x %X", File()), "2024-01-31 12:05:09 1706702709999 1970-01-01 00:00:00 0");
  EXPECT_EQ(FormatStat("100%% %q %", File()), "100% %q %");
}

TEST_F(Format, JsonEscapesNames) {
  FileStatus file = File();
  file.path = "/a\"b\n\xff";
  const std::string json = FileJson(file);
  EXPECT_NE(json.find("\"path\":\"/a\\\"b\\n"), std::string::npos) << json;
  EXPECT_NE(json.find("\"mode\":\"640\""), std::string::npos) << json;
  EXPECT_EQ(json.find('\xff'), std::string::npos);
}

}  // namespace
}  // namespace tusk::dfs::shell
