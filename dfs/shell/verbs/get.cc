// -get: files and directories from the DFS to here.
#include <fcntl.h>
#include <sys/stat.h>

#include "common/base/try.h"
#include "common/storage/disk.h"
#include "dfs/protocol/path.h"
#include "dfs/shell/local_file.h"
#include "dfs/shell/transfer.h"
#include "dfs/shell/tree.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

struct Options {
  bool overwrite = false;
  bool preserve_times = false;
};

Status KeepTimes(const Transfer& transfer) {
  const auto spec = [](int64_t ms) {
    return timespec{.tv_sec = static_cast<time_t>(ms / 1000), .tv_nsec = static_cast<long>(ms % 1000 * 1'000'000)};
  };
  const timespec times[2] = {spec(transfer.accessed_ms), spec(transfer.modified_ms)};
  if (::utimensat(AT_FDCWD, transfer.to.c_str(), times, 0) == 0) return OkStatus();
  return FromErrno(errno, "cannot set the times of " + transfer.to);
}

Status GetOne(FileSystem& fs, const Transfer& transfer, const Options& options, const std::function<void(uint64_t)>& progress) {
  const auto existing = storage::Disk::Posix().Stat(transfer.to);
  if (existing.ok() && existing->is_directory) return Status(Code::kIsADirectory, transfer.to);
  if (existing.ok() && !options.overwrite) return AlreadyExists(transfer.to);
  TUSK_TRY(WriteLocalFile(transfer.to, [&](const Sink& sink) {
    return ReadDfsFile(fs, transfer.from, [&](std::span<const std::byte> bytes) -> Status {
      progress(bytes.size());
      return sink(bytes);
    });
  }));
  return options.preserve_times ? KeepTimes(transfer) : OkStatus();
}

Transfer Of(const FileStatus& file, std::string to) {
  return {.from = file.path,
          .to = std::move(to),
          .bytes = file.length,
          .modified_ms = file.modified_ms,
          .accessed_ms = file.accessed_ms};
}

Status Plan(FileSystem& fs, const FileStatus& source, const std::string& to, std::vector<Transfer>* transfers) {
  storage::Disk& disk = storage::Disk::Posix();
  if (!source.is_directory) {
    transfers->push_back(Of(source, to));
    return OkStatus();
  }
  TUSK_TRY(LocalWriteError(disk.CreateDirectories(to), to));
  return WalkTree(fs, source.path, [&](const FileStatus& file) -> Status {
    std::string here = to + file.path.substr(source.path == "/" ? 0 : source.path.size());
    if (file.is_directory) return LocalWriteError(disk.CreateDirectories(here), here);
    transfers->push_back(Of(file, std::move(here)));
    return OkStatus();
  });
}

void ToStandardOutput(Shell& shell, const std::vector<FileStatus>& sources) {
  for (const FileStatus& file : sources) {
    const Status status = ReadDfsFile(shell.fs(), file.path, [&](std::span<const std::byte> bytes) -> Status {
      shell.out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
      return shell.out.good() ? OkStatus() : IoError("standard output cannot be written");
    });
    if (!status.ok()) shell.Fail(file.path, status);
  }
}

void Get(Shell& shell, const Arguments& arguments, std::vector<FileStatus>* copied) {
  const auto threads = ThreadsOf(arguments);
  if (!threads.ok()) return shell.Fail("", threads.status());
  std::vector<std::string> patterns = arguments.words;
  std::string destination = ".";
  if (patterns.size() > 1) {
    destination = patterns.back();
    patterns.pop_back();
  }
  const std::vector<FileStatus> sources = shell.Expand(patterns);
  if (destination == kStandardStream) return ToStandardOutput(shell, sources);

  const auto existing = storage::Disk::Posix().Stat(destination);
  const bool into_directory = existing.ok() && existing->is_directory;
  if (sources.size() > 1 && !into_directory) {
    return shell.Fail(destination, existing.ok() ? Status(Code::kNotADirectory, destination) : NotFound(destination),
                      "several sources need an existing local directory");
  }
  std::vector<Transfer> transfers;
  for (const FileStatus& source : sources) {
    const std::string to = into_directory ? storage::JoinPath(destination, PathName(source.path)) : destination;
    if (Status planned = Plan(shell.fs(), source, to, &transfers); !planned.ok()) shell.Fail(source.path, planned);
  }
  const Options options{.overwrite = arguments.Has("f"), .preserve_times = arguments.Has("p")};
  RunTransfers(shell, std::move(transfers), *threads,
               [&](const Transfer& transfer, const auto& progress) { return GetOne(shell.fs(), transfer, options, progress); });
  if (copied != nullptr && !shell.failed()) *copied = sources;
}

void Run(Shell& shell, const Arguments& arguments) { Get(shell, arguments, nullptr); }

void RunMove(Shell& shell, const Arguments& arguments) {
  std::vector<FileStatus> copied;
  Get(shell, arguments, &copied);
  for (const FileStatus& file : copied) {
    const auto deleted = shell.fs().Delete(file.path, file.is_directory);
    if (!deleted.ok()) shell.Fail(file.path, deleted.status());
  }
}

}  // namespace

Verb GetVerb() {
  return {.name = "get",
          .words = "PATH ... LOCAL",
          .summary = "Copies files and directories from the DFS to here; - is standard output.",
          .examples = "  tusk dfs -get /out/part-r-00000 counts.txt\n  tusk dfs -get -t 4 /out .",
          .options = {{"f", "replace existing files", ""},
                      {"p", "keep modification and access times", ""},
                      {"crc", "accepted: checksums are always verified, and no .crc file is written", ""},
                      {"ignoreCrc", "the same", ""},
                      {"t", "copy N files at a time", "N"}},
          .min_words = 1,
          .paths = AllButLastWord,
          .run = Run};
}

Verb CopyToLocalVerb() {
  Verb verb = GetVerb();
  verb.name = "copyToLocal";
  verb.summary = "The same as -get.";
  verb.examples = "";
  return verb;
}

Verb MoveToLocalVerb() {
  Verb verb = GetVerb();
  verb.name = "moveToLocal";
  verb.summary = "Copies as -get does and, when everything is copied, deletes it in the DFS.";
  verb.examples = "  tusk dfs -moveToLocal /out/report.csv .";
  verb.run = RunMove;
  return verb;
}

}  // namespace tusk::dfs::shell
