#include "dfs/shell/shell.h"

#include "common/base/try.h"
#include "dfs/shell/glob.h"

namespace tusk::dfs::shell {
namespace {

constexpr int kFailed = 1, kUnreachable = 3;

std::string_view HadoopWording(Code code) {
  switch (code) {
    case Code::kNotFound: return "No such file or directory";
    case Code::kAlreadyExists: return "File exists";
    case Code::kNotADirectory: return "Is not a directory";
    case Code::kIsADirectory: return "Is a directory";
    case Code::kNotEmpty: return "Directory is not empty";
    default: return {};
  }
}

}  // namespace

std::string Arguments::Value(std::string_view name, std::string_view otherwise) const {
  const auto found = options.find(name);
  return found == options.end() ? std::string(otherwise) : found->second;
}

std::string Reason(std::string_view path, const Status& status) {
  const std::string_view wording = HadoopWording(status.code());
  if (!wording.empty()) return "`" + std::string(path) + "': " + std::string(wording);
  if (path.empty() || status.message().starts_with('`') || status.message().find(path) != std::string::npos)
    return status.message();
  return "`" + std::string(path) + "': " + status.message();
}

Status Shell::ConnectNow() {
  if (fs_) return OkStatus();
  TUSK_ASSIGN(fs_, connect_());
  return OkStatus();
}

Result<std::string> AbsoluteWord(const FileSystem& fs, const std::string& word) {
  constexpr std::string_view kScheme = "hdfs://";
  if (word.starts_with('/')) return word;
  if (!word.starts_with(kScheme)) {
    const std::string home = fs.HomeDirectory();
    return word.empty() || word == "." ? home : home + "/" + (word.starts_with("./") ? word.substr(2) : word);
  }
  const size_t slash = std::min(word.find('/', kScheme.size()), word.size());
  const std::string authority = word.substr(0, slash);
  if (authority.size() > kScheme.size() && authority != fs.Uri()) {
    return InvalidArgument("`" + word + "' is of another cluster: this command speaks to " + fs.Uri() +
                           "; write --set dfs.namenode_address=" + authority.substr(kScheme.size()) +
                           " before the verb's command");
  }
  return slash == word.size() ? "/" : word.substr(slash);
}

void Shell::Fail(std::string_view path, const Status& status, std::string_view hint) {
  std::lock_guard lock(mutex_);
  err << verb << ": " << Reason(path, status);
  if (!hint.empty()) err << "; " << hint;
  err << '\n';
  const bool unreachable = status.code() == Code::kUnavailable || status.code() == Code::kDeadlineExceeded;
  exit_code_ = unreachable ? kUnreachable : std::max(exit_code_, kFailed);
}

std::vector<FileStatus> Shell::Expand(const std::vector<std::string>& patterns) {
  std::vector<FileStatus> files;
  for (const std::string& pattern : patterns) {
    auto matches = ExpandGlob(fs(), pattern);
    if (!matches.ok()) {
      Fail(pattern, matches.status());
      continue;
    }
    files.insert(files.end(), matches->begin(), matches->end());
  }
  return files;
}

void Shell::SetExitCode(int code) {
  std::lock_guard lock(mutex_);
  exit_code_ = std::max(exit_code_, code);
}

int Shell::exit_code() const {
  std::lock_guard lock(mutex_);
  return exit_code_;
}

}  // namespace tusk::dfs::shell
