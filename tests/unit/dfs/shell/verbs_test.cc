#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "dfs/shell/verb.h"
#include "tests/harness/fake_file_system.h"
#include "tests/harness/temporary_folder.h"

namespace tusk::dfs::shell {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Verbs : public ::testing::Test {
 protected:
  struct Outcome {
    int code = 0;
    std::string out, err;
  };

  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }

  Outcome Run(std::vector<std::string> args) {
    std::ostringstream out, err;
    Shell shell([this]() -> Result<std::shared_ptr<FileSystem>> { return std::shared_ptr<FileSystem>(fs_); }, out, err, false);
    const int code = RunVerb(shell, std::move(args));
    return {code, out.str(), err.str()};
  }

  const std::shared_ptr<testing::FakeFileSystem> fs_ = std::make_shared<testing::FakeFileSystem>();
};

TEST_F(Verbs, LsShowsADirectory) {
  fs_->Put("/d/file", "hello");
  ASSERT_TRUE(fs_->Mkdirs("/d/sub", true).ok());
  const Outcome outcome = Run({"-ls", "/d"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "Found 2 items\n"
            "-rw-r--r--   3 ann supergroup          5 2023-11-14 22:13 /d/file\n"
            "drwxr-xr-x   - ann supergroup          0 2023-11-14 22:13 /d/sub\n");
  EXPECT_EQ(Run({"-ls", "/d/file"}).out, "-rw-r--r--   3 ann supergroup          5 2023-11-14 22:13 /d/file\n");
  EXPECT_EQ(Run({"-ls", "-d", "/d"}).out, "drwxr-xr-x   - ann supergroup          0 2023-11-14 22:13 /d\n");
}

TEST_F(Verbs, LsShowsALargeDirectoryPageByPage) {
  for (const char* name : {"a", "b", "c", "d", "e"}) fs_->Put(std::string("/d/") + name, "hello");
  ASSERT_TRUE(fs_->SetOwner("/d/e", "somebody else", "").ok());
  const std::string whole = Run({"-ls", "/d"}).out;
  EXPECT_THAT(whole, ::testing::StartsWith("Found 5 items\n"));
  fs_->SetListLimit(2);
  const std::string paged = Run({"-ls", "/d"}).out;
  EXPECT_EQ(std::count(paged.begin(), paged.end(), '\n'), 6);
  EXPECT_THAT(paged, ::testing::StartsWith("Found 5 items\n"));
  EXPECT_THAT(paged, HasSubstr(" ann supergroup          5 2023-11-14 22:13 /d/a\n"));
  EXPECT_EQ(Run({"-ls", "-C", "/d"}).out, "/d/a\n/d/b\n/d/c\n/d/d\n/d/e\n");
  EXPECT_EQ(Run({"-ls", "-r", "-C", "/d"}).out, "/d/e\n/d/d\n/d/c\n/d/b\n/d/a\n");
  EXPECT_EQ(Run({"-ls", "-R", "-C", "/"}).out, "/d\n/d/a\n/d/b\n/d/c\n/d/d\n/d/e\n");
}

TEST_F(Verbs, LsRecursesWithoutHeaders) {
  fs_->Put("/a/b/c", "x");
  const Outcome outcome = Run({"-ls", "-R", "-C", "/"});
  EXPECT_EQ(outcome.out, "/a\n/a/b\n/a/b/c\n");
}

TEST_F(Verbs, LsOfNothingSaysSoAsHadoopDoes) {
  const Outcome outcome = Run({"-ls", "/none", "/"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err, "ls: `/none': No such file or directory\n");
}

TEST_F(Verbs, LsJsonIsAnArray) {
  EXPECT_EQ(Run({"-ls", "--json", "/"}).out, "[]\n");
  fs_->Put("/x", "1");
  EXPECT_THAT(Run({"-ls", "-json", "/"}).out, ::testing::StartsWith("[{\"path\":\"/x\",\"type\":\"file\",\"length\":1"));
}

TEST_F(Verbs, MkdirWantsParentsOrTheFlag) {
  EXPECT_EQ(Run({"-mkdir", "/a/b"}).code, 1);
  EXPECT_EQ(Run({"-mkdir", "-p", "/a/b"}).code, 0);
  EXPECT_EQ(Run({"-mkdir", "-p", "/a/b"}).code, 0);
  const Outcome again = Run({"-mkdir", "/a/b"});
  EXPECT_EQ(again.code, 1);
  EXPECT_EQ(again.err, "mkdir: `/a/b': File exists\n");
}

TEST_F(Verbs, PathsWithoutASlashBeginAtHomeAndLongNamesAreExplained) {
  EXPECT_EQ(Run({"-mkdir", "-p", "data"}).code, 0);
  EXPECT_THAT(fs_->AllPaths(), ElementsAre("/user", "/user/ann", "/user/ann/data"));
  EXPECT_THAT(Run({"-touchz", "/" + std::string(256, 'n')}).err, HasSubstr("256 bytes"));
}

TEST_F(Verbs, CatAndTextWriteTheContent) {
  fs_->Put("/a", "one\n");
  fs_->Put("/b", "two\n");
  EXPECT_EQ(Run({"-cat", "/a", "/b"}).out, "one\ntwo\n");
  EXPECT_EQ(Run({"-text", "/*"}).out, "one\ntwo\n");
  EXPECT_EQ(Run({"-cat", "/"}).err, "cat: `/': Is a directory\n");
}

TEST_F(Verbs, RmWantsAFlagForDirectories) {
  fs_->Put("/d/x", "1");
  fs_->Put("/y", "1");
  EXPECT_THAT(Run({"-rm", "/d"}).err, HasSubstr("rm: `/d': Is a directory; use -r"));
  EXPECT_EQ(Run({"-rm", "-skipTrash", "/y"}).out, "Deleted /y\n");
  EXPECT_EQ(Run({"-rm", "-r", "/d"}).out, "Deleted /d\n");
  EXPECT_THAT(fs_->AllPaths(), IsEmpty());
  EXPECT_EQ(Run({"-rm", "/none"}).code, 1);
  EXPECT_EQ(Run({"-rm", "-f", "/none"}).code, 0);
}

TEST_F(Verbs, MvRenamesAndMovesIntoDirectories) {
  fs_->Put("/a", "1");
  fs_->Put("/b", "2");
  ASSERT_TRUE(fs_->Mkdirs("/d", true).ok());
  EXPECT_EQ(Run({"-mv", "/a", "/c"}).code, 0);
  EXPECT_EQ(Run({"-mv", "/b", "/c", "/d"}).code, 0);
  EXPECT_THAT(fs_->AllPaths(), ElementsAre("/d", "/d/b", "/d/c"));
  fs_->Put("/b", "3");
  EXPECT_EQ(Run({"-mv", "/b", "/d"}).err, "mv: `/d/b': File exists\n");
}

TEST_F(Verbs, CpCopiesTreesButNotIntoThemselves) {
  fs_->Put("/a/x", "1");
  fs_->Put("/a/sub/y", "2");
  EXPECT_EQ(Run({"-cp", "-t", "3", "/a", "/b"}).code, 0);
  EXPECT_EQ(fs_->Get("/b/sub/y"), "2");
  EXPECT_EQ(Run({"-cp", "/a/x", "/b/x"}).err, "cp: `/b/x': File exists; use -f to replace it\n");
  EXPECT_EQ(Run({"-cp", "-f", "/a/sub/y", "/b/x"}).code, 0);
  EXPECT_EQ(fs_->Get("/b/x"), "2");
  EXPECT_THAT(Run({"-cp", "/a", "/a/sub"}).err, HasSubstr("into itself"));
}

TEST_F(Verbs, DuAndCountSumUp) {
  fs_->Put("/d/a", std::string(1000, 'x'));
  fs_->Put("/d/b/c", std::string(24, 'x'));
  EXPECT_EQ(Run({"-du", "/d"}).out, "1000  3000  /d/a\n24    72    /d/b\n");
  EXPECT_EQ(Run({"-du", "-s", "/d"}).out, "1024  3072  /d\n");
  EXPECT_EQ(Run({"-du", "-s", "-h", "/d"}).out, "1 K  3 K  /d\n");
  EXPECT_EQ(Run({"-count", "/d"}).out, "           2            2               1024 /d\n");
}

TEST_F(Verbs, StatTakesAFormat) {
  fs_->Put("/f", "hello");
  EXPECT_EQ(Run({"-stat", "%n %b %r", "/f"}).out, "f 5 3\n");
  EXPECT_EQ(Run({"-stat", "/f"}).out, "2023-11-14 22:13:20\n");
}

TEST_F(Verbs, TailShowsTheLastKiB) {
  fs_->Put("/f", std::string(2000, 'a') + std::string(1024, 'b'));
  EXPECT_EQ(Run({"-tail", "/f"}).out, std::string(1024, 'b'));
}

TEST_F(Verbs, TestAnswersThroughTheExitCode) {
  fs_->Put("/full", "x");
  fs_->Put("/empty", "");
  ASSERT_TRUE(fs_->Mkdirs("/dir", true).ok());
  EXPECT_EQ(Run({"-test", "-e", "/full"}).code, 0);
  EXPECT_EQ(Run({"-test", "-e", "/none"}).code, 1);
  EXPECT_EQ(Run({"-test", "-d", "/dir"}).code, 0);
  EXPECT_EQ(Run({"-test", "-d", "/full"}).code, 1);
  EXPECT_EQ(Run({"-test", "-f", "/dir"}).code, 1);
  EXPECT_EQ(Run({"-test", "-s", "/full"}).code, 0);
  EXPECT_EQ(Run({"-test", "-s", "/empty"}).code, 1);
  EXPECT_EQ(Run({"-test", "-z", "/empty"}).code, 0);
  EXPECT_EQ(Run({"-test", "-z", "/full"}).code, 1);
  EXPECT_EQ(Run({"-test", "-e", "/none"}).err, "");
}

TEST_F(Verbs, TouchzMakesOnlyEmptyFiles) {
  EXPECT_EQ(Run({"-touchz", "/t"}).code, 0);
  EXPECT_EQ(Run({"-touchz", "/t"}).code, 0);
  fs_->Put("/full", "x");
  EXPECT_THAT(Run({"-touchz", "/full"}).err, HasSubstr("`/full': Not a zero-length file"));
}

TEST_F(Verbs, SetrepWalksDirectories) {
  fs_->Put("/d/a", "x");
  fs_->Put("/d/b/c", "x");
  EXPECT_EQ(Run({"-setrep", "-w", "2", "/d"}).out,
            "Replication 2 set: /d/a\nReplication 2 set: /d/b/c\nWaiting for /d/a ... done\nWaiting for /d/b/c ... done\n");
  EXPECT_EQ(fs_->Stat("/d/a")->replication, 2);
  EXPECT_THAT(Run({"-setrep", "0", "/d/a"}).err, HasSubstr("write 1 to 512"));
}

TEST_F(Verbs, ChecksumIsOfTheContent) {
  fs_->Put("/f", "123456789");
  EXPECT_EQ(Run({"-checksum", "-v", "/f"}).out, "/f\tCOMPOSITE-CRC32C\te3069283\n");
  EXPECT_EQ(Run({"-checksum", "--md5", "/f"}).out,
            "/f\tMD5-of-0MD5-of-512CRC32C\t0000020000000000000000002faa18fc1637e6b4bad7e0e91b200a4d\n");
  EXPECT_EQ(
      Run({"-checksum", "--json", "/f"}).out,
      "[{\"path\":\"/f\",\"algorithm\":\"COMPOSITE-CRC32C\",\"bytes\":\"e3069283\",\"crc32c\":\"e3069283\",\"length\":9}]\n");
  EXPECT_EQ(Run({"-checksum", "-R", "/"}).code, 0);
  EXPECT_EQ(Run({"-checksum", "/"}).code, 1);
}

TEST_F(Verbs, AnUnreachableNameNodeIsThree) {
  fs_->SetFault([](auto, const auto&) { return Unavailable("the NameNode at 127.0.0.1:8020 cannot be reached"); });
  const Outcome outcome = Run({"-ls", "/"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("cannot be reached"));
}

TEST_F(Verbs, MistypedVerbsGetTheNearest) {
  const Outcome outcome = Run({"-mkdri", "/a"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("did you mean \"-mkdir\"?"));
}

TEST_F(Verbs, MissingArgumentsAreAUsageError) {
  const Outcome outcome = Run({"-put", "x"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("Not enough arguments"));
  EXPECT_EQ(Run({}).code, 2);
}

TEST_F(Verbs, HelpNamesEveryVerbAndUsageEachFlag) {
  const std::string overview = Run({"-help"}).out;
  for (const Verb& verb : shell::Verbs()) {
    EXPECT_THAT(overview, HasSubstr("-" + std::string(verb.name)));
    EXPECT_THAT(Run({"-help", std::string(verb.name)}).out, HasSubstr("Usage: tusk dfs -" + std::string(verb.name)));
  }
  EXPECT_EQ(Run({"-usage", "mkdir"}).out, "Usage: tusk dfs -mkdir [-p] PATH ...\n");
}

TEST_F(Verbs, CountTellsWhatIsBelow) {
  fs_->Put("/d/a", "hello");
  const Outcome outcome = Run({"-count", "--json", "/d", "/d/a"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, ::testing::StartsWith("[{\"path\":\"/d\",\"directories\":"));
  EXPECT_THAT(outcome.out, HasSubstr(",\"files\":1,\"length\":5,\"spaceConsumed\":15,\"quota\":-1,"));
  EXPECT_THAT(outcome.out, HasSubstr("},\n {\"path\":\"/d/a\","));
  EXPECT_THAT(outcome.out, ::testing::EndsWith("}]\n"));
  EXPECT_EQ(Run({"-count", "--json", "/none"}).out, "[]\n");
}

TEST_F(Verbs, PutOfADirectoryThatIsNamedByDotsTakesItsRealName) {
  testing::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() + "/tree/below");
  std::ofstream(folder.path() + "/tree/file") << "hello";
  ASSERT_TRUE(fs_->Mkdirs("/d", true).ok());
  for (const std::string name : {"/tree/.", "/tree/./", "/tree/below/..", "/tree/"}) {
    const Outcome outcome = Run({"-put", "-f", folder.path() + name, "/d"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(fs_->AllPaths(), (std::vector<std::string>{"/d", "/d/tree", "/d/tree/below", "/d/tree/file"})) << name;
    ASSERT_TRUE(fs_->Delete("/d/tree", true).ok());
  }
  EXPECT_EQ(Run({"-put", folder.path() + "/none/.", "/d"}).code, 1);
}

}  // namespace
}  // namespace tusk::dfs::shell
