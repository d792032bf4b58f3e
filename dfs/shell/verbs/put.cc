// -put: local files and directories into the DFS.
#include <array>
#include <filesystem>
#include <iostream>

#include "common/base/try.h"
#include "common/storage/disk.h"
#include "dfs/protocol/path.h"
#include "dfs/shell/transfer.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

constexpr std::string_view kStandardInput = "-";
constexpr size_t kReadBytes = 1 << 20;

// The errors of the local side name the local path, whatever their code, so they are told as they are.
Status Local(const Status& status, const std::string& path) {
  switch (status.code()) {
    case Code::kOk: return status;
    case Code::kNotFound: return FailedPrecondition("`" + path + "': No such file or directory; check the local path");
    case Code::kPermissionDenied: return FailedPrecondition("`" + path + "': Permission denied; the local file cannot be read");
    default: return IoError("cannot read the local file " + path + ": " + status.message());
  }
}

// What the copy of a local path is called: of ".", "..", "a/." and the like, what the directory is called.
std::string LocalName(const std::string& given) {
  std::string path = given.substr(0, given.find_last_not_of('/') + 1);
  const std::string last = std::filesystem::path(path).filename().string();
  if (last == "." || last == "..") {
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    if (!error) path = real.string();  // of one that is not there: told when it is read
  }
  return path.substr(path.rfind('/') + 1);
}

Status Plan(FileSystem& fs, storage::Disk& disk, const std::string& from, const std::string& to,
            std::vector<Transfer>* transfers) {
  auto info = disk.Stat(from);
  if (!info.ok()) return Local(info.status(), from);
  if (!info->is_directory) {
    transfers->push_back(
        {.from = from, .to = to, .bytes = info->size, .modified_ms = info->modified_ms, .accessed_ms = info->modified_ms});
    return OkStatus();
  }
  auto entries = disk.List(from);
  if (!entries.ok()) return Local(entries.status(), from);
  TUSK_TRY(fs.Mkdirs(to, true));
  for (const storage::FileInfo& entry : *entries) {
    TUSK_TRY(Plan(fs, disk, storage::JoinPath(from, entry.name), JoinDfsPath(to, entry.name), transfers));
  }
  return OkStatus();
}

Status SendLocalFile(const std::string& path, const Sink& sink, const std::function<void(uint64_t)>& progress) {
  auto file = storage::Disk::Posix().Open(path, storage::OpenMode::kRead);
  if (!file.ok()) return Local(file.status(), path);
  const std::unique_ptr<std::byte[]> memory(new std::byte[kReadBytes]);
  uint64_t offset = 0;
  while (true) {
    auto count = (*file)->ReadAt(offset, {memory.get(), kReadBytes});
    if (!count.ok()) return Local(count.status(), path);
    if (*count == 0) return OkStatus();
    TUSK_TRY(sink({memory.get(), *count}));
    offset += *count;
    progress(*count);
  }
}

Status SendStandardInput(const Sink& sink, const std::function<void(uint64_t)>& progress) {
  const std::unique_ptr<std::byte[]> memory(new std::byte[kReadBytes]);
  while (std::cin.good()) {
    std::cin.read(reinterpret_cast<char*>(memory.get()), kReadBytes);
    const auto count = static_cast<size_t>(std::cin.gcount());
    if (count > 0) TUSK_TRY(sink({memory.get(), count}));
    progress(count);
  }
  return std::cin.bad() ? IoError("standard input cannot be read") : OkStatus();
}

void Run(Shell& shell, const Arguments& arguments) {
  FileSystem& fs = shell.fs();
  const auto threads = ThreadsOf(arguments);
  if (!threads.ok()) return shell.Fail("", threads.status());
  const std::string& destination = arguments.words.back();
  const std::vector<std::string> sources(arguments.words.begin(), arguments.words.end() - 1);
  std::vector<Transfer> transfers;
  for (const std::string& source : sources) {
    auto to = DestinationFor(fs, destination, LocalName(source), sources.size());
    if (!to.ok())
      return shell.Fail(destination, to.status(), sources.size() > 1 ? "several sources need an existing directory" : "");
    if (source == kStandardInput) {
      transfers.push_back({.from = source, .to = *to});
    } else if (Status planned = Plan(fs, storage::Disk::Posix(), source, *to, &transfers); !planned.ok()) {
      shell.Fail("", planned);
    }
  }
  const WriteOptions options{.overwrite = arguments.Has("f"), .preserve_times = arguments.Has("p")};
  RunTransfers(shell, std::move(transfers), *threads, [&](const Transfer& transfer, const auto& progress) {
    return WriteDfsFile(fs, transfer, options, [&](const Sink& sink) {
      if (transfer.from == kStandardInput) return SendStandardInput(sink, progress);
      return SendLocalFile(transfer.from, sink, progress);
    });
  });
}

}  // namespace

Verb PutVerb() {
  return {
      .name = "put",
      .words = "LOCAL ... DESTINATION",
      .summary = "Copies local files and directories into the DFS; - is standard input.",
      .examples = "  tusk dfs -put book.txt /in/book.txt\n  tusk dfs -put -t 4 /usr/share/doc /in\n  date | tusk dfs -put - /now",
      .options = {{"f", "replace existing files", ""},
                  {"p", "keep modification times", ""},
                  {"t", "copy N files at a time", "N"}},
      .min_words = 2,
      .run = Run};
}

Verb CopyFromLocalVerb() {
  Verb verb = PutVerb();
  verb.name = "copyFromLocal";
  verb.summary = "The same as -put.";
  verb.examples = "";
  return verb;
}

}  // namespace tusk::dfs::shell
