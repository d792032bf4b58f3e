// A dfs::FileSystem in memory, for tests of what stands on the DFS: no sockets, no files. It keeps the contract of
// dfs/client/file_system.h: paths, errors, rename and publish rules; a file's blocks lie on invented DataNodes.
//
// Thread: any; one mutex. Owner: streams share the state, they may outlive the FileSystem.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dfs/client/file_system.h"

namespace tusk::testing {

class FakeFileSystem final : public dfs::FileSystem {
 public:
  struct Options {
    uint64_t block_size = 1 << 20;
    uint16_t replication = 3;
    uint32_t nodes = 5;  // "node1" at 127.0.1.1 ..., in two racks
    std::string user = "ann";
    uint32_t list_limit = 1000;          // entries of a page
    int64_t now_ms = 1'700'000'000'000;  // stays; a test may set it
  };
  FakeFileSystem();
  explicit FakeFileSystem(Options options);
  ~FakeFileSystem() override;

  // Asked before each operation ("create", "write", "close", "read", "rename", "delete", "stat", "list", ...) with its path; a
  // status that is not ok is its answer.
  using Fault = std::function<Status(std::string_view operation, const std::string& path)>;
  void SetFault(Fault fault);
  void SetNow(int64_t ms);
  void SetListLimit(uint32_t entries);  // of a page

  // Shortcuts for tests; they CHECK success.
  void Put(const std::string& path, std::string_view bytes);
  std::string Get(const std::string& path);
  bool Has(const std::string& path);
  std::vector<std::string> AllPaths();  // of everything below "/", sorted
  // Changes where a file's blocks lie, e.g. to leave some out.
  void EditBlocks(const std::string& path, const std::function<void(std::vector<dfs::LocatedBlock>&)>& edit);

  std::string Uri() const override;
  std::string HomeDirectory() const override;
  Result<dfs::FsStats> Stats() override;  // 10 GB a node, less what the files take with their replicas
  Result<dfs::FileStatus> Stat(const std::string& path) override;
  Result<bool> Exists(const std::string& path) override;
  Result<dfs::ListPage> ListFrom(const std::string& path, const std::string& start_after, uint32_t limit) override;
  Result<std::vector<dfs::FileStatus>> List(const std::string& path) override;
  Result<std::vector<dfs::LocatedFile>> ListLocated(const std::string& path) override;
  Result<dfs::LocatedFile> Locate(const std::string& path, uint64_t offset, uint64_t length) override;
  Status Mkdirs(const std::string& path, bool parents) override;
  Result<std::unique_ptr<dfs::OutputStream>> Create(const std::string& path, const dfs::CreateOptions& options) override;
  Result<std::unique_ptr<dfs::OutputStream>> Append(const std::string& path) override;
  Status Truncate(const std::string& path, uint64_t length) override;
  Status Concat(const std::string& target, const std::vector<std::string>& sources) override;
  Result<bool> RecoverLease(const std::string& path) override;
  Result<std::unique_ptr<dfs::InputStream>> Open(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to, bool overwrite) override;
  Result<bool> Delete(const std::string& path, bool recursive) override;
  Status SetPermission(const std::string& path, uint16_t mode) override;
  Status SetOwner(const std::string& path, const std::string& owner, const std::string& group) override;
  Result<dfs::AclStatus> GetAcl(const std::string& path) override;
  Status ChangeAcl(const std::string& path, dfs::AclChange change, const dfs::AclEntries& entries) override;
  Result<std::vector<dfs::Xattr>> GetXattrs(const std::string& path, const std::vector<std::string>& names) override;
  Result<std::vector<std::string>> ListXattrs(const std::string& path) override;
  Status SetXattr(const std::string& path, const dfs::Xattr& xattr, dfs::XattrWrite how) override;
  Status RemoveXattr(const std::string& path, const std::string& name) override;
  Status CheckAccess(const std::string& path, uint8_t access) override;  // by the bits of the path's own owner or of others
  Status SetReplication(const std::string& path, uint16_t replication) override;
  Status SetTimes(const std::string& path, int64_t modified_ms, int64_t accessed_ms) override;
  Status SetQuota(const std::string& path, int64_t names, int64_t space) override;
  Result<dfs::ContentSummary> Summary(const std::string& path) override;
  using dfs::FileSystem::Checksum;
  Result<dfs::FileChecksum> Checksum(const std::string& path, dfs::ChecksumKind kind) override;
  Status Publish(const std::string& job, uint64_t epoch, const std::string& directory, const std::vector<dfs::PublishMove>& moves,
                 const std::vector<std::string>& markers, const std::string& delete_tree) override;

  struct State;

 private:
  const std::shared_ptr<State> state_;
};

}  // namespace tusk::testing
