#include "dfs/protocol/acl.h"

#include <algorithm>
#include <array>

#include "common/base/try.h"

namespace tusk::dfs {
namespace {

constexpr std::array<std::string_view, 4> kTypes = {"user", "group", "mask", "other"};

bool IsMasked(const AclEntry& entry) { return entry.type == AclType::kGroup || !entry.name.empty(); }

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0;;) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    if (end == text.size()) return parts;
    begin = end + 1;
  }
}

Result<AclEntry> ParseEntry(std::string_view text, bool with_permissions) {
  const auto wrong = [&](std::string_view why) {
    return InvalidArgument(
        "Invalid <aclSpec> : " + std::string(text) + ": " + std::string(why) + "; write " +
        (with_permissions ? "[default:]user|group|mask|other:[NAME]:rwx" : "[default:]user|group|mask|other:[NAME]"));
  };
  std::vector<std::string_view> parts = Split(text, ':');
  AclEntry entry;
  if (parts.front() == "default") {
    entry.scope = AclScope::kDefault;
    parts.erase(parts.begin());
  }
  const size_t expected = with_permissions ? 3 : 2;
  if (parts.size() != expected && !(parts.size() == 1 && !with_permissions)) {
    return wrong("it has " + std::to_string(parts.size()) + " parts, not " + std::to_string(expected));
  }
  const auto type = std::find(kTypes.begin(), kTypes.end(), parts[0]);
  if (type == kTypes.end()) return wrong("it is of no user, group, mask or other");
  entry.type = static_cast<AclType>(type - kTypes.begin());
  if (parts.size() > 1) entry.name = parts[1];
  if (with_permissions) {
    const auto access = ParseAccess(parts[2]);
    if (!access) return wrong("\"" + std::string(parts[2]) + "\" is no permission as rwx or r--");
    entry.permission = *access;
  }
  return entry;
}

}  // namespace

AclEntries WholeAcl(uint16_t mode, const AclEntries& kept) {
  AclEntries whole = kept;
  const auto group_bits = static_cast<uint8_t>(mode >> 3 & 7);
  const bool named = std::any_of(kept.begin(), kept.end(), [](const AclEntry& e) { return e.scope == AclScope::kAccess; });
  whole.push_back({AclScope::kAccess, AclType::kUser, "", static_cast<uint8_t>(mode >> 6 & 7)});
  whole.push_back({AclScope::kAccess, named ? AclType::kMask : AclType::kGroup, "", group_bits});
  whole.push_back({AclScope::kAccess, AclType::kOther, "", static_cast<uint8_t>(mode & 7)});
  std::sort(whole.begin(), whole.end());
  return whole;
}

uint8_t EffectivePermission(const AclEntry& entry, const AclEntries& whole) {
  if (!IsMasked(entry)) return entry.permission;
  const auto mask = std::find_if(whole.begin(), whole.end(),
                                 [&](const AclEntry& e) { return e.scope == entry.scope && e.type == AclType::kMask; });
  return mask == whole.end() ? entry.permission : entry.permission & mask->permission;
}

std::string AccessText(uint8_t permission) {
  std::string text = "---";
  for (size_t i = 0; i < 3; ++i) {
    if ((permission >> (2 - i) & 1) != 0) text[i] = "rwx"[i];
  }
  return text;
}

std::optional<uint8_t> ParseAccess(std::string_view text) {
  if (text.size() != 3) return std::nullopt;
  uint8_t access = 0;
  for (size_t i = 0; i < 3; ++i) {
    if (text[i] != '-' && text[i] != "rwx"[i]) return std::nullopt;
    access = static_cast<uint8_t>(access << 1 | (text[i] != '-' ? 1 : 0));
  }
  return access;
}

std::string ModeText(bool is_directory, uint16_t mode) {
  constexpr uint16_t kSticky = 01000;
  std::string text = is_directory ? "d" : "-";
  for (const int shift : {6, 3, 0}) text += AccessText(static_cast<uint8_t>(mode >> shift & 7));
  if ((mode & kSticky) != 0) text.back() = text.back() == 'x' ? 't' : 'T';
  return text;
}

std::string ToText(const AclEntry& entry) {
  return std::string(entry.scope == AclScope::kDefault ? "default:" : "") + std::string(kTypes[static_cast<size_t>(entry.type)]) +
         ":" + entry.name + ":" + AccessText(entry.permission);
}

Result<AclEntries> ParseAcl(std::string_view text, bool with_permissions) {
  AclEntries entries;
  for (const std::string_view part : Split(text, ',')) {
    TUSK_ASSIGN(AclEntry entry, ParseEntry(part, with_permissions));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace tusk::dfs
