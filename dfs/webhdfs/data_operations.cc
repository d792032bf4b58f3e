// OPEN, CREATE and APPEND: redirected to this server once, as clients expect, then streamed with constant memory.
#include <vector>

#include "common/base/json_text.h"
#include "common/base/try.h"
#include "common/http/url.h"
#include "dfs/client/atomic_file.h"
#include "dfs/webhdfs/operation.h"

namespace tusk::dfs::webhdfs {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

// The same request at this server, by the name that the client used, with data=true.
std::string Location(const Call& call) {
  const http::Request& request = call.exchange.request();
  const auto host = request.headers.find("host");
  std::string location = host == request.headers.end() ? "" : "http://" + host->second;
  location += http::PercentEncode(request.path, "/") + "?";
  for (const auto& [name, value] : request.query) {
    if (name == "data" || name == "noredirect") continue;
    location += http::PercentEncode(name, "") + "=" + http::PercentEncode(value, "/") + "&";
  }
  return location + "data=true";
}

// Whether this is the first request, which has been answered with where to go.
Result<bool> Redirected(Call& call) {
  TUSK_ASSIGN(const bool data, call.parameters.Flag("data", false));
  if (data) return false;
  TUSK_ASSIGN(const bool quietly, call.parameters.Flag("noredirect", false));
  if (quietly) {
    TUSK_TRY(call.exchange.Answer(http::Response::Json("{\"Location\":" + QuoteJson(Location(call)) + "}")));
    return true;
  }
  http::Response redirect;
  redirect.status = 307;
  redirect.content_type = "application/octet-stream";
  redirect.headers["Location"] = Location(call);
  TUSK_TRY(call.exchange.Answer(std::move(redirect)));
  return true;
}

Status TakeBody(http::Exchange& exchange, const Sink& sink) {
  std::vector<std::byte> piece(kPieceBytes);
  while (true) {
    TUSK_ASSIGN(const size_t count, exchange.Read(piece));
    if (count == 0) return OkStatus();
    TUSK_TRY(sink(std::span<const std::byte>(piece).first(count)));
  }
}

Status Open(Call& call) {
  TUSK_ASSIGN(const uint64_t offset, call.parameters.Number("offset", 0));
  TUSK_ASSIGN(const uint64_t wanted, call.parameters.Number("length", INT64_MAX));
  TUSK_TRY(call.fs.CheckAccess(call.path, 4));
  TUSK_ASSIGN(const FileStatus file, call.fs.Stat(call.path));
  if (file.is_directory) return Status(Code::kIsADirectory, "Path is not a file: " + call.path);
  TUSK_ASSIGN(const bool redirected, Redirected(call));
  if (redirected) return OkStatus();
  TUSK_ASSIGN(const auto in, call.fs.Open(call.path));
  if (offset > in->length()) {
    return IoError("Offset=" + std::to_string(offset) + " out of the range [0, " + std::to_string(in->length()) +
                   "); OPEN, path=" + call.path);
  }
  const uint64_t length = std::min(wanted, in->length() - offset);
  http::Response head;
  head.content_type = "application/octet-stream";
  TUSK_TRY(call.exchange.Begin(std::move(head), length));
  std::vector<std::byte> piece(std::min<uint64_t>(kPieceBytes, std::max<uint64_t>(length, 1)));
  for (uint64_t done = 0; done < length;) {
    const auto room = std::span(piece).first(std::min<uint64_t>(piece.size(), length - done));
    TUSK_ASSIGN(const size_t count, in->ReadAt(offset + done, room));
    if (count == 0) return IoError(call.path + " ended early");
    TUSK_TRY(call.exchange.Write(room.first(count)));
    done += count;
  }
  return OkStatus();
}

Status Create(Call& call) {
  AtomicWrite how;
  TUSK_ASSIGN(how.create.overwrite, call.parameters.Flag("overwrite", false));
  TUSK_ASSIGN(how.create.create_parents, call.parameters.Flag("createparent", true));
  TUSK_ASSIGN(how.create.block_size, call.parameters.Number("blocksize", 0));
  TUSK_ASSIGN(const uint64_t replication, call.parameters.Number("replication", 0, kMaxReplication));
  how.create.replication = static_cast<uint16_t>(replication);
  TUSK_ASSIGN(how.mode, call.parameters.Permission("permission"));
  const auto existing = call.fs.Stat(call.path);  // before the bytes are sent
  if (existing.ok() && (existing->is_directory || !how.create.overwrite)) {
    return AlreadyExists(call.path + (existing->is_directory ? " already exists as a directory" : " for client already exists"));
  }
  if (!existing.ok() && existing.status().code() != Code::kNotFound) return existing.status();
  TUSK_ASSIGN(const bool redirected, Redirected(call));
  if (redirected) return OkStatus();
  TUSK_TRY(WriteFileAtomically(call.fs, call.path, how, [&](const Sink& sink) { return TakeBody(call.exchange, sink); }));
  http::Response created;
  created.status = 201;
  created.content_type = "application/octet-stream";
  created.headers["Location"] = call.fs.Uri() + http::PercentEncode(call.path, "/");
  return call.exchange.Answer(std::move(created));
}

Status Append(Call& call) {
  TUSK_ASSIGN(const FileStatus file, call.fs.Stat(call.path));
  if (file.is_directory) return Status(Code::kIsADirectory, "Path is not a file: " + call.path);
  TUSK_ASSIGN(const bool redirected, Redirected(call));
  if (redirected) return OkStatus();
  TUSK_ASSIGN(const auto out, call.fs.Append(call.path));
  // What came before a connection broke is appended: the file must be closed in any case.
  const Status taken = TakeBody(call.exchange, [&](std::span<const std::byte> bytes) { return out->Write(bytes); });
  const Status closed = out->Close();
  TUSK_TRY(taken);
  TUSK_TRY(closed);
  http::Response appended;
  appended.content_type = "application/octet-stream";
  return call.exchange.Answer(std::move(appended));
}

}  // namespace

std::span<const NamedOperation> DataOperations() {
  static constexpr NamedOperation kOperations[] = {
      {"GET", "OPEN", Open},
      {"PUT", "CREATE", Create},
      {"POST", "APPEND", Append},
  };
  return kOperations;
}

}  // namespace tusk::dfs::webhdfs
