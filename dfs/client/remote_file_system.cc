#include "dfs/client/remote_file_system.h"

#include <thread>

#include "common/base/try.h"
#include "dfs/client/block_checksum.h"
#include "dfs/client/input_stream.h"
#include "dfs/client/output_stream.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs {
namespace {

constexpr std::chrono::milliseconds kRecoveryPoll{100};  // of a block that is being cut

}  // namespace

Result<std::shared_ptr<FileSystem>> FileSystem::Connect(ClientOptions options) {
  if (options.namenode.host.empty()) return InvalidArgument("the client has no NameNode address; set dfs.namenode_address");
  if (options.chunk_bytes < kMinChunkBytes || options.chunk_bytes > kMaxChunkBytes) {
    return InvalidArgument("dfs.chunk_bytes is " + std::to_string(options.chunk_bytes) + "; it must be between " +
                           std::to_string(kMinChunkBytes) + " and " + std::to_string(kMaxChunkBytes));
  }
  return std::shared_ptr<FileSystem>(std::make_shared<RemoteFileSystem>(std::move(options)));
}

std::string RemoteFileSystem::Uri() const { return "hdfs://" + context_->options().namenode.ToString(); }

std::string RemoteFileSystem::HomeDirectory() const { return "/user/" + context_->options().user; }

Result<FsStats> RemoteFileSystem::Stats() {
  return namenode().Ask(
      kClusterReport, [](auto) {},
      [](auto reply) {
        FsStats stats;
        for (const auto& node : reply.getNodes()) {
          if (node.getState() != wire::ClusterReportReply::Node::State::LIVE) continue;
          stats.capacity += node.getCapacity();
          stats.used += node.getUsed();
          stats.remaining += node.getRemaining();
        }
        return stats;
      });
}

Result<FileStatus> RemoteFileSystem::Stat(const std::string& path) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Ask(
      kStat, [&](auto request) { request.setPath(normal); },
      [&](auto reply) {
        FileStatus status = FromWire(reply.getStatus(), PathParent(normal));
        status.path = normal;
        return status;
      });
}

Result<bool> RemoteFileSystem::Exists(const std::string& path) {
  auto status = Stat(path);
  if (status.ok()) return true;
  if (status.status().code() == Code::kNotFound || status.status().code() == Code::kNotADirectory) return false;
  return std::move(status).status();
}

Result<RemoteFileSystem::LocatedPage> RemoteFileSystem::AskPage(const std::string& normal, const std::string& start_after,
                                                                uint32_t limit, bool with_locations) {
  const auto fill = [&](auto request) {
    request.setPath(normal);
    request.setStartAfter(start_after);
    request.setLimit(limit);
    request.setWithLocations(with_locations);
  };
  const auto decode = [&](auto reply) {
    LocatedPage page;
    page.entries.reserve(reply.getEntries().size());
    for (const auto& entry : reply.getEntries()) {
      LocatedFile& file = page.entries.emplace_back();
      file.status = FromWire(entry.getStatus(), normal);
      for (const auto& block : entry.getBlocks()) file.blocks.push_back(FromWire(block));
    }
    page.more = reply.getMore() && !page.entries.empty();
    return page;
  };
  TUSK_ASSIGN(LocatedPage page, namenode().Ask(kList, fill, decode));
  // A file lists itself, whatever name the answer carries.
  auto& entries = page.entries;
  const bool alone = start_after.empty() && !page.more && entries.size() == 1;
  if (alone && !entries[0].status.is_directory && PathName(entries[0].status.path) == PathName(normal)) {
    TUSK_ASSIGN(const FileStatus self, Stat(normal));
    if (!self.is_directory) entries[0].status.path = normal;
  }
  return page;
}

Result<std::vector<LocatedFile>> RemoteFileSystem::ListPages(const std::string& path, bool with_locations) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  TUSK_ASSIGN(LocatedPage page, AskPage(normal, "", 0, with_locations));
  std::vector<LocatedFile> all = std::move(page.entries);
  while (page.more) {
    TUSK_ASSIGN(page, AskPage(normal, std::string(PathName(all.back().status.path)), 0, with_locations));
    std::move(page.entries.begin(), page.entries.end(), std::back_inserter(all));
  }
  return all;
}

Result<ListPage> RemoteFileSystem::ListFrom(const std::string& path, const std::string& start_after, uint32_t limit) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  TUSK_ASSIGN(LocatedPage located, AskPage(normal, start_after, limit, false));
  ListPage page{{}, located.more};
  page.entries.reserve(located.entries.size());
  for (LocatedFile& entry : located.entries) page.entries.push_back(std::move(entry.status));
  return page;
}

Result<std::vector<FileStatus>> RemoteFileSystem::List(const std::string& path) {
  TUSK_ASSIGN(std::vector<LocatedFile> entries, ListPages(path, false));
  std::vector<FileStatus> statuses;
  statuses.reserve(entries.size());
  for (LocatedFile& entry : entries) statuses.push_back(std::move(entry.status));
  return statuses;
}

Result<std::vector<LocatedFile>> RemoteFileSystem::ListLocated(const std::string& path) { return ListPages(path, true); }

Result<LocatedFile> RemoteFileSystem::Locate(const std::string& path, uint64_t offset, uint64_t length) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  TUSK_ASSIGN(LocatedFile file, FetchLocations(namenode(), normal, offset, length));
  file.status.path = normal;
  return file;
}

Status RemoteFileSystem::Mkdirs(const std::string& path, bool parents) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Change(kMkdirs, [&](auto request) {
    request.setPath(normal);
    request.setParents(parents);
    request.setMode(0777 & ~context_->options().umask);
    request.setUnmasked(0777);
  });
}

Result<std::unique_ptr<OutputStream>> RemoteFileSystem::Create(const std::string& path, const CreateOptions& options) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  const ClientOptions& defaults = context_->options();
  struct Created {
    FileStatus file;
    LocatedBlock first;
  };
  auto created = namenode().Change(
      kCreate,
      [&](auto request) {
        request.setPath(normal);
        request.setOverwrite(options.overwrite);
        request.setCreateParents(options.create_parents);
        request.setReplication(options.replication != 0 ? options.replication : defaults.replication);
        request.setBlockSize(options.block_size != 0 ? options.block_size : defaults.block_size);
        request.setMode(0666 & ~defaults.umask);
        request.setUnmasked(0666);
        request.setFirstBlock(options.bytes_follow);
      },
      [&](auto reply) {
        Created result{FromWire(reply.getStatus(), PathParent(normal)), FromWire(reply.getFirst())};
        result.file.path = normal;
        return result;
      });
  if (!created.ok()) return std::move(created).status();
  if (created->file.block_size == 0) return Internal("the NameNode created " + normal + " without a block size");
  const bool durable = options.durable.value_or(defaults.durable_close);
  return DfsOutputStream::Begin(context_, created->file, std::move(created->first), durable);
}

Result<std::unique_ptr<OutputStream>> RemoteFileSystem::Append(const std::string& path) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  struct Opened {
    FileStatus file;
    LocatedBlock last;
    Generation generation;
  };
  auto opened = namenode().Change(
      kAppend, [&](auto request) { request.setPath(normal); },
      [&](auto reply) {
        Opened result{FromWire(reply.getStatus(), PathParent(normal)), FromWire(reply.getLast()),
                      Generation(reply.getGeneration())};
        result.last.token = AsView(reply.getToken());
        return result;
      });
  if (!opened.ok()) return std::move(opened).status();
  opened->file.path = normal;
  auto stream = DfsOutputStream::Continue(context_, opened->file, opened->last, opened->generation);
  // Nobody writes it now: without this it would be closed only when the lease ends.
  if (!stream.ok()) RecoverLease(normal).status().ok();
  return stream;
}

Status RemoteFileSystem::Truncate(const std::string& path, uint64_t length) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  TUSK_ASSIGN(const bool done, namenode().Change(
                                   kTruncate,
                                   [&](auto request) {
                                     request.setPath(normal);
                                     request.setLength(length);
                                   },
                                   [](auto reply) { return reply.getDone(); }));
  if (done) return OkStatus();
  const auto deadline = std::chrono::steady_clock::now() + context_->options().timeout;
  while (std::chrono::steady_clock::now() < deadline) {
    TUSK_ASSIGN(const FileStatus file, Stat(normal));
    if (!file.under_construction) return OkStatus();
    std::this_thread::sleep_for(kRecoveryPoll);
  }
  return Unavailable(normal +
                     " has its new length, but the DataNodes have not cut its last block yet; until then it cannot be written");
}

Status RemoteFileSystem::Concat(const std::string& target, const std::vector<std::string>& sources) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(target));
  return namenode().Change(kConcat, [&](auto request) {
    request.setTarget(normal);
    auto list = request.initSources(static_cast<unsigned>(sources.size()));
    for (unsigned i = 0; i < list.size(); ++i) list.set(i, sources[i]);
  });
}

Result<bool> RemoteFileSystem::RecoverLease(const std::string& path) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Change(
      kRecoverLease, [&](auto request) { request.setPath(normal); }, [](auto reply) { return reply.getClosed(); });
}

Result<std::unique_ptr<InputStream>> RemoteFileSystem::Open(const std::string& path) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return DfsInputStream::Open(context_, normal);
}

Status RemoteFileSystem::Rename(const std::string& from, const std::string& to, bool overwrite) {
  TUSK_ASSIGN(const std::string normal_from, NormalizePath(from));
  TUSK_ASSIGN(const std::string normal_to, NormalizePath(to));
  return namenode().Change(kRename, [&](auto request) {
    request.setFrom(normal_from);
    request.setTo(normal_to);
    request.setOverwrite(overwrite);
  });
}

Result<bool> RemoteFileSystem::Delete(const std::string& path, bool recursive) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Change(
      kDelete,
      [&](auto request) {
        request.setPath(normal);
        request.setRecursive(recursive);
      },
      [](auto reply) { return reply.getDeleted(); });
}

Status RemoteFileSystem::SetPermission(const std::string& path, uint16_t mode) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Change(kSetPermission, [&](auto request) {
    request.setPath(normal);
    request.setMode(mode);
  });
}

Status RemoteFileSystem::SetOwner(const std::string& path, const std::string& owner, const std::string& group) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Change(kSetOwner, [&](auto request) {
    request.setPath(normal);
    request.setOwner(owner);
    request.setGroup(group);
  });
}

Result<AclStatus> RemoteFileSystem::GetAcl(const std::string& path) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Ask(
      kGetAcl, [&](auto request) { request.setPath(normal); },
      [](auto reply) {
        AclStatus acl{reply.getOwner(), reply.getGroup(), reply.getMode()};
        for (const auto entry : reply.getEntries()) {
          acl.entries.push_back({static_cast<AclScope>(entry.getScope() & 1), static_cast<AclType>(entry.getType() & 3),
                                 entry.getName(), entry.getPermission()});
        }
        return acl;
      });
}

Status RemoteFileSystem::ChangeAcl(const std::string& path, AclChange change, const AclEntries& entries) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Change(kSetAcl, [&](auto request) {
    request.setPath(normal);
    request.setChange(static_cast<wire::SetAclRequest::Change>(change));
    auto out = request.initEntries(static_cast<unsigned>(entries.size()));
    for (unsigned i = 0; i < entries.size(); ++i) {
      out[i].setScope(static_cast<uint8_t>(entries[i].scope));
      out[i].setType(static_cast<uint8_t>(entries[i].type));
      out[i].setName(entries[i].name);
      out[i].setPermission(entries[i].permission);
    }
  });
}

Result<std::vector<Xattr>> RemoteFileSystem::AskXattrs(const std::string& path, const std::vector<std::string>& names,
                                                       bool names_only) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Ask(
      kGetXattrs,
      [&](auto request) {
        request.setPath(normal);
        request.setNamesOnly(names_only);
        auto wanted = request.initNames(static_cast<unsigned>(names.size()));
        for (unsigned i = 0; i < names.size(); ++i) wanted.set(i, names[i]);
      },
      [](auto reply) {
        std::vector<Xattr> xattrs;
        for (const auto xattr : reply.getXattrs()) xattrs.push_back({xattr.getName(), std::string(AsView(xattr.getValue()))});
        return xattrs;
      });
}

Result<std::vector<Xattr>> RemoteFileSystem::GetXattrs(const std::string& path, const std::vector<std::string>& names) {
  return AskXattrs(path, names, false);
}

Result<std::vector<std::string>> RemoteFileSystem::ListXattrs(const std::string& path) {
  TUSK_ASSIGN(const std::vector<Xattr> xattrs, AskXattrs(path, {}, true));
  std::vector<std::string> names;
  for (const Xattr& xattr : xattrs) names.push_back(xattr.name);
  return names;
}

Status RemoteFileSystem::WriteXattr(const std::string& path, const Xattr& xattr, wire::SetXattrRequest::How how) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Change(kSetXattr, [&](auto request) {
    request.setPath(normal);
    request.setName(xattr.name);
    request.setValue(AsData(xattr.value));
    request.setHow(how);
  });
}

Status RemoteFileSystem::SetXattr(const std::string& path, const Xattr& xattr, XattrWrite how) {
  return WriteXattr(path, xattr, static_cast<wire::SetXattrRequest::How>(how));
}

Status RemoteFileSystem::RemoveXattr(const std::string& path, const std::string& name) {
  return WriteXattr(path, {name, ""}, wire::SetXattrRequest::How::REMOVE);
}

Status RemoteFileSystem::SetQuota(const std::string& path, int64_t names, int64_t space) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Change(kSetQuota, [&](auto request) {
    request.setPath(normal);
    request.setNames(names);
    request.setSpace(space);
  });
}

Status RemoteFileSystem::CheckAccess(const std::string& path, uint8_t access) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode()
      .Ask(
          kCheckAccess,
          [&](auto request) {
            request.setPath(normal);
            request.setAccess(access);
          },
          [](auto) { return std::monostate(); })
      .status();
}

Status RemoteFileSystem::SetReplication(const std::string& path, uint16_t replication) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Change(kSetReplication, [&](auto request) {
    request.setPath(normal);
    request.setReplication(replication);
  });
}

Status RemoteFileSystem::SetTimes(const std::string& path, int64_t modified_ms, int64_t accessed_ms) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Change(kSetTimes, [&](auto request) {
    request.setPath(normal);
    request.setModifiedMs(modified_ms);
    request.setAccessedMs(accessed_ms);
  });
}

Result<ContentSummary> RemoteFileSystem::Summary(const std::string& path) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(path));
  return namenode().Ask(
      kContentSummary, [&](auto request) { request.setPath(normal); },
      [](auto reply) {
        return ContentSummary{.length = reply.getLength(),
                              .files = reply.getFiles(),
                              .directories = reply.getDirectories(),
                              .space_consumed = reply.getSpaceConsumed(),
                              .quota = reply.getQuota(),
                              .space_quota = reply.getSpaceQuota(),
                              .quota_used = reply.getQuotaUsed(),
                              .space_quota_used = reply.getSpaceQuotaUsed()};
      });
}

Result<FileChecksum> RemoteFileSystem::Checksum(const std::string& path, ChecksumKind kind) {
  TUSK_ASSIGN(const LocatedFile file, Locate(path, 0, UINT64_MAX));
  if (file.status.is_directory) return Status(Code::kIsADirectory, path + " is a directory; a checksum is of a file");
  return ComputeChecksum(*context_, file, kind);
}

Status RemoteFileSystem::Publish(const std::string& job, uint64_t epoch, const std::string& directory,
                                 const std::vector<PublishMove>& moves, const std::vector<std::string>& markers,
                                 const std::string& delete_tree) {
  TUSK_ASSIGN(const std::string normal, NormalizePath(directory));
  return namenode().Change(kPublish, [&](auto request) {
    request.setJob(job);
    request.setEpoch(epoch);
    request.setDirectory(normal);
    auto move_list = request.initMoves(static_cast<unsigned>(moves.size()));
    for (unsigned i = 0; i < move_list.size(); ++i) {
      move_list[i].setFrom(moves[i].from);
      move_list[i].setName(moves[i].name);
    }
    auto marker_list = request.initMarkers(static_cast<unsigned>(markers.size()));
    for (unsigned i = 0; i < marker_list.size(); ++i) marker_list.set(i, markers[i]);
    request.setDeleteTree(delete_tree);
  });
}

}  // namespace tusk::dfs
