#include "dfs/namenode/reclaimer.h"

#include <glog/logging.h>

#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kRootsPerEntry = 100;

}  // namespace

void Reclaimer::Load(const View& view) {
  view.Scan(kGarbagePrefix, {}, [this](std::string_view key, std::string_view) {
    roots_.insert(GarbageKeyInode(key));
    return true;
  });
}

Task<bool> Reclaimer::Step(Core& core) {
  if (roots_.empty() || core.safe_mode.on()) co_return false;
  std::vector<InodeId> taken;
  while (!roots_.empty() && taken.size() < kRootsPerEntry) taken.push_back(roots_.extract(roots_.begin()).value());
  capnp::MallocMessageBuilder message;
  auto edit = message.initRoot<edit::Edit>();
  edit.setTimeMs(core.clock.WallMillis());
  auto list = edit.initReclaim().initInodes(static_cast<unsigned>(taken.size()));
  for (unsigned i = 0; i < taken.size(); ++i) list.set(i, taken[i].value());
  const Result<Answer> answer = co_await core.journal.Propose(message);
  if (!answer.ok()) {  // nothing was applied, or the process ends
    LOG(WARNING) << "what deleted trees have left behind is not reclaimed now: " << answer.status();
    roots_.insert(taken.begin(), taken.end());
    co_return false;
  }
  co_return !roots_.empty();
}

}  // namespace tusk::dfs::namenode
