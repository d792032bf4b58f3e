// What stands behind hdfsFS and hdfsFile, and how a call finds it. Thread: any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "common/base/result.h"
#include "dfs/capi/handle_table.h"
#include "dfs/capi/hdfs.h"
#include "dfs/capi/last_error.h"
#include "dfs/client/file_system.h"

struct hdfs_internal {
  std::shared_ptr<tusk::dfs::FileSystem> fs;
  uint64_t block_size = 0;  // of new files
  std::mutex mutex;
  std::string working_directory;  // under the mutex

  // The absolute path that a program's word means (program_path.h).
  tusk::Result<std::string> Path(const char* word);
};

// One of `in` and `out` is there.
struct hdfsFile_internal {
  std::string path;
  std::mutex mutex;  // of the position; positional reads need none
  std::unique_ptr<tusk::dfs::InputStream> in;
  std::unique_ptr<tusk::dfs::OutputStream> out;
  std::atomic<uint64_t> bytes_read{0};
  std::atomic<uint64_t> local_bytes_before{0};  // read when the statistics were cleared
};

namespace tusk::dfs::capi {

HandleTable<hdfs_internal>& Connections();
HandleTable<hdfsFile_internal>& OpenFiles();

// Each of the following runs `body` with what a handle stands for and returns what it answers; a handle that is none ends with
// EBADF (Fail returns the failure as the value, errno being set already).

// With the file system and the path that was named.
template <class T, class Body>
T OnPath(hdfsFS fs, const char* word, T failure, Body&& body) {
  return Answer(failure, [&]() -> Result<T> {
    const auto connection = Connections().Find(fs);
    if (!connection)
      return Fail(failure, EBADF, "the hdfsFS is not connected: connect first, and do not use it after hdfsDisconnect");
    auto path = connection->Path(word);
    if (!path.ok()) return std::move(path).status();
    return body(*connection, *path);
  });
}

// The same for what needs no path.
template <class T, class Body>
T OnConnection(hdfsFS fs, T failure, Body&& body) {
  return OnPath(fs, "/", failure, [&](hdfs_internal& connection, const std::string&) { return body(connection); });
}

// With an open file.
template <class T, class Body>
T OnFile(hdfsFile file, T failure, Body&& body) {
  return Answer(failure, [&]() -> Result<T> {
    const auto open = OpenFiles().Find(file);
    if (!open) return Fail(failure, EBADF, "the hdfsFile is not open: open it first, and do not use it after hdfsCloseFile");
    return body(*open);
  });
}

// With a file that is open for reading, or for writing; `otherwise` is the errno for one that is not.
template <class T, class Body>
T OnInput(hdfsFile file, T failure, int otherwise, Body&& body) {
  return OnFile(file, failure, [&](hdfsFile_internal& open) -> Result<T> {
    if (!open.in) return Fail(failure, otherwise, open.path + " is open for writing; open it with O_RDONLY to read it");
    return body(open, *open.in);
  });
}
template <class T, class Body>
T OnOutput(hdfsFile file, T failure, int otherwise, Body&& body) {
  return OnFile(file, failure, [&](hdfsFile_internal& open) -> Result<T> {
    if (!open.out) return Fail(failure, otherwise, open.path + " is open for reading; open it with O_WRONLY to write it");
    std::lock_guard lock(open.mutex);
    return body(*open.out);
  });
}

// 0 for a Status that is ok.
inline Result<int> Zero(const Status& status) {
  if (!status.ok()) return status;
  return 0;
}

// Opens as hdfsOpenFile does.
struct OpenRequest {
  int flags = O_RDONLY;
  int64_t block_size = 0;  // 0: the default
  int replication = 0;     // 0: the default
};
Result<hdfsFile> OpenAs(hdfs_internal& connection, const std::string& path, const OpenRequest& request);

}  // namespace tusk::dfs::capi
