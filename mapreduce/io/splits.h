// Which files a job reads, and which piece of them each map.
//
// An input is a file, a directory (with all below it) or a glob: * ? [abc] {a,b} within a path component. Names that begin with
// '_' or '.' are left out below a directory or glob (a job's _SUCCESS), as Hadoop does. Splits follow the blocks of a file, so
// that a map can run where its bytes are. Empty files give no split. Errors: kNotFound when nothing is there; kInvalidArgument
// when nothing but empty or hidden files is. Thread: any.
#pragma once

#include <string>
#include <vector>

#include "dfs/client/file_system.h"
#include "mapreduce/client/job_client.h"

namespace tusk::mr {

struct SplitOptions {
  uint64_t split_bytes = 0;   // at most; 0: the block size. Whole blocks as long as a block is smaller.
  uint32_t record_bytes = 0;  // cuts lie between records of this size; 0: anywhere
  bool whole_files = false;   // one split per file, in the order of the names
  bool allow_empty = false;   // no split at all is fine
};

Result<std::vector<dfs::LocatedFile>> ListInput(dfs::FileSystem& fs, const std::string& input);
std::vector<InputSplit> SplitFile(const dfs::LocatedFile& file, const SplitOptions& options);
Result<std::vector<InputSplit>> MakeSplits(dfs::FileSystem& fs, const std::string& input, const SplitOptions& options);

// `rows` rows over `maps` splits of nearly the same size; none empty.
std::vector<InputSplit> SplitRows(uint64_t rows, uint32_t maps);

}  // namespace tusk::mr
