// -tail: the end of a file.
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <thread>

#include "common/base/try.h"
#include "dfs/shell/follow.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

constexpr uint64_t kTailBytes = 1024;
constexpr std::chrono::milliseconds kPause{1000};

// pause: between looks at a growing file; nothing: do not follow it.
Status Show(Shell& shell, const FileStatus& file, std::optional<std::chrono::milliseconds> pause) {
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
  if (!pause) return OkStatus();
  in.reset();
  return FollowFile(shell.fs(), file.path, from + count, show, [&] {
    shell.out.flush();
    if (shell.out.good()) std::this_thread::sleep_for(*pause);
    return shell.out.good();
  });
}

Result<std::optional<std::chrono::milliseconds>> PauseOf(const Arguments& arguments) {
  if (!arguments.Has("f")) return std::optional<std::chrono::milliseconds>();
  const std::string text = arguments.Value("s", std::to_string(kPause.count()));
  uint32_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc() || end != text.data() + text.size() || ms == 0) {
    return InvalidArgument("-s " + text + " is not a pause; write milliseconds, at least 1");
  }
  return std::optional(std::chrono::milliseconds(ms));
}

void Run(Shell& shell, const Arguments& arguments) {
  const auto pause = PauseOf(arguments);
  if (!pause.ok()) return shell.Fail("", pause.status());
  for (const FileStatus& file : shell.Expand(arguments.words)) {
    if (Status status = Show(shell, file, *pause); !status.ok()) shell.Fail(file.path, status);
  }
}

}  // namespace

Verb TailVerb() {
  return {.name = "tail",
          .words = "PATH",
          .summary = "Shows the last KiB of a file.",
          .examples = "  tusk dfs -tail /logs/today\n  tusk dfs -tail -f /logs/today",
          .options = {{"f", "go on showing what is appended, until interrupted", ""},
                      {"s", "with -f, milliseconds between two looks (1000)", "MS"}},
          .min_words = 1,
          .max_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
