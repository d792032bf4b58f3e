// The FileSystem that asks a NameNode: each method is one request (listings: one for each page). Thread: any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dfs/client/client_context.h"
#include "dfs/client/file_system.h"
#include "dfs/protocol/namenode.capnp.h"

namespace tusk::dfs {

class RemoteFileSystem final : public FileSystem {
 public:
  explicit RemoteFileSystem(ClientOptions options) : context_(std::make_shared<ClientContext>(std::move(options))) {}

  std::string Uri() const override;
  std::string HomeDirectory() const override;
  Result<FsStats> Stats() override;
  Result<FileStatus> Stat(const std::string& path) override;
  Result<bool> Exists(const std::string& path) override;
  Result<ListPage> ListFrom(const std::string& path, const std::string& start_after, uint32_t limit) override;
  Result<std::vector<FileStatus>> List(const std::string& path) override;
  Result<std::vector<LocatedFile>> ListLocated(const std::string& path) override;
  Result<LocatedFile> Locate(const std::string& path, uint64_t offset, uint64_t length) override;
  Status Mkdirs(const std::string& path, bool parents) override;
  Result<std::unique_ptr<OutputStream>> Create(const std::string& path, const CreateOptions& options) override;
  Result<std::unique_ptr<OutputStream>> Append(const std::string& path) override;
  Status Truncate(const std::string& path, uint64_t length) override;
  Status Concat(const std::string& target, const std::vector<std::string>& sources) override;
  Result<bool> RecoverLease(const std::string& path) override;
  Result<std::unique_ptr<InputStream>> Open(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to, bool overwrite) override;
  Result<bool> Delete(const std::string& path, bool recursive) override;
  Status SetPermission(const std::string& path, uint16_t mode) override;
  Status SetOwner(const std::string& path, const std::string& owner, const std::string& group) override;
  Result<AclStatus> GetAcl(const std::string& path) override;
  Status ChangeAcl(const std::string& path, AclChange change, const AclEntries& entries) override;
  Result<std::vector<Xattr>> GetXattrs(const std::string& path, const std::vector<std::string>& names) override;
  Result<std::vector<std::string>> ListXattrs(const std::string& path) override;
  Status SetXattr(const std::string& path, const Xattr& xattr, XattrWrite how) override;
  Status RemoveXattr(const std::string& path, const std::string& name) override;
  Status CheckAccess(const std::string& path, uint8_t access) override;
  Status SetReplication(const std::string& path, uint16_t replication) override;
  Status SetTimes(const std::string& path, int64_t modified_ms, int64_t accessed_ms) override;
  Status SetQuota(const std::string& path, int64_t names, int64_t space) override;
  Result<ContentSummary> Summary(const std::string& path) override;
  using FileSystem::Checksum;
  Result<FileChecksum> Checksum(const std::string& path, ChecksumKind kind) override;
  Status Publish(const std::string& job, uint64_t epoch, const std::string& directory, const std::vector<PublishMove>& moves,
                 const std::vector<std::string>& markers, const std::string& delete_tree) override;

 private:
  Result<std::vector<Xattr>> AskXattrs(const std::string& path, const std::vector<std::string>& names, bool names_only);
  Status WriteXattr(const std::string& path, const Xattr& xattr, wire::SetXattrRequest::How how);
  struct LocatedPage {
    std::vector<LocatedFile> entries;
    bool more = false;
  };
  Result<LocatedPage> AskPage(const std::string& normal, const std::string& start_after, uint32_t limit, bool with_locations);
  Result<std::vector<LocatedFile>> ListPages(const std::string& path, bool with_locations);
  NameNodeLink& namenode() { return context_->namenode(); }

  const std::shared_ptr<ClientContext> context_;  // streams hold it too
};

}  // namespace tusk::dfs
