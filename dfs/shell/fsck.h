// `tusk fsck`: walks a tree with its block locations, judges every block, and reports in HDFS's words.
//
// FsckTally and the report are pure: a view in, text out. Thread: one.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "dfs/client/admin.h"
#include "dfs/client/file_system.h"

namespace tusk::dfs::shell {

struct FsckOptions {
  bool files = false, blocks = false, locations = false, racks = false, json = false;
};

struct BlockVerdict {
  bool missing = false;  // no live replica
  bool corrupt = false;  // every known replica is corrupt
  uint64_t lacking = 0;  // replicas
  uint64_t surplus = 0;
};
BlockVerdict JudgeBlock(const FileStatus& file, const LocatedBlock& block);

struct FsckTally {
  std::string path;
  uint64_t bytes = 0, files = 0, directories = 0, under_construction = 0;
  uint64_t blocks = 0, healthy = 0, under = 0, over = 0, missing = 0, corrupt = 0;
  uint64_t replicas = 0, expected_replicas = 0, lacking_replicas = 0;
  std::vector<std::string> damaged_files;  // with missing or corrupt blocks
  std::set<uint64_t> nodes;                // seen as locations
  std::set<std::string> racks;

  void AddDirectory() { ++directories; }
  void AddFile(const LocatedFile& file);
  bool is_healthy() const { return missing == 0 && corrupt == 0; }
};

// The lines of one file: what -files -blocks -locations -racks ask for, and what is wrong with it in any case.
std::string FsckFileText(const LocatedFile& file, const FsckOptions& options);
std::string FsckReportText(const FsckTally& tally, const std::optional<ClusterReport>& cluster, uint16_t default_replication);
std::string FsckReportJson(const FsckTally& tally, const std::optional<ClusterReport>& cluster);

// The whole check; the exit code. `cluster` may be null (no totals of nodes then).
int Fsck(FileSystem& fs, Admin* cluster, const std::string& path, const FsckOptions& options, uint16_t default_replication,
         std::ostream& out, std::ostream& err);

}  // namespace tusk::dfs::shell
