// -tail: the end of a file.
#include <array>
#include <thread>

#include "common/base/try.h"
#include "dfs/shell/follow.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

constexpr uint64_t kTailBytes = 1024;
constexpr std::chrono::seconds kPause{1};

Status Show(Shell& shell, const FileStatus& file, bool follow) {
  if (file.is_directory) return Status(Code::kIsADirectory, file.path);
  TUSK_ASSIGN(auto in, shell.fs().Open(file.path));
  std::array<std::byte, kTailBytes> bytes;
  const uint64_t from = in->length() > kTailBytes ? in->length() - kTailBytes : 0;
  TUSK_ASSIGN(const size_t count, in->ReadAt(from, bytes));
  const Sink show = [&](std::span<const std::byte> more) {
    shell.out.write(reinterpret_cast<const char*>(more.data()), static_cast<std::streamsize>(more.size()));
    return OkStatus();
  };
  TUSK_TRY(show(std::span<const std::byte>(bytes).first(count)));
  if (!follow) return OkStatus();
  in.reset();
  return FollowFile(shell.fs(), file.path, from + count, show, [&] {
    shell.out.flush();
    if (shell.out.good()) std::this_thread::sleep_for(kPause);
    return shell.out.good();
  });
}

void Run(Shell& shell, const Arguments& arguments) {
  for (const FileStatus& file : shell.Expand(arguments.words)) {
    if (Status status = Show(shell, file, arguments.Has("f")); !status.ok()) shell.Fail(file.path, status);
  }
}

}  // namespace

Verb TailVerb() {
  return {.name = "tail",
          .words = "PATH",
          .summary = "Shows the last KiB of a file.",
          .examples = "  tusk dfs -tail /logs/today\n  tusk dfs -tail -f /logs/today",
          .options = {{"f", "go on showing what is appended, until interrupted", ""}},
          .min_words = 1,
          .max_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
