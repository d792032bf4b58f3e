// What a verb of the shell works with: the file system, where its output goes, and how failures are told.
//
// Hadoop's wording for the common errors ("ls: `/x': No such file or directory"); a verb goes on with its other arguments after a
// failure and the exit code remembers it. Thread: Fail from any, the rest main.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "dfs/client/file_system.h"

namespace tusk::dfs::shell {

// What a command line says, after its verb.
struct Arguments {
  std::map<std::string, std::string, std::less<>> options;  // flags have an empty value; names without dashes
  std::vector<std::string> words;
  bool Has(std::string_view name) const { return options.contains(name); }
  std::string Value(std::string_view name, std::string_view otherwise = "") const;
};

// The absolute path that a word means: one without a leading slash begins in the caller's home directory, "hdfs://host:port/a"
// is /a of that cluster. kInvalidArgument: of another cluster.
Result<std::string> AbsoluteWord(const FileSystem& fs, const std::string& word);

class Shell {
 public:
  using Connect = std::function<Result<std::shared_ptr<FileSystem>>()>;
  Shell(Connect connect, std::ostream& out_stream, std::ostream& err_stream, bool progress)
      : out(out_stream), err(err_stream), show_progress(progress), connect_(std::move(connect)) {}

  FileSystem& fs() const { return *fs_; }
  Status ConnectNow();

  // "VERB: `PATH': REASON". `hint` says what to do next.
  void Fail(std::string_view path, const Status& status, std::string_view hint = "");
  // The same, for `return`: false.
  bool Refuse(std::string_view path, const Status& status, std::string_view hint = "") {
    Fail(path, status, hint);
    return false;
  }
  // The files that a path or a pattern names; what matches nothing is a failure.
  std::vector<FileStatus> Expand(const std::vector<std::string>& patterns);
  // For an answer that is no failure (-test: no) or a finding.
  void SetExitCode(int code);
  int exit_code() const;
  bool failed() const { return exit_code() != 0; }

  std::ostream& out;
  std::ostream& err;
  const bool show_progress;
  std::string verb;

 private:
  Connect connect_;
  std::shared_ptr<FileSystem> fs_;
  mutable std::mutex mutex_;
  int exit_code_ = 0;
};

// The sentence for a status about `path`, without the verb.
std::string Reason(std::string_view path, const Status& status);

}  // namespace tusk::dfs::shell
