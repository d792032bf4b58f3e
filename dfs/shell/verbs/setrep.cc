// -setrep: how many replicas a file has.
#include <charconv>
#include <chrono>
#include <thread>

#include "common/base/try.h"
#include "dfs/shell/tree.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

constexpr std::chrono::milliseconds kPoll{200};

Status AwaitReplicas(Shell& shell, const std::string& path, uint16_t replication) {
  shell.out << "Waiting for " << path << " ..." << std::flush;
  while (true) {
    TUSK_ASSIGN(const LocatedFile file, shell.fs().Locate(path));
    bool reached = true;
    for (const LocatedBlock& block : file.blocks) reached = reached && block.locations.size() == replication;
    if (reached) break;
    std::this_thread::sleep_for(kPoll);
  }
  shell.out << " done\n";
  return OkStatus();
}

void Run(Shell& shell, const Arguments& arguments) {
  const std::string& number = arguments.words[0];
  uint16_t replication = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), replication);
  if (error != std::errc() || end != number.data() + number.size() || replication < 1 || replication > kMaxReplication) {
    return shell.Fail(
        "", InvalidArgument("`" + number + "' is not a number of replicas; write 1 to " + std::to_string(kMaxReplication)));
  }
  std::vector<std::string> changed;
  const auto set = [&](const FileStatus& file) -> Status {
    if (file.is_directory) return OkStatus();
    const Status status = shell.fs().SetReplication(file.path, replication);
    if (!status.ok()) {
      shell.Fail(file.path, status);
    } else {
      shell.out << "Replication " << replication << " set: " << file.path << '\n';
      changed.push_back(file.path);
    }
    return OkStatus();
  };
  for (const FileStatus& file : shell.Expand({arguments.words.begin() + 1, arguments.words.end()})) {
    const Status status = file.is_directory ? WalkTree(shell.fs(), file.path, set) : set(file);
    if (!status.ok()) shell.Fail(file.path, status);
  }
  if (!arguments.Has("w")) return;
  for (const std::string& path : changed) {
    if (Status status = AwaitReplicas(shell, path, replication); !status.ok()) shell.Fail(path, status);
  }
}

}  // namespace

Verb SetrepVerb() {
  return {.name = "setrep",
          .words = "N PATH ...",
          .summary = "Sets the replication of files, of a directory: of every file below.",
          .examples = "  tusk dfs -setrep -w 2 /data/file",
          .options = {{"w", "wait until the replicas are there", ""}, {"R", "accepted: directories are always walked", ""}},
          .min_words = 2,
          .paths = AllButFirstWord,
          .run = Run};
}

}  // namespace tusk::dfs::shell
