// -touch: the times of files; what does not exist is made.
#include <ctime>

#include "common/base/clock.h"
#include "common/base/try.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

// "20240131:120509", local time, as Hadoop has it.
Result<int64_t> ParseTime(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y%m%d:%H%M%S", &parts);
  parts.tm_isdst = -1;
  const time_t seconds = end != nullptr && *end == '\0' ? std::mktime(&parts) : -1;
  if (seconds < 0) return InvalidArgument("`" + text + "' is not a time; write yyyyMMdd:HHmmss, for example 20240131:120509");
  return static_cast<int64_t>(seconds) * 1000;
}

struct Times {
  int64_t modified_ms = -1, accessed_ms = -1;  // -1: unchanged
  bool create = true;
};

Result<Times> TimesOf(const Arguments& arguments) {
  int64_t time = Clock::System().WallMillis();
  if (arguments.Has("t")) {
    TUSK_ASSIGN(time, ParseTime(arguments.Value("t")));
  }
  const bool modified = arguments.Has("m"), accessed = arguments.Has("a");
  return Times{.modified_ms = modified || !accessed ? time : -1,
               .accessed_ms = accessed || !modified ? time : -1,
               .create = !arguments.Has("c")};
}

Status Touch(FileSystem& fs, const std::string& path, const Times& times) {
  TUSK_ASSIGN(const bool exists, fs.Exists(path));
  if (!exists) {
    if (!times.create) return OkStatus();
    TUSK_ASSIGN(auto out, fs.Create(path, {.overwrite = false, .create_parents = false, .block_size = 0, .replication = 0}));
    TUSK_TRY(out->Close());
  }
  return fs.SetTimes(path, times.modified_ms, times.accessed_ms);
}

void Run(Shell& shell, const Arguments& arguments) {
  const auto times = TimesOf(arguments);
  if (!times.ok()) return shell.Fail("", times.status());
  for (const std::string& path : arguments.words) {
    if (Status status = Touch(shell.fs(), path, *times); !status.ok()) shell.Fail(path, status);
  }
}

}  // namespace

Verb TouchVerb() {
  return {.name = "touch",
          .words = "PATH ...",
          .summary = "Sets the modification and access times of files to now; makes those that do not exist.",
          .examples = "  tusk dfs -touch /done\n  tusk dfs -touch -m -t 20240131:120509 /logs/today",
          .options = {{"a", "only the access time", ""},
                      {"m", "only the modification time", ""},
                      {"t", "this time instead of now, yyyyMMdd:HHmmss, local", "TIME"},
                      {"c", "make no file", ""}},
          .min_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
