// The operations of WebHDFS without bytes of files.
#include "common/base/json_text.h"
#include "common/base/try.h"
#include "dfs/protocol/path.h"
#include "dfs/webhdfs/file_json.h"
#include "dfs/webhdfs/operation.h"

namespace tusk::dfs::webhdfs {
namespace {

constexpr uint32_t kListBatch = 1000;

Status Boolean(Call& call, bool value) { return AnswerJson(call, std::string("{\"boolean\":") + (value ? "true}" : "false}")); }
Status PathJson(Call& call, std::string_view path) { return AnswerJson(call, "{\"Path\":" + QuoteJson(path) + "}"); }

Status GetFileStatus(Call& call) {
  TUSK_ASSIGN(const FileStatus file, call.fs.Stat(call.path));
  return AnswerJson(call, "{\"FileStatus\":" + FileStatusJson(file, "") + "}");
}

// What a path lists as a whole: a directory its children, a file itself, without a name.
Result<std::vector<FileStatus>> Listed(Call& call) {
  TUSK_ASSIGN(std::vector<FileStatus> files, call.fs.List(call.path));
  if (files.size() == 1 && files[0].path == call.path) files[0].path = "/";  // which has no name
  return files;
}

Status ListStatus(Call& call) {
  TUSK_ASSIGN(const std::vector<FileStatus> files, Listed(call));
  return AnswerJson(call, "{\"FileStatuses\":" + FileStatusesJson(files) + "}");
}

Status ListStatusBatch(Call& call) {
  const std::string after = call.parameters.Text("startAfter");
  TUSK_ASSIGN(ListPage page, call.fs.ListFrom(call.path, after, kListBatch));
  if (page.entries.size() == 1 && page.entries[0].path == call.path) page.entries[0].path = "/";  // a file, without a name
  uint64_t remaining = 0;
  if (page.more) {  // as many as there can be: what came before this page is not known
    TUSK_ASSIGN(const FileStatus directory, call.fs.Stat(call.path));
    remaining = std::max<uint64_t>(1, directory.children - std::min<uint64_t>(directory.children, page.entries.size()));
  }
  return AnswerJson(call, "{\"DirectoryListing\":{\"partialListing\":{\"FileStatuses\":" + FileStatusesJson(page.entries) +
                              "},\"remainingEntries\":" + std::to_string(remaining) + "}}");
}

Status GetContentSummary(Call& call) {
  TUSK_ASSIGN(const ContentSummary summary, call.fs.Summary(call.path));
  return AnswerJson(call, ContentSummaryJson(summary));
}

Status GetFileChecksum(Call& call) {
  TUSK_ASSIGN(const FileChecksum checksum, call.fs.Checksum(call.path, ChecksumKind::kHdfsMd5));
  return AnswerJson(call, FileChecksumJson(checksum));
}

Status GetBlockLocations(Call& call) {
  TUSK_ASSIGN(const uint64_t offset, call.parameters.Number("offset", 0));
  TUSK_ASSIGN(const uint64_t length, call.parameters.Number("length", INT64_MAX));
  TUSK_ASSIGN(const LocatedFile file, call.fs.Locate(call.path, offset, length));
  return AnswerJson(call, BlockLocationsJson(file));
}

Status GetHomeDirectory(Call& call) { return PathJson(call, call.fs.HomeDirectory()); }
Status GetTrashRoot(Call& call) { return PathJson(call, call.fs.HomeDirectory() + "/.Trash"); }

Status GetStatus(Call& call) {
  TUSK_ASSIGN(const FsStats stats, call.fs.Stats());
  return AnswerJson(call, "{\"FsStatus\":{\"used\":" + std::to_string(stats.used) + ",\"remaining\":" +
                              std::to_string(stats.remaining) + ",\"capacity\":" + std::to_string(stats.capacity) + "}}");
}

Status GetServerDefaults(Call& call) {
  return AnswerJson(call, "{\"FsServerDefaults\":{\"blockSize\":" + std::to_string(call.options.block_size) +
                              ",\"bytesPerChecksum\":512,\"writePacketSize\":65536,\"replication\":" +
                              std::to_string(call.options.replication) +
                              ",\"fileBufferSize\":4096,\"encryptDataTransfer\":false,\"trashInterval\":0,\"checksumType\":2,"
                              "\"keyProviderUri\":\"\",\"defaultStoragePolicyId\":0}}");
}

Status CheckAccess(Call& call) {
  const std::string action = call.parameters.Text("fsaction");
  const auto access = action.empty() ? uint8_t{0} : ParseAccess(action);
  if (!access) return InvalidParameter("fsaction", action, "is not an access as rwx, r-- or --x");
  TUSK_TRY(call.fs.CheckAccess(call.path, *access));
  return AnswerNothing(call);
}

Status Mkdirs(Call& call) {
  TUSK_ASSIGN(const auto mode, call.parameters.Permission("permission"));
  TUSK_ASSIGN(const bool existed, call.fs.Exists(call.path));
  TUSK_TRY(call.fs.Mkdirs(call.path, true));
  if (mode && !existed) TUSK_TRY(call.fs.SetPermission(call.path, *mode));
  return Boolean(call, true);
}

Status Rename(Call& call) {
  const std::string destination = call.parameters.Text("destination");
  if (destination.empty()) return InvalidParameter("destination", "", "is missing; write the new path");
  if (!destination.starts_with('/')) return InvalidParameter("destination", destination, "is not an absolute path");
  std::string options = call.parameters.Text("renameoptions");
  if (!options.empty()) {  // the newer rename: says why not
    if (options != "NONE" && options != "OVERWRITE" && options != "overwrite" && options != "none") {
      return InvalidParameter("renameoptions", options, "is neither NONE nor OVERWRITE");
    }
    TUSK_TRY(call.fs.Rename(call.path, destination, options.front() == 'O' || options.front() == 'o'));
    return AnswerNothing(call);
  }
  const Status renamed = call.fs.Rename(call.path, destination, false);
  const bool refused =
      renamed.code() == Code::kNotFound || renamed.code() == Code::kAlreadyExists || renamed.code() == Code::kInvalidArgument;
  if (!renamed.ok() && !refused) return renamed;
  return Boolean(call, renamed.ok());
}

Status SetReplication(Call& call) {
  TUSK_ASSIGN(const uint64_t replication, call.parameters.Number("replication", call.options.replication, kMaxReplication));
  TUSK_ASSIGN(const FileStatus file, call.fs.Stat(call.path));
  if (file.is_directory) return Boolean(call, false);
  TUSK_TRY(call.fs.SetReplication(call.path, static_cast<uint16_t>(replication)));
  return Boolean(call, true);
}

Status SetOwner(Call& call) {
  const std::string owner = call.parameters.Text("owner"), group = call.parameters.Text("group");
  if (owner.empty() && group.empty()) return InvalidArgument("Both owner and group are empty.");
  TUSK_TRY(call.fs.SetOwner(call.path, owner, group));
  return AnswerNothing(call);
}

Status SetPermission(Call& call) {
  TUSK_ASSIGN(const auto mode, call.parameters.Permission("permission"));
  TUSK_TRY(call.fs.SetPermission(call.path, mode.value_or(0755)));
  return AnswerNothing(call);
}

Status SetTimes(Call& call) {
  TUSK_ASSIGN(const int64_t modified, call.parameters.Time("modificationtime"));
  TUSK_ASSIGN(const int64_t accessed, call.parameters.Time("accesstime"));
  TUSK_TRY(call.fs.SetTimes(call.path, modified, accessed));
  return AnswerNothing(call);
}

Status Concat(Call& call) {
  std::vector<std::string> sources;
  const std::string list = call.parameters.Text("sources");
  for (size_t at = 0; at < list.size();) {
    const size_t comma = std::min(list.find(',', at), list.size());
    sources.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  if (sources.empty()) return InvalidParameter("sources", "", "is missing; write paths, separated by commas");
  TUSK_TRY(call.fs.Concat(call.path, sources));
  return AnswerNothing(call);
}

Status Truncate(Call& call) {
  const std::string given = call.parameters.Text("newlength");
  if (given.empty()) return InvalidParameter("newlength", "", "is missing; write a number of bytes");
  TUSK_ASSIGN(const uint64_t length, call.parameters.Number("newlength", 0));
  TUSK_TRY(call.fs.Truncate(call.path, length));
  return Boolean(call, true);
}

Status Delete(Call& call) {
  TUSK_ASSIGN(const bool recursive, call.parameters.Flag("recursive", false));
  TUSK_ASSIGN(const bool deleted, call.fs.Delete(call.path, recursive));
  return Boolean(call, deleted);
}

}  // namespace

Status AnswerJson(Call& call, std::string body) { return call.exchange.Answer(http::Response::Json(std::move(body))); }

Status AnswerNothing(Call& call) {
  http::Response response;
  response.content_type = "application/octet-stream";
  return call.exchange.Answer(std::move(response));
}

std::span<const NamedOperation> MetadataOperations() {
  static constexpr NamedOperation kOperations[] = {
      {"GET", "GETFILESTATUS", GetFileStatus},
      {"GET", "GETFILELINKSTATUS", GetFileStatus},  // there are no links
      {"GET", "LISTSTATUS", ListStatus},
      {"GET", "LISTSTATUS_BATCH", ListStatusBatch},
      {"GET", "GETCONTENTSUMMARY", GetContentSummary},
      {"GET", "GETFILECHECKSUM", GetFileChecksum},
      {"GET", "GETFILEBLOCKLOCATIONS", GetBlockLocations},
      {"GET", "GETHOMEDIRECTORY", GetHomeDirectory},
      {"GET", "GETTRASHROOT", GetTrashRoot},
      {"GET", "GETSTATUS", GetStatus},
      {"GET", "GETSERVERDEFAULTS", GetServerDefaults},
      {"GET", "CHECKACCESS", CheckAccess},
      {"PUT", "MKDIRS", Mkdirs},
      {"PUT", "RENAME", Rename},
      {"PUT", "SETREPLICATION", SetReplication},
      {"PUT", "SETOWNER", SetOwner},
      {"PUT", "SETPERMISSION", SetPermission},
      {"PUT", "SETTIMES", SetTimes},
      {"POST", "CONCAT", Concat},
      {"POST", "TRUNCATE", Truncate},
      {"DELETE", "DELETE", Delete},
  };
  return kOperations;
}

}  // namespace tusk::dfs::webhdfs
