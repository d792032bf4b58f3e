// What the DFS has promised: which files were acknowledged, with which content, and which are in doubt because an operation's
// outcome is unknown. A rename of unknown outcome puts two paths in doubt together: one of them holds the file.
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

// What was acknowledged of a file that a writer left open (synced, then dead) or whose append has an unknown outcome is a range:
// the first `length` bytes are owed, up to `may_have` may be there, and whatever is there must be right.
struct Content {
  uint64_t seed = 0;
  uint64_t length = 0;
  uint64_t may_have = 0;  // not above `length`: exactly `length`
  bool exact() const { return may_have <= length; }
  uint64_t longest() const { return exact() ? length : may_have; }
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
  // A rename failed or timed out: `content`, which `old_path` held for certain, is at one of the two paths, and only at one.
  // Each path by itself is in doubt; the rule of the pair ends with the next operation on either path.
  void DoubtRename(const std::string& old_path, const std::string& new_path, const Content& content);

  // The states `path` may be in: one for an acknowledged path.
  struct Expectation {
    std::string path;
    std::vector<std::optional<Content>> allowed;
  };
  std::vector<Expectation> All() const;
  // The renames of unknown outcome whose paths nothing has touched since.
  struct DoubtfulRename {
    std::string old_path;
    std::string new_path;
    Content content;
  };
  std::vector<DoubtfulRename> DoubtfulRenames() const;
  size_t acknowledged() const;
  // A path that certainly exists and that nobody has claimed, chosen by `pick`, and its content; nullopt if there is none.
  std::optional<std::pair<std::string, Content>> Pick(uint64_t pick) const;
  // Its promises end: the file has been verified and deleted.
  void Forget(const std::string& path);
  // Takes the path out of everybody else's hands until Acknowledge, Doubt or Release.
  bool Claim(const std::string& path);
  void Release(const std::string& path);

 private:
  // The caller holds mutex_.
  void AddState(const std::string& path, std::optional<Content> content);
  void EndPairs(const std::string& path);

  mutable std::mutex mutex_;
  std::map<std::string, std::vector<std::optional<Content>>> states_;
  std::vector<DoubtfulRename> renames_;
  std::set<std::string> claimed_;
};

}  // namespace tusk::chaos
