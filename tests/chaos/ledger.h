// What the DFS has promised: which files were acknowledged, with which content, and which are in doubt because an operation's
// outcome is unknown.
//
// A file's content is a function of (seed, file number, length), so the ledger keeps no bytes.
// Thread: any (one mutex; the workload's threads are few).
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace tusk::chaos {

struct Content {
  uint64_t seed = 0;
  uint64_t length = 0;
  bool operator==(const Content&) const = default;
};

// Fills `out` with the bytes of `content` from `offset` on.
void FillContent(const Content& content, uint64_t offset, std::span<std::byte> out);

class Ledger {
 public:
  // `path` now holds exactly `content`, or nothing (nullopt).
  void Acknowledge(const std::string& path, std::optional<Content> content);
  // An operation on `path` failed or timed out: from now on it may hold any of its earlier states or `content`.
  void Doubt(const std::string& path, std::optional<Content> content);

  // The states `path` may be in: one for an acknowledged path.
  struct Expectation {
    std::string path;
    std::vector<std::optional<Content>> allowed;
  };
  std::vector<Expectation> All() const;
  size_t acknowledged() const;
  // A path that certainly exists, chosen by `pick`, and its content; nullopt if there is none.
  std::optional<std::pair<std::string, Content>> Pick(uint64_t pick) const;
  // Its promises end: the file has been verified and deleted.
  void Forget(const std::string& path);
  // Takes the path out of everybody else's hands until Acknowledge or Doubt.
  bool Claim(const std::string& path);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<std::optional<Content>>> states_;
  std::set<std::string> claimed_;
};

}  // namespace tusk::chaos
