// Every verb with every flag, text and exit code, against golden/VERB.txt. Such a file is a session over one small tree:
//
//   # what the next command shows
//   < bytes for standard input, with C escapes
//   $ -ls /d
//   what it writes to standard output (\# where a line begins with #)
//   ! what it writes to standard error
//   = 1                            its exit code, when that is not 0
//
// LOCAL is a folder of the test. TUSK_UPDATE_GOLDENS=1 writes what happens into the files instead: read the difference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "dfs/shell/verb.h"
#include "tests/harness/fake_file_system.h"
#include "tests/harness/temporary_folder.h"

namespace tusk::dfs::shell {
namespace {

namespace stdfs = std::filesystem;

stdfs::path GoldenOf(std::string_view verb) { return stdfs::path(TUSK_SHELL_GOLDENS) / (std::string(verb) + ".txt"); }

std::vector<std::string> LinesOf(const stdfs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Words as a POSIX shell splits them, with '...' only.
std::vector<std::string> Split(const std::string& line) {
  std::vector<std::string> words;
  bool quoted = false, open = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      if (!open) words.emplace_back();
      open = true;
    } else if (c == ' ' && !quoted) {
      open = false;
    } else {
      if (!open) words.emplace_back();
      open = true;
      words.back() += c;
    }
  }
  return words;
}

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// With each line under a mark, so that a missing newline at the end shows.
std::string Marked(const std::string& text, std::string_view mark) {
  std::string marked;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    const bool reads_as_comment = mark.empty() && text[at] == '#';
    marked +=
        (reads_as_comment ? "\\" : std::string(mark)) + text.substr(at, end - at) + (end == std::string::npos ? "\\c\n" : "\n");
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return Replace(marked, std::string(1, '\0'), "\\0");
}

std::string Unescape(const std::string& text) { return Replace(text, "\\n", "\n"); }

class Session {
 public:
  Session() {
    fs_->Put("/d/file", "hello\n");
    fs_->SetNow(1'700'000'060'000);
    fs_->Put("/d/sub/large", std::string(5000, 'x'));
    fs_->SetNow(1'700'000'120'000);
    fs_->Put("/d/sub/empty", "");
    fs_->Put("/user/ann/notes", "at home\n");
    CHECK(fs_->Mkdirs("/empty", true).ok());
    std::ofstream(stdfs::path(local_.path()) / "local") << "from here\n";
    stdfs::create_directories(stdfs::path(local_.path()) / "tree/inner");
    std::ofstream(stdfs::path(local_.path()) / "tree/inner/leaf") << "leaf\n";
  }

  // What a golden file says of this command: its outputs and exit code.
  std::string Run(const std::string& command, const std::string& input) {
    std::istringstream in(input);
    std::streambuf* before = std::cin.rdbuf(in.rdbuf());
    std::cin.clear();
    const std::string result = Answer(Replace(command, "LOCAL", local_.path()));
    std::cin.rdbuf(before);
    return Replace(result, local_.path(), "LOCAL");
  }

 private:
  // Looks at the local folder, as a user would.
  std::string Answer(const std::string& command) {
    std::vector<std::string> args = Split(command);
    if (args.front() == "show") return Show(args.at(1));
    std::ostringstream out, err;
    Shell shell([this]() -> Result<std::shared_ptr<FileSystem>> { return std::shared_ptr<FileSystem>(fs_); }, out, err, false);
    std::ostringstream usage;  // of CLI11, which writes to the program's own streams
    std::streambuf* cout = std::cout.rdbuf(usage.rdbuf());
    ::testing::internal::CaptureStderr();
    const int code = RunVerb(shell, std::move(args));
    std::cout.rdbuf(cout);
    return Marked(out.str() + usage.str(), "") + Marked(err.str() + ::testing::internal::GetCapturedStderr(), "! ") +
           (code == 0 ? "" : "= " + std::to_string(code) + "\n");
  }

  static std::string Show(const std::string& path) {
    if (!stdfs::exists(path)) return "(none)\n";
    if (!stdfs::is_directory(path)) {
      std::ifstream in(path);
      return Marked({std::istreambuf_iterator<char>(in), {}}, "");
    }
    std::set<std::string> paths;
    for (const auto& entry : stdfs::recursive_directory_iterator(path)) paths.insert(entry.path().string());
    std::string text;
    for (const std::string& below : paths) text += below + "\n";
    return text;
  }

  const std::shared_ptr<testing::FakeFileSystem> fs_ = std::make_shared<testing::FakeFileSystem>();
  const testing::TemporaryFolder local_;
};

// The file as it should be: commands and comments as they are, with what happens now below them.
std::string Replay(const std::vector<std::string>& lines) {
  Session session;
  std::string text, input;
  for (const std::string& line : lines) {
    const bool kept = line.starts_with("#") || line.starts_with("< ") || line.starts_with("$ ");
    if (!kept) continue;
    if (line.starts_with("#") && !text.empty()) text += "\n";
    text += line + "\n";
    if (line.starts_with("< ")) input = Unescape(line.substr(2));
    if (line.starts_with("$ ")) {
      text += session.Run(line.substr(2), input);
      input.clear();
    }
  }
  return text;
}

class ShellGolden : public ::testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

TEST_P(ShellGolden, SaysWhatItSaid) {
  const stdfs::path path = GoldenOf(GetParam());
  const std::vector<std::string> lines = LinesOf(path);
  ASSERT_FALSE(lines.empty()) << "write some commands into " << path;
  const std::string now = Replay(lines);
  if (::getenv("TUSK_UPDATE_GOLDENS") != nullptr) std::ofstream(path) << now;
  std::string then;
  for (const std::string& line : LinesOf(path)) then += line + "\n";
  EXPECT_EQ(now, then);
}

TEST_P(ShellGolden, ShowsEveryFlag) {
  const auto verbs = Verbs();
  const auto verb = std::find_if(verbs.begin(), verbs.end(), [](const Verb& each) { return each.name == GetParam(); });
  std::set<std::string> used;
  for (const std::string& line : LinesOf(GoldenOf(GetParam()))) {
    if (!line.starts_with("$ -" + std::string(GetParam()))) continue;
    for (const std::string& word : Split(line.substr(2))) used.insert(word);
  }
  for (const Option& option : verb->options) {
    const std::string name(option.name);
    EXPECT_TRUE(used.contains("-" + name) || used.contains("--" + name))
        << "no command in " << GoldenOf(GetParam()) << " has -" << name;
  }
}

std::vector<std::string_view> Names() {
  std::vector<std::string_view> names;
  for (const Verb& verb : Verbs()) names.push_back(verb.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Verbs, ShellGolden, ::testing::ValuesIn(Names()),
                         [](const auto& verb) { return std::string(verb.param); });

}  // namespace
}  // namespace tusk::dfs::shell
