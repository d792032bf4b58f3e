// Access control lists as POSIX.1e (draft 17) has them, in the forms and words of HDFS. Thread: pure functions and values.
//
// A file's list in full has an entry for its owner (user::), its group (group::) and everybody else (other::), which are its mode
// bits, and more for users and groups by name; then a mask (mask::) bounds all of these but user:: and other::, and the group
// bits of the mode show the mask. The default entries of a directory become the list of what is made in it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace tusk::dfs {

enum class AclScope : uint8_t { kAccess = 0, kDefault = 1 };
enum class AclType : uint8_t { kUser = 0, kGroup = 1, kMask = 2, kOther = 3 };

struct AclEntry {  // ordered as lists are shown
  AclScope scope = AclScope::kAccess;
  AclType type = AclType::kUser;
  std::string name{};      // empty: of the owner, the group, the mask, the others
  uint8_t permission = 0;  // sum of 4 read, 2 write, 1 execute
  auto operator<=>(const AclEntry&) const = default;
  bool SameKey(const AclEntry& other) const { return scope == other.scope && type == other.type && name == other.name; }
};
using AclEntries = std::vector<AclEntry>;

// What an inode keeps beside its mode: access entries by name and, with them, group::; default entries in full.
struct AclStatus {
  std::string owner, group;
  uint16_t mode = 0;  // with the sticky bit
  AclEntries entries{};
};

enum class AclChange : uint8_t {
  kModify = 0,         // adds these entries, or gives those that exist these permissions
  kRemoveEntries = 1,  // permissions do not matter
  kRemoveDefault = 2,
  kRemoveAll = 3,  // back to mode bits
  kReplace = 4,    // these instead of all entries of their scope; access entries must have user::, group:: and other::
};

// The whole list, ordered: user::, group::, (mask::,) other:: and the rest.
AclEntries WholeAcl(uint16_t mode, const AclEntries& kept);
// What is left of an entry's permission by the mask of its scope; `whole` as WholeAcl gives it.
uint8_t EffectivePermission(const AclEntry& entry, const AclEntries& whole);

// "rw-" of 6, and the way back.
std::string AccessText(uint8_t permission);
std::optional<uint8_t> ParseAccess(std::string_view text);
// "drwxr-x--T", as listings show it.
std::string ModeText(bool is_directory, uint16_t mode);
// "default:user:ann:rwx".
std::string ToText(const AclEntry& entry);
// "user:ann:rwx,default:group::r-x"; without permissions, as for removal, "user:ann,default:group:". kInvalidArgument.
Result<AclEntries> ParseAcl(std::string_view text, bool with_permissions);

}  // namespace tusk::dfs
