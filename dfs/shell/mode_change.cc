#include "dfs/shell/mode_change.h"

#include <charconv>
#include <string>

#include "common/base/try.h"

namespace tusk::dfs::shell {
namespace {

constexpr uint16_t kSticky = 01000, kEverybody = 0777, kAllExecute = 0111;

Status BadMode(std::string_view text) {
  return InvalidArgument("`" + std::string(text) + "' is not a mode; write octal digits, as 755, or changes, as u+rwx,g-w,o=");
}

}  // namespace

Result<ModeChange> ModeChange::Parse(std::string_view text) {
  ModeChange change;
  uint16_t octal = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), octal, 8);
  if (error == std::errc() && end == text.data() + text.size()) {
    if (octal > (kEverybody | kSticky)) return BadMode(text);
    change.clauses_.push_back({'=', kEverybody, octal, false});
    return change;
  }
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    TUSK_ASSIGN(const Clause clause, ParseClause(text.substr(at, comma - at), text));
    change.clauses_.push_back(clause);
    at = comma + 1;
  }
  return change;
}

Result<ModeChange::Clause> ModeChange::ParseClause(std::string_view text, std::string_view whole) {
  Clause clause;
  size_t at = 0;
  for (; at < text.size() && std::string_view("ugoa").find(text[at]) != std::string_view::npos; ++at) {
    clause.who |= text[at] == 'u' ? 0700 : text[at] == 'g' ? 0070 : text[at] == 'o' ? 0007 : kEverybody;
  }
  if (clause.who == 0) clause.who = kEverybody;
  if (at == text.size() || std::string_view("+-=").find(text[at]) == std::string_view::npos) return BadMode(whole);
  clause.action = text[at++];
  for (; at < text.size(); ++at) {
    switch (text[at]) {
      case 'r': clause.bits |= 0444; break;
      case 'w': clause.bits |= 0222; break;
      case 'x': clause.bits |= kAllExecute; break;
      case 'X': clause.execute_if_executable = true; break;
      case 't': clause.bits |= kSticky; break;
      default: return BadMode(whole);
    }
  }
  return clause;
}

uint16_t ModeChange::Of(uint16_t mode, bool is_directory) const {
  for (const Clause& clause : clauses_) {
    uint16_t bits = clause.bits;
    if (clause.execute_if_executable && (is_directory || (mode & kAllExecute) != 0)) bits |= kAllExecute;
    const uint16_t about = clause.who | (bits & kSticky) | (clause.who == kEverybody && clause.action == '=' ? kSticky : 0);
    switch (clause.action) {
      case '+': mode |= bits & about; break;
      case '-': mode &= static_cast<uint16_t>(~(bits & about)); break;
      default: mode = static_cast<uint16_t>((mode & ~about) | (bits & about)); break;
    }
  }
  return mode;
}

}  // namespace tusk::dfs::shell
