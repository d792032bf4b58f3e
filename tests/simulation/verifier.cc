#include "tests/simulation/verifier.h"

#include <cstring>

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

bool SameBytes(const std::vector<std::byte>& read, uint64_t seed) {
  return std::memcmp(read.data(), Content(seed, 0, read.size()).data(), read.size()) == 0;
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
    if (state && done >= state->least && done <= state->most && SameBytes(read, state->seed)) {
      return {.kept = true, .broken = false, .text = {}};
    }
  }
  return Broken(path,
                "has " + std::to_string(done) + " bytes" +
                    (status->length == done ? "" : " (" + std::to_string(status->length) + " told)") + ", or wrong ones",
                states);
}

std::string VerifyAll(dfs::FileSystem& fs, const Model& model, int64_t deadline) {
  for (const auto& [path, states] : model.paths()) {
    for (;;) {
      const Verdict verdict = CheckFile(fs, path, states);
      if (verdict.kept) break;
      if (verdict.broken) return verdict.text;
      if (Scheduler::Get().now() > deadline) return "cannot be read although all is healed: " + verdict.text;
      Scheduler::Get().Sleep(kSecond);
    }
  }
  for (const Model::Pair& pair : model.open_renames()) {
    const auto from = fs.Exists(pair.from);
    const auto to = fs.Exists(pair.to);
    if (from.ok() && to.ok() && *from == *to) {
      return "a rename of unknown outcome left " + pair.from + " and " + pair.to + (*from ? " both there" : " both gone");
    }
  }
  return {};
}

}  // namespace tusk::sim
