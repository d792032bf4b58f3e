// The DFS for programs: a blocking API, used by job tasks, the shell and gateways.
//
//   TUSK_ASSIGN(auto fs, dfs::FileSystem::Connect(options));
//   TUSK_ASSIGN(auto out, fs->Create("/logs/today", {}));
//   TUSK_TRY(out->Write(bytes));
//   TUSK_TRY(out->Close());          // durable: on disk at every replica of the pipeline
//
// Errors: as dfs/protocol/namenode.capnp says for each method; kUnavailable when the NameNode cannot be reached within
// dfs.client_timeout. Thread: FileSystem from any thread; one stream from one thread at a time (InputStream::ReadAt from
// several). Owner:  streams keep the FileSystem alive. It has one loop thread for requests, started at the first use (so a
// process may fork before).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/config/config.h"
#include "common/net/endpoint.h"
#include "dfs/protocol/acl.h"
#include "dfs/protocol/types.h"
#include "dfs/protocol/xattr.h"

namespace tusk::dfs {

struct ClientOptions {
  net::Endpoint namenode;
  std::string user;          // empty: the login name
  uint16_t umask = 022;      // permission bits that new files and directories lack
  std::string host;          // where this client runs; empty: unknown
  uint64_t block_size = 0;   // of new files; 0: the cluster's
  uint16_t replication = 0;  // 0: the cluster's
  uint32_t packet_bytes = 1 << 20;
  uint32_t chunk_bytes = 16 << 10;
  uint32_t window_packets = 16;
  bool local_reads = true;   // of DataNodes on this machine: from their files
  bool hedged_reads = true;  // ask a second replica when the first is unusually slow
  std::chrono::milliseconds timeout{60'000};
  std::chrono::milliseconds data_timeout{20'000};
  std::chrono::milliseconds peer_silence{1'000};
  std::chrono::milliseconds first_contact{
      0};  // patience with a NameNode that never answered; 0: timeout (tools want to know soon)
  std::chrono::milliseconds lease_renewal{20'000};  // while files are open for writing
  bool durable_close = true;                        // dfs.durable_close, of files that do not say
  bool wait_out_safe_mode = true;                   // false: kSafeMode at once, as the shell wants
  static Result<ClientOptions> FromConfig(const config::Config& config);
};

struct CreateOptions {
  bool overwrite = false;
  bool create_parents = true;
  uint64_t block_size = 0;
  uint16_t replication = 0;
  // Write is called at once: the first block comes with the answer, which saves a request (and costs one if nothing is written).
  bool bytes_follow = false;
  // Whether the end of each block, and so Close, waits until every replica is on disk; nothing: dfs.durable_close. Relaxed: until
  // every replica is in memory; a power cut in the next seconds may take what Sync was not called for, and Sync promises the
  // block being written only.
  std::optional<bool> durable{};
};

class OutputStream {
 public:
  virtual ~OutputStream() =
      default;  // abandons an unclosed file: it stays under construction until its lease ends or it is deleted
  virtual Status Write(std::span<const std::byte> data) = 0;
  Status Write(std::string_view text) { return Write(std::as_bytes(std::span(text))); }
  virtual Status Flush() = 0;  // hflush: at every replica of the pipeline, in memory; a reader that opens the file now sees it
  virtual Status Sync() = 0;   // hsync: on disk at every replica: in the file whatever happens to the writer
  virtual Status Close() = 0;  // durable (CreateOptions::durable) and complete; further writes fail
  virtual uint64_t position() const = 0;
};

struct ReadRange {
  uint64_t offset = 0;  // in the file
  std::span<std::byte> out;
  size_t done = 0;  // bytes read: fewer than asked for only at the end of the file
};

class InputStream {
 public:
  virtual ~InputStream() = default;
  // Up to out.size() bytes from the current position; 0 only at the end of the file.
  virtual Result<size_t> Read(std::span<std::byte> out) = 0;
  // Positional; does not move the position; short only at the end of the file. Any thread.
  virtual Result<size_t> ReadAt(uint64_t offset, std::span<std::byte> out) = 0;
  // Several ranges at once, in any order: near ones become one request, and requests wait for each other's disks, not in turn.
  // After an error `done` tells nothing. Any thread.
  virtual Status ReadVec(std::span<ReadRange> ranges);
  virtual Status Seek(uint64_t offset) = 0;
  virtual uint64_t position() const = 0;
  virtual uint64_t length() const = 0;
};

struct FsStats {  // bytes of all live DataNodes, replicas counted
  uint64_t capacity = 0, used = 0, remaining = 0;
};

struct ContentSummary {
  uint64_t length = 0, files = 0, directories = 0, space_consumed = 0;
  int64_t quota = kNoQuota, space_quota = kNoQuota;  // limits of the directory itself: names; bytes times replicas
  int64_t quota_used = 0, space_quota_used = 0;      // what counts against them, if there are any
};

enum class ChecksumKind {
  kComposite,  // crc32c of the whole content
  kHdfsMd5,    // as well, bit for bit, what HDFS shows for the same bytes in blocks of the same size
};

struct FileChecksum {
  std::string algorithm = "COMPOSITE-CRC32C";
  uint32_t crc32c = 0;  // of the whole content, independent of blocks and chunks
  uint64_t length = 0;
  std::string hdfs{};  // kHdfsMd5: in hexadecimal, as `hadoop fs -checksum` prints it
};

struct PublishMove {
  std::string from;  // absolute path of a finished file
  std::string name;  // in the published directory
};

struct ListPage {
  std::vector<FileStatus> entries;
  bool more = false;  // after the last of them
};

struct LocatedFile {
  FileStatus status;
  std::vector<LocatedBlock> blocks;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  static Result<std::shared_ptr<FileSystem>> Connect(ClientOptions options);

  // "hdfs://host:port" of the NameNode, and "/user/NAME" of the caller: where relative paths of tools begin. No request.
  virtual std::string Uri() const = 0;
  virtual std::string HomeDirectory() const = 0;
  virtual Result<FsStats> Stats() = 0;

  virtual Result<FileStatus> Stat(const std::string& path) = 0;
  virtual Result<bool> Exists(const std::string& path) = 0;
  // One request's worth of a listing: the children after this name (empty: from the first) in the order of their names' bytes, at
  // most `limit` and at most dfs.list_limit of the NameNode (0: that many). A file lists itself. Memory stays that of a page
  // however large the directory is; names that come or go meanwhile are seen or not, each other one exactly once.
  virtual Result<ListPage> ListFrom(const std::string& path, const std::string& start_after, uint32_t limit) = 0;
  // All children, page after page.
  virtual Result<std::vector<FileStatus>> List(const std::string& path) = 0;
  virtual Result<std::vector<LocatedFile>> ListLocated(const std::string& path) = 0;
  virtual Result<LocatedFile> Locate(const std::string& path, uint64_t offset = 0, uint64_t length = UINT64_MAX) = 0;
  virtual Status Mkdirs(const std::string& path, bool parents = true) = 0;
  virtual Result<std::unique_ptr<OutputStream>> Create(const std::string& path, const CreateOptions& options = {}) = 0;
  // Writes at the end of a closed file. kLeaseConflict: somebody writes it; one silent beyond dfs.lease_soft_limit loses it.
  virtual Result<std::unique_ptr<OutputStream>> Append(const std::string& path) = 0;
  // Cuts a closed file; returns when it is closed again. kInvalidArgument: it is shorter.
  virtual Status Truncate(const std::string& path, uint64_t length) = 0;
  // Moves the blocks of the sources, in order, to the end of the target and removes the sources; all or nothing, no byte is
  // copied.
  virtual Status Concat(const std::string& target, const std::vector<std::string>& sources) = 0;
  // Takes a file from its writer. True: it is closed; false: its last block is being recovered, ask again.
  virtual Result<bool> RecoverLease(const std::string& path) = 0;
  // A file that is being written is seen as long as its replicas had it at this moment (Flush).
  virtual Result<std::unique_ptr<InputStream>> Open(const std::string& path) = 0;
  virtual Status Rename(const std::string& from, const std::string& to, bool overwrite = false) = 0;
  virtual Result<bool> Delete(const std::string& path, bool recursive) = 0;
  // kPermissionDenied: not the owner's; an owner is given by the superuser only, a group by the owner to one of their own. Empty
  // names stay as they are.
  virtual Status SetPermission(const std::string& path, uint16_t mode) = 0;
  virtual Status SetOwner(const std::string& path, const std::string& owner, const std::string& group) = 0;
  // Access control lists; the owner changes them. kInvalidArgument: the list would break a rule (acl.h). Changes that
  // take no entries are given none.
  virtual Result<AclStatus> GetAcl(const std::string& path) = 0;
  virtual Status ChangeAcl(const std::string& path, AclChange change, const AclEntries& entries) = 0;
  // Extended attributes, by name (xattr.h). Get: those named, or all that the caller may know of; kFailedPrecondition: one is not
  // there. List: names only, which needs no right to read the file.
  virtual Result<std::vector<Xattr>> GetXattrs(const std::string& path, const std::vector<std::string>& names) = 0;
  virtual Result<std::vector<std::string>> ListXattrs(const std::string& path) = 0;
  virtual Status SetXattr(const std::string& path, const Xattr& xattr, XattrWrite how) = 0;
  virtual Status RemoveXattr(const std::string& path, const std::string& name) = 0;
  // Whether the caller may read (4), write (2), execute (1), or what the sum says. kPermissionDenied: no.
  virtual Status CheckAccess(const std::string& path, uint8_t access) = 0;
  virtual Status SetReplication(const std::string& path, uint16_t replication) = 0;
  virtual Status SetTimes(const std::string& path, int64_t modified_ms, int64_t accessed_ms) = 0;
  // Limits for the tree of a directory; kNoQuota: none; kKeepQuota: as it is. The superuser's. kNotADirectory.
  virtual Status SetQuota(const std::string& path, int64_t names, int64_t space) = 0;
  virtual Result<ContentSummary> Summary(const std::string& path) = 0;
  virtual Result<FileChecksum> Checksum(const std::string& path, ChecksumKind kind) = 0;
  Result<FileChecksum> Checksum(const std::string& path) { return Checksum(path, ChecksumKind::kComposite); }
  // See PublishRequest in namenode.capnp: a job's output becomes visible in one step.
  virtual Status Publish(const std::string& job, uint64_t epoch, const std::string& directory,
                         const std::vector<PublishMove>& moves, const std::vector<std::string>& markers,
                         const std::string& delete_tree) = 0;
};

// Whole small files: configuration, reports, binaries.
Result<std::string> ReadWholeFile(FileSystem& fs, const std::string& path, uint64_t max_bytes);
Status WriteWholeFile(FileSystem& fs, const std::string& path, std::string_view bytes, const CreateOptions& options);

}  // namespace tusk::dfs
