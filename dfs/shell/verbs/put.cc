// -put: local files and directories into the DFS.
#include <filesystem>

#include "common/base/try.h"
#include "common/storage/disk.h"
#include "dfs/protocol/path.h"
#include "dfs/shell/local_file.h"
#include "dfs/shell/transfer.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

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
  if (!info.ok()) return LocalReadError(info.status(), from);
  if (!info->is_directory) {
    transfers->push_back(
        {.from = from, .to = to, .bytes = info->size, .modified_ms = info->modified_ms, .accessed_ms = info->modified_ms});
    return OkStatus();
  }
  auto entries = disk.List(from);
  if (!entries.ok()) return LocalReadError(entries.status(), from);
  TUSK_TRY(fs.Mkdirs(to, true));
  for (const storage::FileInfo& entry : *entries) {
    TUSK_TRY(Plan(fs, disk, storage::JoinPath(from, entry.name), JoinDfsPath(to, entry.name), transfers));
  }
  return OkStatus();
}

// False: something was not copied.
bool Put(Shell& shell, const Arguments& arguments) {
  FileSystem& fs = shell.fs();
  const auto threads = ThreadsOf(arguments);
  if (!threads.ok()) return shell.Refuse("", threads.status());
  const std::string& destination = arguments.words.back();
  const std::vector<std::string> sources(arguments.words.begin(), arguments.words.end() - 1);
  std::vector<Transfer> transfers;
  for (const std::string& source : sources) {
    auto to = DestinationFor(fs, destination, LocalName(source), sources.size());
    if (!to.ok()) {
      return shell.Refuse(destination, to.status(), sources.size() > 1 ? "several sources need an existing directory" : "");
    }
    if (source == kStandardStream) {
      transfers.push_back({.from = source, .to = *to});
    } else if (Status planned = Plan(fs, storage::Disk::Posix(), source, *to, &transfers); !planned.ok()) {
      shell.Fail("", planned);
    }
  }
  const WriteOptions options{.overwrite = arguments.Has("f"),
                             .preserve_times = arguments.Has("p"),
                             .direct = arguments.Has("d"),
                             .replication = static_cast<uint16_t>(arguments.Has("l") ? 1 : 0)};
  RunTransfers(shell, std::move(transfers), *threads, [&](const Transfer& transfer, const auto& progress) {
    return WriteDfsFile(fs, transfer, options, [&](const Sink& sink) {
      return ReadLocalFile(transfer.from, [&](std::span<const std::byte> bytes) -> Status {
        progress(bytes.size());
        return sink(bytes);
      });
    });
  });
  return !shell.failed();
}

void Run(Shell& shell, const Arguments& arguments) { Put(shell, arguments); }

void RunMove(Shell& shell, const Arguments& arguments) {
  if (!Put(shell, arguments)) return;
  for (size_t i = 0; i + 1 < arguments.words.size(); ++i) {
    const std::string& source = arguments.words[i];
    if (source == kStandardStream) continue;
    if (Status removed = storage::Disk::Posix().RemoveAll(source); !removed.ok()) {
      shell.Fail("", IoError("copied, but the local " + source + " cannot be removed: " + removed.message()));
    }
  }
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
                  {"l", "one replica only", ""},
                  {"d", "write under the final name at once, without ._COPYING_", ""},
                  {"t", "copy N files at a time", "N"}},
      .min_words = 2,
      .paths = LastWord,
      .run = Run};
}

Verb CopyFromLocalVerb() {
  Verb verb = PutVerb();
  verb.name = "copyFromLocal";
  verb.summary = "The same as -put.";
  verb.examples = "";
  return verb;
}

Verb MoveFromLocalVerb() {
  Verb verb = PutVerb();
  verb.name = "moveFromLocal";
  verb.summary = "Copies as -put does and, when everything is copied, removes the local files.";
  verb.examples = "  tusk dfs -moveFromLocal today.log /logs";
  verb.run = RunMove;
  return verb;
}

}  // namespace tusk::dfs::shell
