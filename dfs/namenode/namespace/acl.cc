#include "dfs/namenode/namespace/acl.h"

#include <glog/logging.h>

#include <algorithm>
#include <array>

#include "common/base/try.h"
#include "dfs/namenode/namespace/byte_codec.h"

namespace tusk::dfs::namenode {
namespace {

constexpr uint8_t kPermissionBits = 7, kTypeShift = 3, kScopeShift = 5;  // of an entry's first byte

size_t Index(AclScope scope) { return static_cast<size_t>(scope); }

bool HasScope(const AclEntries& entries, AclScope scope) {
  return std::any_of(entries.begin(), entries.end(), [&](const AclEntry& entry) { return entry.scope == scope; });
}

const AclEntry* Find(const AclEntries& entries, const AclEntry& key) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const AclEntry& entry) { return entry.SameKey(key); });
  return found == entries.end() ? nullptr : &*found;
}

// A list while it changes. Masks lie apart, since they may have to be calculated.
class NewAcl {
 public:
  void Keep(const AclEntry& entry) {
    const bool is_mask = entry.type == AclType::kMask && entry.name.empty();
    is_mask ? void(scopes_[Index(entry.scope)].mask = entry.permission) : entries_.push_back(entry);
  }
  void Give(const AclEntry& entry) {
    const Scope& scope = scopes_[Index(entry.scope)];
    if (entry.type == AclType::kMask && scope.mask_changed) entries_.push_back(entry);  // twice: Check tells
    Touch(entry);
    Keep(entry);
  }
  void Touch(const AclEntry& entry) {
    Scope& scope = scopes_[Index(entry.scope)];
    scope.changed = true;
    if (entry.type == AclType::kMask) scope.mask_changed = true;
  }
  bool changed(AclScope scope) const { return scopes_[Index(scope)].changed; }

  Result<AclEntries> Finish(std::string_view path, bool is_directory) {
    TUSK_TRY(CheckNames());
    CompleteDefaults();
    TUSK_TRY(AddMasks());
    std::sort(entries_.begin(), entries_.end());
    TUSK_TRY(Check(path, is_directory));
    return std::move(entries_);
  }

 private:
  struct Scope {
    bool changed = false, mask_changed = false;
    std::optional<uint8_t> mask{};
  };

  // Default entries for user::, group:: and other:: that were not given are those for access.
  void CompleteDefaults() {
    if (!HasScope(entries_, AclScope::kDefault)) return;
    for (const AclType type : {AclType::kUser, AclType::kGroup, AclType::kOther}) {
      const AclEntry* const access = Find(entries_, {AclScope::kAccess, type});
      if (access == nullptr || Find(entries_, {AclScope::kDefault, type}) != nullptr) continue;
      entries_.push_back({AclScope::kDefault, type, "", access->permission});
    }
  }

  Status AddMasks() {
    for (const AclScope which : {AclScope::kAccess, AclScope::kDefault}) {
      const Scope& scope = scopes_[Index(which)];
      bool found = false, needed = false;
      uint8_t all = 0;
      for (const AclEntry& entry : entries_) {
        if (entry.scope != which) continue;
        found = true;
        needed |= !entry.name.empty();
        if (entry.type == AclType::kGroup || !entry.name.empty()) all |= entry.permission;
      }
      if (!found) continue;
      if (needed && scope.mask_changed && !scope.mask)
        return InvalidArgument("Invalid ACL: mask is required and cannot be deleted.");
      if (!needed && !scope.mask) continue;
      const bool given = scope.mask && (scope.mask_changed || !scope.changed);
      entries_.push_back({which, AclType::kMask, "", given ? *scope.mask : all});
    }
    return OkStatus();
  }

  Status CheckNames() const {
    for (const AclEntry& entry : entries_) {
      if (!entry.name.empty() && (entry.type == AclType::kMask || entry.type == AclType::kOther)) {
        return InvalidArgument("Invalid ACL: this entry type must not have a name: " + ToText(entry));
      }
      if (entry.name.size() > kMaxNameBytes || entry.name.find_first_of("/\n\0", 0, 3) != std::string::npos) {
        return InvalidArgument("Invalid ACL: \"" + entry.name.substr(0, 80) +
                               "\" cannot be a name: at most 255 bytes, without / and line ends");
      }
    }
    return OkStatus();
  }

  Status Check(std::string_view path, bool is_directory) const {
    std::array<size_t, 2> count{};
    for (size_t i = 0; i < entries_.size(); ++i) {
      const AclEntry& entry = entries_[i];
      ++count[Index(entry.scope)];
      if (i > 0 && entry.SameKey(entries_[i - 1])) {
        return InvalidArgument("Invalid ACL: multiple entries with same scope, type and name: " + ToText(entry));
      }
    }
    for (const AclScope scope : {AclScope::kAccess, AclScope::kDefault}) {
      if (count[Index(scope)] > kMostAclEntries) {
        return InvalidArgument("Invalid ACL: ACL has " + std::to_string(count[Index(scope)]) +
                               (scope == AclScope::kAccess ? " access" : " default") + " entries, which exceeds maximum of " +
                               std::to_string(kMostAclEntries) + ".");
      }
      for (const AclType type : {AclType::kUser, AclType::kGroup, AclType::kOther}) {
        if ((scope == AclScope::kAccess || count[Index(scope)] > 0) && Find(entries_, {scope, type}) == nullptr) {
          return InvalidArgument("Invalid ACL: the user, group and other entries are required.");
        }
      }
    }
    if (!is_directory && count[Index(AclScope::kDefault)] > 0) {
      return InvalidArgument("Invalid ACL: only directories may have a default ACL. Path: " + std::string(path));
    }
    return OkStatus();
  }

  AclEntries entries_;
  std::array<Scope, 2> scopes_;
};

NewAcl Changed(AclChange change, const AclEntries& given, const AclEntries& existing) {
  NewAcl next;
  switch (change) {
    case AclChange::kModify:
      for (const AclEntry& entry : existing) {
        if (Find(given, entry) == nullptr) next.Keep(entry);
      }
      for (const AclEntry& entry : given) next.Give(entry);
      break;
    case AclChange::kRemoveEntries:
      for (const AclEntry& entry : existing) Find(given, entry) == nullptr ? next.Keep(entry) : next.Touch(entry);
      break;
    case AclChange::kReplace:
      for (const AclEntry& entry : given) next.Give(entry);
      for (const AclEntry& entry : existing) {
        if (!next.changed(entry.scope)) next.Keep(entry);
      }
      break;
    case AclChange::kRemoveDefault:
      for (const AclEntry& entry : existing) {
        if (entry.scope == AclScope::kAccess) next.Keep(entry);
      }
      break;
    case AclChange::kRemoveAll:
      for (const AclEntry& entry : existing) {
        const bool base = entry.scope == AclScope::kAccess && entry.name.empty() && entry.type != AclType::kMask;
        if (base) next.Keep(entry);
      }
      break;
  }
  return next;
}

// Puts a whole list into an inode: its base into the mode bits, the rest beside them.
void Install(const AclEntries& whole, Inode& inode) {
  const bool extended = Find(whole, {AclScope::kAccess, AclType::kMask}) != nullptr;
  uint16_t mode = inode.mode & ~0777;
  AclEntries kept;
  for (const AclEntry& entry : whole) {
    const bool base = entry.scope == AclScope::kAccess && entry.name.empty();
    const bool shows_group = entry.type == (extended ? AclType::kMask : AclType::kGroup);
    if (base && entry.type == AclType::kUser) {
      mode |= entry.permission << 6;
    } else if (base && shows_group) {
      mode |= entry.permission << 3;
    } else if (base && entry.type == AclType::kOther) {
      mode |= entry.permission;
    } else {
      kept.push_back(entry);
    }
  }
  inode.mode = mode;
  inode.acl = EncodeAcl(kept);
}

}  // namespace

std::string EncodeAcl(const AclEntries& kept) {
  ByteWriter out;
  for (const AclEntry& entry : kept) {
    out.Number(static_cast<uint64_t>(entry.scope) << kScopeShift | static_cast<uint64_t>(entry.type) << kTypeShift |
               entry.permission);
    out.Text(entry.name);
  }
  return out.Take();
}

AclEntries DecodeAcl(std::string_view bytes) {
  AclEntries kept;
  ByteReader in(bytes);
  while (in.ok() && !in.AtEnd()) {
    const uint64_t head = in.Number();
    kept.push_back({static_cast<AclScope>(head >> kScopeShift & 1), static_cast<AclType>(head >> kTypeShift & 3),
                    std::string(in.Text()), static_cast<uint8_t>(head & kPermissionBits)});
  }
  CHECK(in.ok())
      << "the access list of an inode of the applied state is broken; remove the NameNode's state folder: it is rebuilt";
  return kept;
}

Status ChangeAcl(AclChange change, const AclEntries& entries, std::string_view path, Inode& inode) {
  NewAcl next = Changed(change, entries, WholeAcl(inode.mode, DecodeAcl(inode.acl)));
  TUSK_ASSIGN(const AclEntries whole, next.Finish(path, inode.is_directory));
  Install(whole, inode);
  return OkStatus();
}

void InheritAcl(std::string_view directory_acl, uint16_t wanted, Inode& made) {
  const AclEntries of_directory = DecodeAcl(directory_acl);
  if (!HasScope(of_directory, AclScope::kDefault)) return;
  const bool extended = Find(of_directory, {AclScope::kDefault, AclType::kMask}) != nullptr;
  AclEntries whole;
  for (const AclEntry& entry : of_directory) {
    if (entry.scope != AclScope::kDefault) continue;
    AclEntry access = entry;
    access.scope = AclScope::kAccess;
    // The mode that was asked for bounds the owner, the others and whatever the group bits stand for.
    if (entry.name.empty()) {
      if (entry.type == AclType::kUser) access.permission &= wanted >> 6;
      if (entry.type == (extended ? AclType::kMask : AclType::kGroup)) access.permission &= wanted >> 3;
      if (entry.type == AclType::kOther) access.permission &= wanted;
      access.permission &= kPermissionBits;
    }
    whole.push_back(std::move(access));
    if (made.is_directory) whole.push_back(entry);
  }
  std::sort(whole.begin(), whole.end());
  made.mode = wanted & 07777;
  Install(whole, made);
}

std::optional<bool> AclAllows(const Identity& who, const Inode& inode, uint8_t wanted) {
  if (inode.acl.empty()) return std::nullopt;
  const AclEntries kept = DecodeAcl(inode.acl);
  if (!HasScope(kept, AclScope::kAccess)) return std::nullopt;
  const auto mask = static_cast<uint8_t>(inode.mode >> 3 & 7);
  bool member = false;
  for (const AclEntry& entry : kept) {
    if (entry.scope != AclScope::kAccess) continue;
    const bool grants = (entry.permission & mask & wanted) == wanted;
    if (entry.type == AclType::kUser) {
      if (entry.name == who.user) return grants;
    } else if (who.IsIn(entry.name.empty() ? inode.group : entry.name)) {
      if (grants) return true;
      member = true;
    }
  }
  if (member) return false;
  return (inode.mode & 7 & wanted) == wanted;
}

}  // namespace tusk::dfs::namenode
