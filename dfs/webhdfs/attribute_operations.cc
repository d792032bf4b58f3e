// The operations of WebHDFS on access control lists, extended attributes and quotas.
#include "common/base/json_text.h"
#include "common/base/try.h"
#include "dfs/webhdfs/file_json.h"
#include "dfs/webhdfs/operation.h"

namespace tusk::dfs::webhdfs {
namespace {

constexpr uint16_t kSticky = 01000;

Status GetAclStatus(Call& call) {
  TUSK_ASSIGN(const AclStatus acl, call.fs.GetAcl(call.path));
  const auto entry_text = [](const AclEntry& entry) { return QuoteJson(ToText(entry)); };
  return AnswerJson(call, "{\"AclStatus\":{\"entries\":" + JsonArray(acl.entries, entry_text) +
                              ",\"group\":" + QuoteJson(acl.group) + ",\"owner\":" + QuoteJson(acl.owner) + ",\"permission\":\"" +
                              OctalText(acl.mode & 0777) + "\",\"stickyBit\":" + ((acl.mode & kSticky) != 0 ? "true" : "false") +
                              "}}");
}

Status ChangeBy(Call& call, AclChange change, bool with_permissions) {
  const std::string text = call.parameters.Text("aclspec");
  if (text.empty()) return InvalidParameter("aclspec", "", "is missing; write entries as user:ann:rwx, separated by commas");
  TUSK_ASSIGN(const AclEntries entries, ParseAcl(text, with_permissions));
  TUSK_TRY(call.fs.ChangeAcl(call.path, change, entries));
  return AnswerNothing(call);
}
Status ModifyAclEntries(Call& call) { return ChangeBy(call, AclChange::kModify, true); }
Status RemoveAclEntries(Call& call) { return ChangeBy(call, AclChange::kRemoveEntries, false); }
Status SetAcl(Call& call) { return ChangeBy(call, AclChange::kReplace, true); }

Status RemoveDefaultAcl(Call& call) {
  TUSK_TRY(call.fs.ChangeAcl(call.path, AclChange::kRemoveDefault, {}));
  return AnswerNothing(call);
}
Status RemoveAcl(Call& call) {
  TUSK_TRY(call.fs.ChangeAcl(call.path, AclChange::kRemoveAll, {}));
  return AnswerNothing(call);
}

Status GetXattrs(Call& call) {
  auto codec = ParseXattrCodec(call.parameters.Text("encoding", "text"));
  if (!codec.ok()) return InvalidParameter("encoding", call.parameters.Text("encoding"), "is none of text, hex and base64");
  TUSK_ASSIGN(const std::vector<Xattr> xattrs, call.fs.GetXattrs(call.path, call.parameters.All("xattr.name")));
  return AnswerJson(call, "{\"XAttrs\":" + JsonArray(xattrs, [&](const Xattr& xattr) {
                            return "{\"name\":" + QuoteJson(xattr.name) + ",\"value\":" + QuoteJson(ToText(xattr.value, *codec)) +
                                   "}";
                          }) + "}");
}

// A text that holds an array: so HDFS has it.
Status ListXattrs(Call& call) {
  TUSK_ASSIGN(const std::vector<std::string> names, call.fs.ListXattrs(call.path));
  return AnswerJson(
      call, "{\"XAttrNames\":" + QuoteJson(JsonArray(names, [](const std::string& name) { return QuoteJson(name); })) + "}");
}

Status SetXattr(Call& call) {
  const std::string flag = call.parameters.Text("flag");
  if (flag != "" && flag != "CREATE" && flag != "REPLACE") return InvalidParameter("flag", flag, "is neither CREATE nor REPLACE");
  auto value = ParseXattrValue(call.parameters.Text("xattr.value"));
  if (!value.ok()) return InvalidParameter("xattr.value", call.parameters.Text("xattr.value"), value.status().message());
  const auto how = flag.empty() ? XattrWrite::kAny : flag == "CREATE" ? XattrWrite::kCreate : XattrWrite::kReplace;
  TUSK_TRY(call.fs.SetXattr(call.path, {call.parameters.Text("xattr.name"), std::move(*value)}, how));
  return AnswerNothing(call);
}

Status RemoveXattr(Call& call) {
  TUSK_TRY(call.fs.RemoveXattr(call.path, call.parameters.Text("xattr.name")));
  return AnswerNothing(call);
}

// HDFS's parameters: -1 takes a limit away, absent or the highest number leaves it.
Result<int64_t> Limit(const Call& call, std::string_view name) {
  const std::string text = call.parameters.Text(name);
  if (text == "-1") return kNoQuota;
  TUSK_ASSIGN(const uint64_t limit, call.parameters.Number(name, static_cast<uint64_t>(kKeepQuota)));
  if (limit == 0) return InvalidParameter(name, text, "is no limit; write a positive number, or -1 to take it away");
  return static_cast<int64_t>(limit);
}

Status SetQuota(Call& call) {
  TUSK_ASSIGN(const int64_t names, Limit(call, "namespacequota"));
  TUSK_ASSIGN(const int64_t space, Limit(call, "storagespacequota"));
  TUSK_TRY(call.fs.SetQuota(call.path, names, space));
  return AnswerNothing(call);
}

Status GetQuotaUsage(Call& call) {
  TUSK_ASSIGN(const ContentSummary summary, call.fs.Summary(call.path));
  return AnswerJson(call, QuotaUsageJson(summary));
}

}  // namespace

std::span<const NamedOperation> AttributeOperations() {
  static constexpr NamedOperation kOperations[] = {
      {"GET", "GETACLSTATUS", GetAclStatus},
      {"GET", "GETXATTRS", GetXattrs},
      {"GET", "LISTXATTRS", ListXattrs},
      {"GET", "GETQUOTAUSAGE", GetQuotaUsage},
      {"PUT", "SETQUOTA", SetQuota},
      {"PUT", "MODIFYACLENTRIES", ModifyAclEntries},
      {"PUT", "REMOVEACLENTRIES", RemoveAclEntries},
      {"PUT", "REMOVEDEFAULTACL", RemoveDefaultAcl},
      {"PUT", "REMOVEACL", RemoveAcl},
      {"PUT", "SETACL", SetAcl},
      {"PUT", "SETXATTR", SetXattr},
      {"PUT", "REMOVEXATTR", RemoveXattr},
  };
  return kOperations;
}

}  // namespace tusk::dfs::webhdfs
