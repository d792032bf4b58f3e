// list: one page of a directory, by name.
#include <algorithm>
#include <boost/asio/post.hpp>

#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kStep = 100;  // children that are looked at before others have their turn
// With locations a page also ends here, so that a few files of many blocks do not hold the loop.
constexpr size_t kBlocksPerPage = 10'000;

struct Child {
  std::string name;
  InodeId id;
  Inode inode;
  std::vector<LocatedBlock> blocks;
};

std::vector<LocatedBlock> Locate(Core& core, wire::CallerId::Reader caller, InodeId file, std::string_view host) {
  std::vector<LocatedBlock> located;
  uint64_t offset = 0;
  for (const BlockRecord& block : FileBlocks(core.state->view(), file)) {
    if (block.under_construction) break;
    located.push_back(core.blocks.Locate(block, offset, host));
    located.back().token = ReadToken(core, caller, block.id);
    offset += block.length;
  }
  return located;
}

void Fill(const Child& child, std::string_view name, wire::ListReply::Entry::Builder out) {
  StatusToWire(child.id, child.inode, name, out.initStatus());
  auto blocks = out.initBlocks(static_cast<unsigned>(child.blocks.size()));
  for (unsigned i = 0; i < child.blocks.size(); ++i) ToWire(child.blocks[i], blocks[i]);
}

}  // namespace

Task<Status> List(Core& core, const CallContext& call, wire::ListRequest::Reader request, wire::ListReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  const View& view = core.state->view();
  TUSK_CO_ASSIGN(const Identity who, Identify(core, request.getCaller()));
  TUSK_CO_ASSIGN(Found found, FindAllowed(view, who, path, {}));
  if (found.inode.is_directory) TUSK_CO_TRY(CheckAllows(who, path, found.inode, kRead | kExecute));
  const auto may_locate = [&](const Inode& inode) { return request.getWithLocations() && Allows(who, inode, kRead); };
  const std::string_view host = HostOf(request.getCaller(), call);
  if (!found.inode.is_directory) {
    Child file{path, found.id, std::move(found.inode), {}};
    if (may_locate(file.inode)) file.blocks = Locate(core, request.getCaller(), file.id, host);
    Fill(file, path, reply.initEntries(1)[0]);  // the whole path: it is not below the path asked for
    co_return OkStatus();
  }

  const uint32_t page = core.options.list_limit;
  const uint32_t limit = request.getLimit() == 0 ? page : std::min(request.getLimit(), page);
  const std::string_view after_name = ToView(request.getStartAfter());
  std::string after = after_name.empty() ? std::string() : DirentKey(found.id, after_name);
  std::vector<Child> children;
  size_t blocks = 0;
  bool more = true;
  while (more && children.empty()) {  // again only if all of a page has gone meanwhile: an empty one is the end to a client
    more = false;
    std::vector<std::pair<std::string, InodeId>> names;
    view.Scan(DirentPrefix(found.id), after, [&](std::string_view key, std::string_view value) {
      if (names.size() == limit) {
        more = true;
        return false;
      }
      after = key;
      if (const auto dirent = DecodeDirent(value)) names.emplace_back(DirentName(key), dirent->inode);
      return true;
    });
    for (size_t i = 0; i < names.size(); ++i) {
      if (blocks >= kBlocksPerPage) {
        more = true;
        break;
      }
      if (i > 0 && i % kStep == 0) co_await asio::post(core.context, asio::use_awaitable);
      auto& [name, id] = names[i];
      auto inode = FindInode(view, id);
      if (!inode || inode->parent != found.id || inode->name != name) continue;  // gone since the names were read
      Child child{std::move(name), id, std::move(*inode), {}};
      if (!child.inode.is_directory && may_locate(child.inode)) child.blocks = Locate(core, request.getCaller(), id, host);
      blocks += child.blocks.size();
      children.push_back(std::move(child));
    }
  }
  auto entries = reply.initEntries(static_cast<unsigned>(children.size()));
  for (unsigned i = 0; i < children.size(); ++i) Fill(children[i], children[i].name, entries[i]);
  reply.setMore(more);
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
