#include "dfs/namenode/ops/apply.h"

#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/namenode/namespace/quota.h"

namespace tusk::dfs::namenode {

namespace {

Status ApplyKind(Transaction& tx, const EditContext& context, edit::Edit::Reader edit, Answer& answer) {
  switch (edit.which()) {
    case edit::Edit::NOOP: return OkStatus();
    case edit::Edit::MKDIRS: return ApplyMkdirs(tx, context, edit.getMkdirs());
    case edit::Edit::CREATE: return ApplyCreate(tx, context, edit.getCreate(), answer);
    case edit::Edit::ADD_BLOCK: return ApplyAddBlock(tx, context, edit.getAddBlock(), answer);
    case edit::Edit::ABANDON_BLOCK: return ApplyAbandonBlock(tx, context, edit.getAbandonBlock());
    case edit::Edit::BUMP_GENERATION: return ApplyBumpGeneration(tx, context, edit.getBumpGeneration(), answer);
    case edit::Edit::UPDATE_PIPELINE: return ApplyUpdatePipeline(tx, context, edit.getUpdatePipeline());
    case edit::Edit::COMPLETE: return ApplyComplete(tx, context, edit.getComplete(), answer);
    case edit::Edit::RENAME: return ApplyRename(tx, context, edit.getRename());
    case edit::Edit::DELETE: return ApplyDelete(tx, context, edit.getDelete(), answer);
    case edit::Edit::SET_REPLICATION: return ApplySetReplication(tx, context, edit.getSetReplication());
    case edit::Edit::SET_TIMES: return ApplySetTimes(tx, context, edit.getSetTimes());
    case edit::Edit::SET_PERMISSION: return ApplySetPermission(tx, context, edit.getSetPermission());
    case edit::Edit::SET_OWNER: return ApplySetOwner(tx, context, edit.getSetOwner());
    case edit::Edit::SET_ACL: return ApplySetAcl(tx, context, edit.getSetAcl());
    case edit::Edit::SET_XATTR: return ApplySetXattr(tx, context, edit.getSetXattr());
    case edit::Edit::SET_QUOTA: return ApplySetQuota(tx, context, edit.getSetQuota());
    case edit::Edit::PUBLISH: return ApplyPublish(tx, context, edit.getPublish());
    case edit::Edit::CLOSE_EXPIRED: return ApplyCloseExpired(tx, context, edit.getCloseExpired());
    case edit::Edit::APPEND: return ApplyAppend(tx, context, edit.getAppend(), answer);
    case edit::Edit::TRUNCATE: return ApplyTruncate(tx, context, edit.getTruncate(), answer);
    case edit::Edit::CONCAT: return ApplyConcat(tx, context, edit.getConcat());
    case edit::Edit::BEGIN_RECOVERY: return ApplyBeginRecovery(tx, context, edit.getBeginRecovery(), answer);
    case edit::Edit::COMMIT_RECOVERY: return ApplyCommitRecovery(tx, context, edit.getCommitRecovery());
    case edit::Edit::NODE_ADMIN: return ApplyNodeAdmin(tx, context, edit.getNodeAdmin());
    case edit::Edit::RECLAIM: return ApplyReclaim(tx, edit.getReclaim());
    default: break;
  }
  // Going on without it would make this state differ from that of the program that wrote the entry.
  LOG(FATAL) << "the log has an entry of a kind that this program does not know (" << static_cast<int>(edit.which())
             << "); start the version that wrote it";
  return Internal("unreachable");
}

}  // namespace

Status ApplyEdit(Transaction& tx, const EditContext& context, edit::Edit::Reader edit, Answer& answer) {
  TUSK_TRY(ApplyKind(tx, context, edit, answer));
  return tx.charges.empty() ? OkStatus() : SettleQuotas(tx);
}

}  // namespace tusk::dfs::namenode
