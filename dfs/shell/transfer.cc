#include "dfs/shell/transfer.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <thread>

#include "common/base/try.h"
#include "common/cli/progress.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::shell {
namespace {

constexpr size_t kReadBytes = 4 << 20;

}  // namespace

Result<size_t> ThreadsOf(const Arguments& arguments) {
  const std::string text = arguments.Value("t", "1");
  size_t threads = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
  if (error != std::errc() || end != text.data() + text.size() || threads < 1 || threads > 64) {
    return InvalidArgument("-t " + text + " is not a number of threads; write 1 to 64");
  }
  return threads;
}

void RunTransfers(Shell& shell, std::vector<Transfer> transfers, size_t threads,
                  const std::function<Status(const Transfer&, const std::function<void(uint64_t)>& progress)>& copy) {
  std::stable_sort(transfers.begin(), transfers.end(), [](const Transfer& a, const Transfer& b) { return a.bytes > b.bytes; });
  uint64_t total = 0;
  for (const Transfer& transfer : transfers) total += transfer.bytes;
  cli::Progress::Options options;
  options.label = shell.verb;
  options.total = total;
  options.enabled = shell.show_progress && cli::StdErrIsTerminal();
  cli::Progress progress(options);
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < transfers.size(); i = next++) {
      const Status status = copy(transfers[i], [&](uint64_t bytes) { progress.Add(bytes); });
      if (status.ok()) continue;
      const bool exists = status.code() == Code::kAlreadyExists;
      const bool at_source = status.code() == Code::kNotFound || status.code() == Code::kPermissionDenied;
      shell.Fail(at_source ? transfers[i].from : transfers[i].to, status, exists ? "use -f to replace it" : "");
    }
  };
  std::vector<std::thread> others;
  for (size_t i = 1; i < std::min(threads, transfers.size()); ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  progress.Finish();
}

Status WriteDfsFile(FileSystem& fs, const Transfer& transfer, const WriteOptions& options,
                    const std::function<Status(const Sink&)>& source) {
  const AtomicWrite how{.create = {.overwrite = options.overwrite,
                                   .create_parents = false,
                                   .replication = options.replication,
                                   .bytes_follow = true},
                        .direct = options.direct};
  const Status status = WriteFileAtomically(fs, transfer.to, how, source);
  const auto parent = status.code() == Code::kNotFound ? fs.Exists(std::string(PathParent(transfer.to))) : true;
  if (parent.ok() && !*parent) {
    return Status(Code::kFailedPrecondition, "`" + transfer.to + "': No such file or directory: `" +
                                                 std::string(PathParent(transfer.to)) + "'; make it with `tusk dfs -mkdir -p`");
  }
  TUSK_TRY(status);
  if (options.preserve_times) return fs.SetTimes(transfer.to, transfer.modified_ms, transfer.accessed_ms);
  return OkStatus();
}

Status ReadDfsFile(FileSystem& fs, const std::string& path, const Sink& sink) {
  TUSK_ASSIGN(auto in, fs.Open(path));
  const size_t size = std::clamp<uint64_t>(in->length(), 1, kReadBytes);
  const std::unique_ptr<std::byte[]> memory(new std::byte[size]);
  while (true) {
    TUSK_ASSIGN(const size_t count, in->Read({memory.get(), size}));
    if (count == 0) break;
    TUSK_TRY(sink({memory.get(), count}));
  }
  if (in->position() == in->length()) return OkStatus();
  return IoError(path + " ended after " + std::to_string(in->position()) + " of " + std::to_string(in->length()) + " bytes");
}

Result<std::string> DestinationFor(FileSystem& fs, const std::string& destination, std::string_view name, size_t sources) {
  auto status = fs.Stat(destination);
  if (status.ok() && status->is_directory) return JoinDfsPath(status->path, name);
  if (!status.ok() && status.status().code() != Code::kNotFound) return std::move(status).status();
  const bool wants_directory = destination.size() > 1 && destination.ends_with('/');
  if (sources > 1 || wants_directory) {
    if (status.ok()) return Status(Code::kNotADirectory, destination + " is a file");
    return NotFound(destination + " does not exist");
  }
  return NormalizePath(destination);
}

}  // namespace tusk::dfs::shell
