#include "tests/chaos/judge.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "common/base/try.h"

namespace tusk::chaos {
namespace {

constexpr size_t kPiece = 256 * 1024;
constexpr auto kRecoveryPatience = std::chrono::seconds(60);

Status Broken(const std::string& what) { return FailedPrecondition(what); }

// Closes a file whose writer is gone, at the bytes its replicas agree on.
Status CloseIfOpen(dfs::FileSystem& fs, const std::string& path) {
  const auto deadline = std::chrono::steady_clock::now() + kRecoveryPatience;
  while (true) {
    const auto closed = fs.RecoverLease(path);
    if (closed.ok() && *closed) return OkStatus();
    if (!closed.ok() && closed.status().code() != Code::kUnavailable) return closed.status();
    if (std::chrono::steady_clock::now() > deadline) return Broken("its writer is dead and nobody can close it");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Status CheckPath(dfs::FileSystem& fs, const Ledger::Expectation& expectation) {
  auto status = fs.Stat(expectation.path);
  if (!status.ok() && status.status().code() != Code::kNotFound) return status.status();
  if (status.ok() && status->under_construction) {
    TUSK_TRY(CloseIfOpen(fs, expectation.path));
    status = fs.Stat(expectation.path);
    if (!status.ok()) return status.status();
  }
  Status verdict =
      Broken(status.ok() ? "it is there, with " + std::to_string(status->length) + " bytes, but should not be" : "it is gone");
  for (const auto& allowed : expectation.allowed) {
    if (!allowed) {
      if (!status.ok()) return OkStatus();
    } else if (status.ok()) {
      const auto in = fs.Open(expectation.path);
      verdict = in.ok() ? CheckContent(**in, *allowed) : in.status();
      if (verdict.ok()) return verdict;
    }
  }
  return verdict;
}

}  // namespace

Status CheckContent(dfs::InputStream& in, const Content& content) {
  if (in.length() < content.length || in.length() > content.longest()) {
    return Broken("it has " + std::to_string(in.length()) + " bytes, not " + std::to_string(content.length) +
                  (content.exact() ? "" : " to " + std::to_string(content.longest())));
  }
  std::vector<std::byte> read(kPiece), expected(kPiece);
  for (uint64_t at = 0; at < in.length();) {
    const size_t want = std::min<uint64_t>(kPiece, in.length() - at);
    TUSK_ASSIGN(const size_t got, in.Read(std::span(read).first(want)));
    if (got == 0) return Broken("ends at byte " + std::to_string(at) + " of " + std::to_string(in.length()));
    FillContent(content, at, std::span(expected).first(got));
    if (std::memcmp(read.data(), expected.data(), got) != 0) {
      return Broken("differs within the " + std::to_string(got) + " bytes at " + std::to_string(at));
    }
    at += got;
  }
  return OkStatus();
}

Status VerifyLedger(dfs::FileSystem& fs, const Ledger& ledger) {
  // All recoveries begin before the first is waited for.
  for (const auto& expectation : ledger.All()) {
    const auto status = fs.Stat(expectation.path);
    if (status.ok() && status->under_construction) (void)fs.RecoverLease(expectation.path);
  }
  for (const auto& expectation : ledger.All()) {
    if (Status verdict = CheckPath(fs, expectation); !verdict.ok()) {
      return verdict.WithContext("acknowledged file " + expectation.path);
    }
  }
  // Each path alone may be either; where one is, it has the content, as checked above.
  for (const auto& rename : ledger.DoubtfulRenames()) {
    TUSK_ASSIGN(const bool at_old, fs.Exists(rename.old_path));
    TUSK_ASSIGN(const bool at_new, fs.Exists(rename.new_path));
    if (at_old != at_new) continue;
    return Broken("the rename of " + rename.old_path + " to " + rename.new_path + " has an unknown outcome, but " +
                  (at_old ? "both paths are there" : "both paths are gone"));
  }
  return OkStatus();
}

}  // namespace tusk::chaos
