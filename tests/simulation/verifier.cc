#include "tests/simulation/verifier.h"

#include <cstring>

#include <glog/logging.h>

#include "tests/simulation/kernel/scheduler.h"

namespace tusk::sim {
namespace {

std::string Shown(const PathState& state) {
  if (!state) return "nothing";
  return state->least == state->most ? std::to_string(state->least) + " bytes"
                                     : std::to_string(state->least) + " to " + std::to_string(state->most) + " bytes";
}

Verdict Broken(const std::string& path, const std::string& what, const std::vector<PathState>& states) {
  std::string text = path + " " + what + "; owed:";
  for (const PathState& state : states) text += " " + Shown(state) + ",";
  text.back() = '.';
  return {.kept = false, .broken = true, .text = text};
}

Verdict Unknown(const std::string& path, const Status& status) {
  return {.kept = false, .broken = false, .text = path + ": " + status.ToString()};
}

bool SameBytes(const std::vector<std::byte>& read, const FileState& state) {
  return std::memcmp(read.data(), Content(state.seed, state.base, read.size()).data(), read.size()) == 0;
}

// A request that was sent and never answered happened as a whole or not at all.
std::string CheckPair(dfs::FileSystem& fs, const Model::Pair& pair) {
  const auto from = fs.Exists(pair.from);
  const auto to = fs.Stat(pair.to);
  if (!from.ok() || (!to.ok() && to.status().code() != Code::kNotFound)) return {};
  const bool done = pair.concat ? to.ok() && to->length != pair.length : to.ok();
  if (*from != done) return {};
  return std::string(pair.concat ? "a concat" : "a rename") + " of unknown outcome left " + pair.from + " and " + pair.to +
         (done ? " both done and undone" : " neither done nor undone");
}

}  // namespace

Verdict CheckFile(dfs::FileSystem& fs, const std::string& path, const std::vector<PathState>& states) {
  const auto status = fs.Stat(path);
  if (!status.ok() && status.status().code() != Code::kNotFound) return Unknown(path, status.status());
  if (!status.ok()) {
    for (const PathState& state : states) {
      if (!state) return {.kept = true, .broken = false, .text = {}};
    }
    return Broken(path, "is gone", states);
  }
  if (status->under_construction) {  // its writer is gone: what it was promised must be what a recovery closes it at
    const auto closed = fs.RecoverLease(path);
    if (!closed.ok()) return Unknown(path, closed.status());
    if (!*closed) return Unknown(path, Unavailable("its lease is being recovered"));
  }
  auto in = fs.Open(path);
  if (!in.ok()) return Unknown(path, in.status());
  std::vector<std::byte> read((*in)->length() + 1);
  size_t done = 0;
  for (;;) {
    const auto n = (*in)->Read(std::span(read).subspan(done));
    if (!n.ok()) return Unknown(path, n.status());
    if (*n == 0) break;
    done += *n;
    if (done == read.size()) read.resize(read.size() + 65536);
  }
  read.resize(done);
  for (const PathState& state : states) {
    if (state && done >= state->least && done <= state->most && SameBytes(read, *state)) {
      return {.kept = true, .broken = false, .text = {}};
    }
  }
  return Broken(path,
                "has " + std::to_string(done) + " bytes" +
                    (status->length == done ? "" : " (" + std::to_string(status->length) + " told)") + ", or wrong ones",
                states);
}

std::string VerifyAll(dfs::FileSystem& fs, const Model& model, int64_t deadline, std::string& doing) {
  for (const auto& [path, states] : model.paths()) {
    LOG(INFO) << "simulation: verifies " << path;
    doing = path;
    for (;;) {
      const Verdict verdict = CheckFile(fs, path, states);
      if (verdict.kept) break;
      if (verdict.broken) return verdict.text;
      if (Scheduler::Get().now() > deadline) return "cannot be read although all is healed: " + verdict.text;
      Scheduler::Get().Sleep(kSecond);
    }
  }
  for (const std::string& folder : model.folders()) {
    doing = folder;
    const auto status = fs.Stat(folder);
    if (status.ok() ? !status->is_directory : status.status().code() == Code::kNotFound) {
      return "the folder " + folder + " was made and is gone";
    }
  }
  for (const Model::Pair& pair : model.open_pairs()) {
    doing = pair.from;
    if (std::string broken = CheckPair(fs, pair); !broken.empty()) return broken;
  }
  return {};
}

}  // namespace tusk::sim
