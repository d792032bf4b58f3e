// What the file system owes: for each path the states it may be in, given what was acknowledged and what was only asked.
//
// An operation is announced before it begins (the path may then be in its old or its new state) and settled when it is
// acknowledged. A client that dies in between leaves the doubt behind. The content of a file is a function of its seed and the
// offset, so a state is a seed, an offset and a range of lengths. Thread: the one of the simulation, any of its threads. Owner:
// the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/random.h"

namespace tusk::sim {

struct FileState {
  uint64_t seed = 0;
  uint64_t least = 0;  // acknowledged bytes
  uint64_t most = 0;   // bytes that were written at all
  uint64_t base = 0;   // where in the content of the seed the file begins: a file to be concatenated goes on with the target's
  bool operator==(const FileState&) const = default;
};
using PathState = std::optional<FileState>;  // nullopt: nothing is there

std::byte ContentAt(uint64_t seed, uint64_t offset);
std::vector<std::byte> Content(uint64_t seed, uint64_t offset, size_t bytes);

class Model {
 public:
  // The path is in one of these states.
  void Set(const std::string& path, std::vector<PathState> states) { paths_[path] = std::move(states); }
  void Doubt(const std::string& path, const PathState& also) { paths_[path].push_back(also); }
  // `from` is at exactly one of the two paths from now on, until either is set again.
  void BeginRename(const std::string& from, const std::string& to);
  void EndRename(const std::string& from, const std::string& to);
  // `source` becomes the end of `target`, or neither changes.
  void BeginConcat(const std::string& target, const std::string& source);
  void EndConcat(const std::string& target, const std::string& source);

  struct Pair {
    std::string from, to;
    bool concat = false;  // `from` is gone when `to` has grown; else when `to` is there
    uint64_t length = 0;  // of `to` while `from` is there
  };
  const std::map<std::string, std::vector<PathState>>& paths() const { return paths_; }
  const std::vector<Pair>& open_pairs() const { return open_pairs_; }
  // A path that certainly is a whole, closed file and that nobody works on.
  std::optional<std::pair<std::string, FileState>> PickClosed(Random& random) const;
  // Folders whose making was acknowledged.
  const std::vector<std::string>& folders() const { return folders_; }
  void AddFolder(const std::string& path) { folders_.push_back(path); }
  bool Claim(const std::string& path) { return claimed_.emplace(path, true).second; }
  void Release(const std::string& path) { claimed_.erase(path); }

 private:
  std::map<std::string, std::vector<PathState>> paths_;
  std::vector<Pair> open_pairs_;
  std::vector<std::string> folders_;
  std::map<std::string, bool> claimed_;
};

}  // namespace tusk::sim
