#include "common/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/cli/help_formatter.h"

namespace tusk::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A little of `tusk`.
class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    app_.name("tusk");
    app_.description("Stores files and counts them.");
    app_.require_subcommand(1);
    app_.footer("Examples:\n  tusk dfs put notes.txt /notes.txt");
    CLI::App* dfs = app_.add_subcommand("dfs", "Files in the cluster");
    dfs->require_subcommand(1);
    put_ = dfs->add_subcommand("put", "Copies local files into the cluster\nand more of it");
    put_->add_flag("-f,--force", force_, "Overwrite");
    put_->add_option("--replication", replication_, "Copies of each block")->check(CLI::Range(1, 512));
    put_->add_option("SRC", sources_, "Local files")->required();
    app_.add_subcommand("cluster", "Starts and stops clusters");
    app_.add_flag("--json", json_, "Print JSON");
  }

  // What Parse prints for these arguments, or the exit code without a message.
  std::string Message(std::vector<std::string> arguments) {
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    code_ = Parse(app_, std::move(arguments));
    out_ = testing::internal::GetCapturedStdout();
    return testing::internal::GetCapturedStderr();
  }

  CLI::App app_;
  CLI::App* put_ = nullptr;
  bool force_ = false;
  bool json_ = false;
  int replication_ = 3;
  std::vector<std::string> sources_;
  std::optional<int> code_;
  std::string out_;
};

TEST_F(CommandLineTest, GoesOnWithAGoodCommandLine) {
  EXPECT_EQ(Message({"--json", "dfs", "put", "a", "b", "--force", "--replication", "2"}), "");
  EXPECT_EQ(code_, std::nullopt);
  EXPECT_TRUE(force_);
  EXPECT_TRUE(json_);
  EXPECT_EQ(replication_, 2);
  EXPECT_THAT(sources_, ElementsAre("a", "b"));
}

TEST_F(CommandLineTest, NamesTheNearestCommand) {
  EXPECT_EQ(Message({"clustre", "start", "--nodes", "5"}),
            "tusk: unknown command \"clustre\"; did you mean \"cluster\"? see tusk --help\n");
  EXPECT_EQ(code_, kExitUsage);
  EXPECT_EQ(Message({"dfs", "putt", "a"}), "tusk dfs: unknown command \"putt\"; did you mean \"put\"? see tusk dfs --help\n");
}

TEST_F(CommandLineTest, SaysSoWhenNoCommandIsNear) {
  EXPECT_EQ(Message({"xyzzy"}), "tusk: unknown command \"xyzzy\"; see tusk --help\n");
  EXPECT_EQ(Message({}), "tusk: a command is missing; see tusk --help\n");
  EXPECT_EQ(Message({"dfs"}), "tusk dfs: a command is missing; see tusk dfs --help\n");
}

TEST_F(CommandLineTest, NamesTheNearestFlag) {
  EXPECT_EQ(Message({"dfs", "put", "a", "--froce"}),
            "tusk dfs put: unknown flag \"--froce\"; did you mean \"--force\"? see tusk dfs put --help\n");
  EXPECT_EQ(Message({"dfs", "put", "a", "--replicaton=2"}),
            "tusk dfs put: unknown flag \"--replicaton\"; did you mean \"--replication\"? see tusk dfs put --help\n");
  EXPECT_EQ(code_, kExitUsage);
  // One dash where two are meant.
  EXPECT_EQ(Message({"dfs", "put", "a", "-replication"}),
            "tusk dfs put: unknown flag \"-replication\"; did you mean \"--replication\"? see tusk dfs put --help\n");
}

TEST_F(CommandLineTest, NamesTheMistypedFlagRatherThanWhatItsValueBroke) {
  EXPECT_EQ(Message({"dfs", "put", "--froce"}),
            "tusk dfs put: unknown flag \"--froce\"; did you mean \"--force\"? see tusk dfs put --help\n");
  EXPECT_EQ(Message({"--jsno", "dfs", "put", "a"}), "tusk: unknown flag \"--jsno\"; did you mean \"--json\"? see tusk --help\n");
}

TEST_F(CommandLineTest, SaysWhatIsMissingOrOutOfRange) {
  EXPECT_EQ(Message({"dfs", "put"}), "tusk dfs put: SRC is required; see tusk dfs put --help\n");
  EXPECT_THAT(Message({"dfs", "put", "a", "--replication", "0"}), HasSubstr("--replication"));
  EXPECT_EQ(code_, kExitUsage);
}

TEST_F(CommandLineTest, PrintsHelpOfTheCommandThatWasNamed) {
  EXPECT_EQ(Message({"dfs", "put", "--help"}), "");
  EXPECT_EQ(code_, kExitOk);
  EXPECT_EQ(out_,
            "Copies local files into the cluster\n"
            "and more of it\n"
            "\n"
            "Usage: tusk dfs put [OPTIONS] SRC...\n"
            "\n"
            "Positionals:\n"
            "  SRC                         Local files\n"
            "\n"
            "Options:\n"
            "  -h,--help                   Print this help message and exit\n"
            "  -f,--force                  Overwrite\n"
            "  --replication INT:INT in [1 - 512]\n"
            "                              Copies of each block\n");
}

TEST_F(CommandLineTest, PrintsCommandsAndExamples) {
  EXPECT_EQ(Message({"--help"}), "");
  EXPECT_THAT(out_, HasSubstr("Usage: tusk [OPTIONS] SUBCOMMAND\n"));
  EXPECT_THAT(out_, HasSubstr("\n  dfs                         Files in the cluster\n"));
  EXPECT_THAT(out_, HasSubstr("\nExamples:\n  tusk dfs put notes.txt /notes.txt\n"));
}

TEST(HelpEntry, WrapsLongTextBelowItself) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "seven77 ";
  EXPECT_EQ(FormatHelpEntry("--flag", text),
            "  --flag                      seven77 seven77 seven77 seven77 seven77 seven77 seven77 seven77\n"
            "                              seven77 seven77 seven77 seven77 seven77 seven77 seven77 seven77\n"
            "                              seven77 seven77 seven77 seven77\n");
  EXPECT_EQ(FormatHelpEntry("--flag", ""), "  --flag\n");
}

TEST(AcceptSingleDash, TurnsKnownWordsOnly) {
  const std::vector<std::string> known = {"ls", "--skipTrash", "-h", "D"};
  EXPECT_THAT(AcceptSingleDash({"-ls", "-skipTrash", "-lsx", "--ls", "-h", "-D", "ls", "-"}, known),
              ElementsAre("--ls", "--skipTrash", "-lsx", "--ls", "-h", "-D", "ls", "-"));
  EXPECT_THAT(AcceptSingleDash({"-ls=3", "-ls=", "-=ls"}, known), ElementsAre("--ls=3", "--ls=", "-=ls"));
}

TEST(AcceptSingleDash, LeavesAllBehindADoubleDashAlone) {
  const std::vector<std::string> known = {"ls"};
  EXPECT_THAT(AcceptSingleDash({"-ls", "--", "-ls"}, known), ElementsAre("--ls", "--", "-ls"));
}

TEST(ExitCodes, TellUnreachableFromFailed) {
  EXPECT_EQ(ExitCodeFor(OkStatus()), kExitOk);
  EXPECT_EQ(ExitCodeFor(Unavailable("x")), kExitUnreachable);
  EXPECT_EQ(ExitCodeFor(DeadlineExceeded("x")), kExitUnreachable);
  for (const Status& status : {InvalidArgument("x"), NotFound("x"), Corruption("x"), Internal("x")}) {
    EXPECT_EQ(ExitCodeFor(status), kExitFailed) << status;
  }
}

TEST(Fail, PrintsOneSentenceWithoutTheCode) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(Fail("tusk dfs", NotFound("/a does not exist")), kExitFailed);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "tusk dfs: /a does not exist\n");
}

}  // namespace
}  // namespace tusk::cli
