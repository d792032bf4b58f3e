#include "tests/simulation/workload.h"

#include "common/base/try.h"
#include "tests/simulation/kernel/scheduler.h"
#include "tests/simulation/verifier.h"

namespace tusk::sim {
namespace {

// Around what matters: nothing, a chunk, a packet, a block (16 KiB), several.
uint64_t ChooseLength(Random& random) {
  static constexpr uint64_t kBorders[] = {0, 512, 4096, 16384, 32768};
  const uint64_t border = kBorders[random.Below(std::size(kBorders))];
  switch (random.Below(3)) {
    case 0: return border;
    case 1: return border + random.Below(700);
    default: return random.Below(40'000);
  }
}

// An operation may fail, but not by denying what nobody else changes: that is how one that was done twice, or never, shows
// itself.
std::string Denied(const std::string& operation, const std::string& path, const Status& status) {
  if (status.code() != Code::kNotFound && status.code() != Code::kAlreadyExists && status.code() != Code::kFailedPrecondition) {
    return {};
  }
  return operation + " of " + path + " was denied what is certain: " + status.ToString();
}

}  // namespace

std::string Workload::Step() {
  switch (random_.Below(12)) {
    case 0: return Rename();
    case 1: return Delete();
    case 2: return Read();
    case 3: return Append();
    case 4: return Truncate();
    case 5: return Concat();
    case 6: return MakeFolder();
    default: return Write();
  }
}

std::string Workload::Write() {
  const std::string path = NewPath();
  const Status written = WriteFile(path, {.seed = random_() | 1, .most = ChooseLength(random_)});
  if (!written.ok()) return Denied("write", path, written);
  model_.Release(path);
  return {};
}

Status Workload::WriteFile(const std::string& path, FileState state) {
  const uint64_t length = state.most;
  const uint64_t pieces = 1 + random_.Below(4);
  model_.Claim(path);
  model_.Set(path, {std::nullopt, state});
  TUSK_ASSIGN(auto out, fs_.Create(path, {.bytes_follow = random_.Below(2) == 0}));
  model_.Set(path, {state});
  uint64_t at = 0;
  for (uint64_t piece = 1; piece <= pieces; ++piece) {
    const uint64_t end = length * piece / pieces;
    TUSK_TRY(out->Write(Content(state.seed, state.base + at, end - at)));
    at = end;
    if (piece == pieces) break;
    switch (random_.Below(4)) {
      case 0: {
        TUSK_TRY(out->Sync());
        state.least = at;
        Owe(path, {state});
        break;
      }
      case 1: TUSK_TRY(out->Flush()); break;
      case 2: Scheduler::Get().Sleep(static_cast<Nanos>(random_.Below(2 * kSecond))); break;
      default: break;
    }
  }
  TUSK_TRY(out->Close());
  state.least = length;
  Owe(path, {state});
  return OkStatus();
}

void Workload::Owe(const std::string& path, const PathState& state) {
  model_.Set(path, {state});
  promised_();
}

std::string Workload::Append() {
  const auto picked = model_.PickClosed(random_);
  if (!picked || !model_.Claim(picked->first)) return {};
  const std::string& path = picked->first;
  FileState state = picked->second;
  const uint64_t begin = state.least;
  state.most = begin + ChooseLength(random_) / 2;
  model_.Set(path, {state});
  const Status appended = [&]() -> Status {
    TUSK_ASSIGN(auto out, fs_.Append(path));
    TUSK_TRY(out->Write(Content(state.seed, state.base + begin, state.most - begin)));
    return out->Close();
  }();
  if (!appended.ok()) return Denied("append", path, appended);
  state.least = state.most;
  Owe(path, {state});
  model_.Release(path);
  return {};
}

std::string Workload::Truncate() {
  const auto picked = model_.PickClosed(random_);
  if (!picked || !model_.Claim(picked->first)) return {};
  const std::string& path = picked->first;
  FileState cut = picked->second;
  cut.least = cut.most = random_.Below(cut.most + 1);
  model_.Doubt(path, cut);
  if (const Status done = fs_.Truncate(path, cut.most); !done.ok()) return Denied("truncate", path, done);
  Owe(path, {cut});
  model_.Release(path);
  return {};
}

std::string Workload::Read() {
  const auto picked = model_.PickClosed(random_);
  if (!picked || !model_.Claim(picked->first)) return {};
  const Verdict verdict = CheckFile(fs_, picked->first, {picked->second});
  if (!verdict.broken) model_.Release(picked->first);
  return verdict.broken ? verdict.text : std::string();
}

std::string Workload::Rename() {
  const auto picked = model_.PickClosed(random_);
  if (!picked || !model_.Claim(picked->first)) return {};
  const std::string to = NewPath();
  model_.Claim(to);
  model_.BeginRename(picked->first, to);
  if (const Status done = fs_.Rename(picked->first, to); !done.ok()) return Denied("rename", picked->first, done);
  model_.EndRename(picked->first, to);
  promised_();
  model_.Release(to);
  return {};
}

std::string Workload::Concat() {
  const auto picked = model_.PickClosed(random_);
  if (!picked || !model_.Claim(picked->first)) return {};
  const std::string& target = picked->first;
  const std::string source = NewPath();
  FileState more = picked->second;
  more.base += more.most;
  more.least = 0;
  more.most = 1 + ChooseLength(random_) / 2;
  if (const Status written = WriteFile(source, more); !written.ok()) {
    model_.Release(target);
    return Denied("write", source, written);
  }
  model_.BeginConcat(target, source);
  if (const Status done = fs_.Concat(target, {source}); !done.ok()) return Denied("concat", target, done);
  model_.EndConcat(target, source);
  promised_();
  model_.Release(target);
  return {};
}

std::string Workload::MakeFolder() {
  const std::string made = here_ + "/d" + std::to_string(++files_);
  if (const Status done = fs_.Mkdirs(made); !done.ok()) return Denied("mkdirs", made, done);
  model_.AddFolder(made);
  promised_();
  if (random_.OneIn(2)) here_ = made;
  return {};
}

std::string Workload::Delete() {
  const auto picked = model_.PickClosed(random_);
  if (!picked || !model_.Claim(picked->first)) return {};
  model_.Doubt(picked->first, std::nullopt);
  const auto deleted = fs_.Delete(picked->first, false);
  if (!deleted.ok()) return Denied("delete", picked->first, deleted.status());
  Owe(picked->first, std::nullopt);
  if (!*deleted) return "an acknowledged file was not there to be deleted: " + picked->first;
  return {};
}

}  // namespace tusk::sim
