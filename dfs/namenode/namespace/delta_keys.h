// The keys that a delta has touched, by the ranges that are scanned: entries of one directory, blocks of one file, replicas of
// one node. A scan of such a range looks only at the delta's keys of that range, however large the delta is.
//
// Keys may be here that the delta does not have any more (put and deleted again): the scan asks the table.
// Thread: namespace loop; it may be destroyed on any.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dfs/namenode/namespace/state_entry.h"

namespace tusk::dfs::namenode {

class DeltaKeys {
 public:
  // How many first bytes of a key name its range; 0: this kind of key is not scanned by range.
  static size_t RangeBytes(std::string_view key);

  void Add(std::string_view key);
  // The touched keys that start with `prefix` and are >= `from`, in order. The prefix must be a range or longer (IsRange).
  static bool IsRange(std::string_view prefix) { return RangeBytes(prefix) > 0 && prefix.size() >= RangeBytes(prefix); }
  std::span<const std::string_view> Find(std::string_view prefix, std::string_view from) const;  // until the next Add

  size_t bytes() const { return bytes_; }

 private:
  struct Range {
    std::vector<std::string_view> keys;  // in blocks_
    size_t sorted = 0;                   // the first so many are in order and without repetition
  };
  static void Sort(Range& range);
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    size_t operator()(std::string_view text) const { return HashKey(text); }
  };
  std::string_view Copy(std::string_view key);

  mutable boost::unordered_flat_map<std::string, Range, Hash, std::equal_to<>> ranges_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* block_end_ = nullptr;  // of the last one
  size_t block_left_ = 0;      // bytes before it that are free
  size_t bytes_ = 0;
};

}  // namespace tusk::dfs::namenode
