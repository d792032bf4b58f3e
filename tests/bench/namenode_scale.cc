// A NameNode of many files: fills a namespace through log and state machine, starts on it again, and prints how long that takes,
// the memory and the bytes on disk.
//
// usage: namenode_scale --dir DIRECTORY [--files N]
// Each file has one finished block of three replicas. Exit code 1 when something fails. The folder must be empty or missing.
#include <capnp/message.h>
#include <capnp/serialize.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "common/observe/logging.h"
#include "coordination/log/log.h"
#include "dfs/namenode/core.h"
#include "dfs/namenode/ops/apply.h"

namespace tusk::bench {
namespace {

using namespace dfs;            // NOLINT(google-build-using-namespace)
using namespace dfs::namenode;  // NOLINT(google-build-using-namespace)
using Steady = std::chrono::steady_clock;

constexpr uint64_t kFilesPerDirectory = 1000;

double SecondsSince(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

uint64_t BytesIn(const std::string& directory) {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

// A NameNode without its network.
class Node {
 public:
  static Result<std::unique_ptr<Node>> Start(const std::string& directory) {
    auto node = std::make_unique<Node>();
    coordination::Log::Options log;
    log.directory = directory + "/log";
    TUSK_ASSIGN(node->log_, coordination::Log::Open(storage::Disk::Posix(), log));
    TUSK_ASSIGN(auto store, storage::KeyValueStore::Open(directory + "/state", {}));
    Namespace::Options options;
    options.cache_bytes = 128 << 20;
    TUSK_ASSIGN(auto state, Namespace::Open(std::move(store), options));
    node->core_ = std::make_unique<Core>(node->context_, Clock::System(), CoreOptions(), std::move(state), *node->log_);
    TUSK_TRY(node->core_->Recover());
    return node;
  }
  ~Node() {
    if (core_) core_->Stop();
    log_.reset();
    if (core_) core_->state->store().FlushAndWait();
  }

  // Appends and applies at once: how fast entries become durable is the business of namenode_state_bench.
  template <class Fill>
  Result<Answer> Apply(Fill fill) {
    capnp::MallocMessageBuilder message;
    auto edit = message.initRoot<edit::Edit>();
    edit.setVersion(1);
    edit.setTimeMs(Clock::System().WallMillis());
    auto caller = edit.initCaller();
    caller.setClientHigh(1);
    caller.setUser("bench");
    fill(edit);
    const auto words = capnp::messageToFlatArray(message);
    const auto bytes = std::as_bytes(std::span(words.asBytes().begin(), words.asBytes().size()));
    TUSK_ASSIGN(const auto index, log_->Append(1, coordination::EntryType::kData, bytes, {}));
    Namespace::Applied applied = core_->state->Apply(index, edit.asReader());
    core_->blocks.Apply(applied.effects);
    if (!applied.answer.status.ok()) return applied.answer.status;
    return std::move(applied.answer);
  }

  Status AddFile(uint64_t number) {
    TUSK_ASSIGN(const Answer created, Apply([&](edit::Edit::Builder edit) {
                  auto create = edit.initCreate();
                  const std::string path =
                      "/data/part" + std::to_string(number / kFilesPerDirectory) + "/file-" + std::to_string(number);
                  create.setPath(DataOf(path));
                  create.setCreateParents(true);
                  create.setReplication(3);
                  create.setBlockSize(128 << 20);
                  create.setMode(0644);
                }));
    TUSK_ASSIGN(const Answer added, Apply([&](edit::Edit::Builder edit) {
                  auto add = edit.initAddBlock();
                  add.setInode(created.inode.value());
                  auto targets = add.initTargets(3);
                  for (unsigned i = 0; i < 3; ++i) targets.set(i, i + 1);
                }));
    return Apply([&](edit::Edit::Builder edit) {
             auto complete = edit.initComplete();
             complete.setInode(created.inode.value());
             auto block = complete.initBlock();
             block.setId(added.block.id.value());
             block.setGeneration(added.block.generation.value());
             block.setLength(1 << 20);
           })
        .status();
  }

  Status FirstWrite() {
    TUSK_TRY(Apply([](edit::Edit::Builder edit) { edit.initMkdirs().setPath(DataOf("/after")); }).status());
    return log_->Flush();
  }

  const Meta& meta() const { return core_->state->meta(); }

 private:
  asio::io_context context_{1};
  std::unique_ptr<coordination::Log> log_;
  std::unique_ptr<Core> core_;
};

Status Run(const std::string& directory, uint64_t files) {
  const auto begin = Steady::now();
  {
    TUSK_ASSIGN(const auto node, Node::Start(directory));
    for (uint64_t number = 0; number < files; ++number) TUSK_TRY(node->AddFile(number));
    std::printf("filled: %llu files in %.1f s, %.0f MiB resident\n", static_cast<unsigned long long>(files), SecondsSince(begin),
                static_cast<double>(ResidentBytes()) / (1 << 20));
  }
  const auto restart = Steady::now();
  TUSK_ASSIGN(const auto node, Node::Start(directory));
  TUSK_TRY(node->FirstWrite());
  std::printf("restart to first write: %.2f s, with %llu files and %llu blocks\n", SecondsSince(restart),
              static_cast<unsigned long long>(node->meta().files), static_cast<unsigned long long>(node->meta().blocks));
  std::printf("state on disk: %.0f bytes/file; the process has %.0f MiB resident\n",
              static_cast<double>(BytesIn(directory + "/state")) / static_cast<double>(files),
              static_cast<double>(ResidentBytes()) / (1 << 20));
  return OkStatus();
}

}  // namespace
}  // namespace tusk::bench

int main(int argc, char** argv) {
  using namespace tusk;
  std::string directory;
  uint64_t files = 10'000'000;
  CLI::App app("Restart time, memory and disk of a NameNode of many files.", "namenode_scale");
  app.add_option("--dir", directory, "Folder for log and state; must be empty or missing")->required();
  app.add_option("--files", files, "Files, each of one block")->capture_default_str();
  if (const auto code = cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  observe::InitLogging({.component = "namenode_scale"});
  if (std::filesystem::exists(directory) && !std::filesystem::is_empty(directory)) {
    return cli::Fail("namenode_scale", AlreadyExists(directory + " is not empty; name another folder"));
  }
  const Status done = bench::Run(directory, files);
  return done.ok() ? cli::kExitOk : cli::Fail("namenode_scale", done);
}
