#include "dfs/shell/glob.h"

#include <algorithm>

#include "common/base/try.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::shell {
namespace {

constexpr size_t kMaxAlternatives = 1024;
constexpr std::string_view kSpecial = "*?[{\\";

// Matches the class that begins at pattern[0] == '['; its length, or 0 when it is not closed.
size_t MatchClass(std::string_view pattern, char c, bool* matches) {
  size_t at = 1;
  const bool negated = at < pattern.size() && (pattern[at] == '^' || pattern[at] == '!');
  if (negated) ++at;
  bool found = false;
  const size_t first = at;
  while (at < pattern.size() && (pattern[at] != ']' || at == first)) {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    const auto low = static_cast<unsigned char>(pattern[at]);
    auto high = low;
    if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
      high = static_cast<unsigned char>(pattern[at + 2]);
      at += 2;
    }
    const auto byte = static_cast<unsigned char>(c);
    found = found || (low <= byte && byte <= high);
    ++at;
  }
  if (at >= pattern.size()) return 0;
  *matches = found != negated;
  return at + 1;
}

// How many bytes of the pattern match c as one step; 0: no match.
size_t MatchOne(std::string_view pattern, char c) {
  switch (pattern[0]) {
    case '?': return 1;
    case '\\':
      if (pattern.size() > 1) return pattern[1] == c ? 2 : 0;
      return c == '\\' ? 1 : 0;
    case '[': {
      bool matches = false;
      const size_t length = MatchClass(pattern, c, &matches);
      if (length > 0) return matches ? length : 0;
      return c == '[' ? 1 : 0;
    }
    default: return pattern[0] == c ? 1 : 0;
  }
}

std::string Unescaped(std::string_view name) {
  std::string plain;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\' && i + 1 < name.size()) ++i;
    plain += name[i];
  }
  return plain;
}

// Appends what `components` from `index` on match below `directory`.
Status Walk(FileSystem& fs, const std::string& directory, std::span<const std::string_view> components,
            std::vector<FileStatus>* found) {
  const std::string_view pattern = components.front();
  const auto rest = components.subspan(1);
  if (!HasGlob(pattern)) {
    const std::string path = JoinDfsPath(directory, Unescaped(pattern));
    if (!rest.empty()) return Walk(fs, path, rest, found);
    auto status = fs.Stat(path);
    if (status.ok()) {
      found->push_back(std::move(*status));
    } else if (status.status().code() != Code::kNotFound && status.status().code() != Code::kNotADirectory) {
      return status.status();
    }
    return OkStatus();
  }
  auto entries = fs.List(directory);
  if (!entries.ok()) return entries.status().code() == Code::kNotFound ? OkStatus() : entries.status();
  for (FileStatus& entry : *entries) {
    if (entry.path == directory) continue;  // a file lists itself
    if (!GlobMatches(pattern, PathName(entry.path))) continue;
    if (rest.empty()) {
      found->push_back(std::move(entry));
    } else if (entry.is_directory) {
      TUSK_TRY(Walk(fs, entry.path, rest, found));
    }
  }
  return OkStatus();
}

}  // namespace

bool HasGlob(std::string_view path) { return path.find_first_of(kSpecial) != std::string_view::npos; }

bool GlobMatches(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0, star = std::string_view::npos, star_name = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
      continue;
    }
    if (const size_t step = p < pattern.size() ? MatchOne(pattern.substr(p), name[n]) : 0; step > 0) {
      p += step;
      ++n;
      continue;
    }
    if (star == std::string_view::npos) return false;
    p = star + 1;  // let the last star take one more byte
    n = ++star_name;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<std::vector<std::string>> ExpandBraces(std::string_view pattern) {
  std::vector<std::string> done, open{std::string(pattern)};
  const auto too_many = [&] {
    return InvalidArgument("the pattern '" + std::string(pattern.substr(0, 100)) + "' has more than " +
                           std::to_string(kMaxAlternatives) + " alternatives; write a shorter one");
  };
  while (!open.empty()) {
    if (done.size() + open.size() > kMaxAlternatives) return too_many();
    const std::string text = std::move(open.back());
    open.pop_back();
    size_t begin = std::string::npos, depth = 0, end = std::string::npos;
    std::vector<size_t> cuts;
    for (size_t i = 0; i < text.size() && end == std::string::npos; ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == '{') {
        if (depth++ == 0) begin = i;
      } else if (text[i] == '}' && depth > 0) {
        if (--depth == 0) end = i;
      } else if (text[i] == ',' && depth == 1) {
        cuts.push_back(i);
      }
    }
    if (end == std::string::npos) {
      done.push_back(text);
      continue;
    }
    cuts.push_back(end);
    if (cuts.size() > kMaxAlternatives) return too_many();
    size_t from = begin + 1;
    for (const size_t cut : cuts) {
      open.push_back(text.substr(0, begin) + text.substr(from, cut - from) + text.substr(end + 1));
      from = cut + 1;
    }
  }
  std::sort(done.begin(), done.end());
  return done;
}

Result<std::vector<FileStatus>> ExpandGlob(FileSystem& fs, const std::string& pattern) {
  if (!HasGlob(pattern)) {
    TUSK_ASSIGN(FileStatus status, fs.Stat(pattern));
    return std::vector<FileStatus>{std::move(status)};
  }
  TUSK_ASSIGN(const std::vector<std::string> alternatives, ExpandBraces(pattern));
  std::vector<FileStatus> found;
  for (const std::string& alternative : alternatives) {
    TUSK_ASSIGN(const std::string normal, NormalizePath(alternative));
    const std::vector<std::string_view> components = PathComponents(normal);
    if (!components.empty()) TUSK_TRY(Walk(fs, "/", components, &found));
  }
  std::sort(found.begin(), found.end(), [](const FileStatus& a, const FileStatus& b) { return a.path < b.path; });
  found.erase(std::unique(found.begin(), found.end(), [](const FileStatus& a, const FileStatus& b) { return a.path == b.path; }),
              found.end());
  if (found.empty()) return NotFound(pattern + " matches nothing");
  return found;
}

}  // namespace tusk::dfs::shell
