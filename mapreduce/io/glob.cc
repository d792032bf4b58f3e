#include "mapreduce/io/glob.h"

namespace tusk::mr {
namespace {

constexpr size_t kMaxAlternatives = 1024;

// A [set] at the front of `pattern` against c; sets *length to its bytes, 0 when it has no end and stands for itself.
bool MatchesSet(std::string_view pattern, char c, size_t* length) {
  size_t i = 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (const size_t first = i; i < pattern.size(); ++i) {
    if (pattern[i] == ']' && i > first) {
      *length = i + 1;
      return found != negated;
    }
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      found = found || (pattern[i] <= c && c <= pattern[i + 2]);
      i += 2;
    } else {
      found = found || pattern[i] == c;
    }
  }
  *length = 0;
  return false;
}

}  // namespace

bool IsGlob(std::string_view text) { return text.find_first_of("*?[{\\") != std::string_view::npos; }

bool MatchesGlob(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0;
  size_t star = std::string_view::npos, star_name = 0;
  while (n < name.size()) {
    if (p < pattern.size()) {
      const char c = pattern[p];
      if (c == '*') {
        star = p++;
        star_name = n;
        continue;
      }
      size_t used = 1;
      bool matches = c == '?' || c == name[n];
      if (c == '[') {
        size_t length = 0;
        const bool in_set = MatchesSet(pattern.substr(p), name[n], &length);
        if (length > 0) {
          used = length;
          matches = in_set;
        }
      } else if (c == '\\' && p + 1 < pattern.size()) {
        used = 2;
        matches = pattern[p + 1] == name[n];
      }
      if (matches) {
        p += used;
        ++n;
        continue;
      }
    }
    if (star == std::string_view::npos) return false;
    p = star + 1;
    n = ++star_name;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string> ExpandBraces(std::string_view pattern) {
  std::vector<std::string> done;
  std::vector<std::string> open{std::string(pattern)};
  while (!open.empty() && done.size() + open.size() <= kMaxAlternatives) {
    const std::string text = std::move(open.back());
    open.pop_back();
    // The first pair of braces and the commas directly inside it.
    size_t begin = std::string::npos, end = std::string::npos;
    std::vector<size_t> cuts;
    int depth = 0;
    for (size_t i = 0; i < text.size() && end == std::string::npos; ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == '{') {
        if (depth++ == 0) {
          begin = i;
          cuts.push_back(i);
        }
      } else if (depth == 1 && text[i] == ',') {
        cuts.push_back(i);
      } else if (depth > 0 && text[i] == '}' && --depth == 0) {
        end = i;
        cuts.push_back(i);
      }
    }
    if (end == std::string::npos || cuts.size() > kMaxAlternatives) {
      done.push_back(text);
      continue;
    }
    for (size_t i = cuts.size() - 1; i > 0; --i) {
      open.push_back(text.substr(0, begin) + text.substr(cuts[i - 1] + 1, cuts[i] - cuts[i - 1] - 1) + text.substr(end + 1));
    }
  }
  done.insert(done.end(), open.begin(), open.end());
  return done;
}

}  // namespace tusk::mr
