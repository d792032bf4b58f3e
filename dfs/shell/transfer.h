// Copies of many files at once, between here and there: what -put, -get and -cp share.
//
// Invariant: a destination appears only when all its bytes are there (dfs/client/atomic_file.h). Thread: RunTransfers runs its
// copies on `threads` threads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dfs/client/atomic_file.h"
#include "dfs/shell/shell.h"

namespace tusk::dfs::shell {

struct Transfer {
  std::string from, to;
  uint64_t bytes = 0;
  int64_t modified_ms = 0, accessed_ms = 0;  // of the source
};

// Copies each with `copy`, largest first, and shows the progress of their bytes; failures are told through the shell.
void RunTransfers(Shell& shell, std::vector<Transfer> transfers, size_t threads,
                  const std::function<Status(const Transfer&, const std::function<void(uint64_t)>& progress)>& copy);
// The value of -t; kInvalidArgument when it is not 1 to 64.
Result<size_t> ThreadsOf(const Arguments& arguments);

struct WriteOptions {
  bool overwrite = false;
  bool preserve_times = false;
  bool direct = false;       // under the final name from the first byte: a reader sees it grow, a failure leaves nothing behind
  uint16_t replication = 0;  // 0: the cluster's
};
// Writes a DFS file from what `source` gives, by way of the temporary name.
Status WriteDfsFile(FileSystem& fs, const Transfer& transfer, const WriteOptions& options,
                    const std::function<Status(const Sink&)>& source);
// Gives every byte of a DFS file to `sink`.
Status ReadDfsFile(FileSystem& fs, const std::string& path, const Sink& sink);

// "/a/dir" and "name" give "/a/dir/name" if the destination is a directory, else the destination itself. kNotADirectory when
// several sources need a directory.
Result<std::string> DestinationFor(FileSystem& fs, const std::string& destination, std::string_view name, size_t sources);

}  // namespace tusk::dfs::shell
