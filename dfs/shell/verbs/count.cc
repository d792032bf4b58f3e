// -count: directories, files and bytes.
#include <array>
#include <cstdio>

#include "common/base/json_text.h"
#include "dfs/shell/format.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

std::string Column(const std::string& text, int width) {
  std::array<char, 64> column{};
  std::snprintf(column.data(), column.size(), "%*s ", width, text.c_str());
  return column.data();
}

// "QUOTA REM_QUOTA" or the same of space, as wide as Hadoop's.
std::string QuotaColumns(int64_t limit, int64_t used, int limit_width, int left_width, bool human) {
  if (limit == kNoQuota) return Column("none", limit_width) + Column("inf", left_width);
  const int64_t left = limit - used;
  const auto text = [&](int64_t number) {
    if (!human) return std::to_string(number);
    return (number < 0 ? "-" : "") + SizeText(static_cast<uint64_t>(number < 0 ? -number : number), true);
  };
  return Column(text(limit), limit_width) + Column(text(left), left_width);
}

void Run(Shell& shell, const Arguments& arguments) {
  const bool json = arguments.Has("json"), human = arguments.Has("h");
  const bool usage_only = arguments.Has("u"), quotas = usage_only || arguments.Has("q");
  bool first = true;
  if (arguments.Has("v") && !json) {
    if (quotas) shell.out << "       QUOTA       REM_QUOTA     SPACE_QUOTA REM_SPACE_QUOTA ";
    if (!usage_only) shell.out << "   DIR_COUNT   FILE_COUNT       CONTENT_SIZE ";
    shell.out << "PATHNAME\n";
  }
  for (const FileStatus& file : shell.Expand(arguments.words)) {
    const auto summary = shell.fs().Summary(file.path);
    if (!summary.ok()) {
      shell.Fail(file.path, summary.status());
      continue;
    }
    if (json) {
      shell.out << (first ? "[" : ",\n ") << "{\"path\":" << QuoteJson(file.path) << ",\"directories\":" << summary->directories
                << ",\"files\":" << summary->files << ",\"length\":" << summary->length
                << ",\"spaceConsumed\":" << summary->space_consumed << ",\"quota\":" << summary->quota
                << ",\"quotaUsed\":" << summary->quota_used << ",\"spaceQuota\":" << summary->space_quota
                << ",\"spaceQuotaUsed\":" << summary->space_quota_used << '}';
      first = false;
      continue;
    }
    if (quotas) {
      shell.out << QuotaColumns(summary->quota, summary->quota_used, 12, 15, false)
                << QuotaColumns(summary->space_quota, summary->space_quota_used, 15, 15, human);
    }
    if (!usage_only) {
      shell.out << Column(std::to_string(summary->directories), 12) << Column(std::to_string(summary->files), 12)
                << Column(SizeText(summary->length, human), 18);
    }
    shell.out << file.path << '\n';
  }
  if (json) shell.out << (first ? "[]\n" : "]\n");
}

}  // namespace

Verb CountVerb() {
  return {.name = "count",
          .words = "PATH ...",
          .summary = "Counts directories, files and bytes below each PATH, and shows its quotas.",
          .examples = "  tusk dfs -count -h -v /",
          .options = {{"q", "quotas before the counts: limit and what is left, of names and of space", ""},
                      {"u", "quotas only", ""},
                      {"h", "sizes as 1.5 K, 128 M", ""},
                      {"v", "with a header line", ""},
                      {"json", "an array of objects", ""}},
          .min_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
