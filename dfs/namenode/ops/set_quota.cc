// set_quota: limits for the tree of a directory. The superuser's.
#include "dfs/namenode/namespace/quota.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {
namespace {

// What a limit becomes.
int64_t Limit(int64_t given, int64_t before) { return given == kKeepQuota ? before : given; }

Status CheckLimit(int64_t given, std::string_view what) {
  if (given > 0 || given == kNoQuota || given == kKeepQuota) return OkStatus();
  return InvalidArgument("Invalid values for quota: " + std::string(what) + " " + std::to_string(given) +
                         "; give a positive number, or -1 to take the quota away");
}

}  // namespace

Status ApplySetQuota(Transaction& tx, const EditContext& context, edit::SetQuota::Reader edit) {
  const std::string_view path = BytesOf(edit.getPath());
  TUSK_TRY(CheckSuperuser(context.who, "set a quota"));
  TUSK_ASSIGN(Found found, FindAllowed(tx, context.who, path, {}));
  if (!found.inode.is_directory) {
    return Status(Code::kNotADirectory, "cannot set a quota for " + std::string(path) + ": it is a file; name a directory");
  }
  const QuotaRecord before = FindQuota(tx, found.id).value_or(QuotaRecord{});
  SetQuota(tx, found.id, found.inode, Limit(edit.getNames(), before.names_limit), Limit(edit.getSpace(), before.space_limit));
  return OkStatus();
}

Task<Status> SetQuota(Core& core, const CallContext&, wire::SetQuotaRequest::Reader request, wire::SetQuotaReply::Builder) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  TUSK_CO_TRY(CheckLimit(request.getNames(), "namespace quota"));
  TUSK_CO_TRY(CheckLimit(request.getSpace(), "space quota"));
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
    auto set = edit.initSetQuota();
    set.setPath(DataOf(path));
    set.setNames(request.getNames());
    set.setSpace(request.getSpace());
    return OkStatus();
  }));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
