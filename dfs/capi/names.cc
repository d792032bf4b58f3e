// What names a file or directory and changes its place or its attributes.
#include "common/base/try.h"
#include "dfs/capi/handles.h"

namespace capi = tusk::dfs::capi;
using tusk::Result;
using tusk::dfs::FileSystem;

namespace {

// `act` with the file system and the path: a Status; 0 or -1.
template <class Act>
int On(hdfsFS fs, const char* path, Act act) {
  return capi::OnPath(fs, path, -1, [&](hdfs_internal& connection, const std::string& absolute) {
    return capi::Zero(act(*connection.fs, absolute));
  });
}

constexpr uint16_t kPermissionBits = 07777;

}  // namespace

int hdfsExists(hdfsFS fs, const char* path) {
  return On(fs, path, [](FileSystem& dfs, const std::string& absolute) { return dfs.Stat(absolute).status(); });
}

int hdfsCreateDirectory(hdfsFS fs, const char* path) {
  return On(fs, path, [](FileSystem& dfs, const std::string& absolute) { return dfs.Mkdirs(absolute); });
}

int hdfsDelete(hdfsFS fs, const char* path, int recursive) {
  return On(fs, path, [&](FileSystem& dfs, const std::string& absolute) -> tusk::Status {
    TUSK_ASSIGN(const bool deleted, dfs.Delete(absolute, recursive != 0));
    return deleted ? tusk::OkStatus() : tusk::NotFound("cannot delete " + absolute + ": it does not exist");
  });
}

int hdfsRename(hdfsFS fs, const char* oldPath, const char* newPath) {
  return capi::OnPath(fs, oldPath, -1, [&](hdfs_internal& connection, const std::string& from) -> Result<int> {
    TUSK_ASSIGN(const std::string to, connection.Path(newPath));
    return capi::Zero(connection.fs->Rename(from, to));
  });
}

int hdfsTruncateFile(hdfsFS fs, const char* path, tOffset newlength) {
  return capi::OnPath(fs, path, -1, [&](hdfs_internal& connection, const std::string& absolute) -> Result<int> {
    if (newlength < 0) return tusk::InvalidArgument("cannot cut " + absolute + " to " + std::to_string(newlength) + " bytes");
    TUSK_TRY(connection.fs->Truncate(absolute, static_cast<uint64_t>(newlength)));
    return 1;
  });
}

int hdfsChown(hdfsFS fs, const char* path, const char* owner, const char* group) {
  return On(fs, path, [&](FileSystem& dfs, const std::string& absolute) {
    return dfs.SetOwner(absolute, owner == nullptr ? "" : owner, group == nullptr ? "" : group);
  });
}

int hdfsChmod(hdfsFS fs, const char* path, short mode) {
  return On(fs, path, [&](FileSystem& dfs, const std::string& absolute) {
    return dfs.SetPermission(absolute, static_cast<uint16_t>(mode) & kPermissionBits);
  });
}

int hdfsUtime(hdfsFS fs, const char* path, tTime mtime, tTime atime) {
  const auto millis = [](tTime seconds) { return seconds == -1 ? int64_t{-1} : int64_t{seconds} * 1000; };
  return On(fs, path,
            [&](FileSystem& dfs, const std::string& absolute) { return dfs.SetTimes(absolute, millis(mtime), millis(atime)); });
}

int hdfsSetReplication(hdfsFS fs, const char* path, int16_t replication) {
  return On(fs, path, [&](FileSystem& dfs, const std::string& absolute) -> tusk::Status {
    if (replication <= 0) {
      return tusk::InvalidArgument("cannot give " + absolute + " " + std::to_string(replication) +
                                   " replicas; at least one is needed");
    }
    return dfs.SetReplication(absolute, static_cast<uint16_t>(replication));
  });
}

char* hdfsGetWorkingDirectory(hdfsFS fs, char* buffer, size_t bufferSize) {
  return capi::OnConnection<char*>(fs, nullptr, [&](hdfs_internal& connection) -> Result<char*> {
    if (buffer == nullptr) return tusk::InvalidArgument("the buffer for the working directory is NULL");
    std::lock_guard lock(connection.mutex);
    const std::string name = connection.fs->Uri() + connection.working_directory;
    if (name.size() >= bufferSize) {
      return capi::Fail<char*>(nullptr, ERANGE,
                               "the working directory " + name + " does not fit into " + std::to_string(bufferSize) + " bytes");
    }
    name.copy(buffer, name.size());
    buffer[name.size()] = '\0';
    return buffer;
  });
}

int hdfsSetWorkingDirectory(hdfsFS fs, const char* path) {
  return capi::OnPath(fs, path, -1, [](hdfs_internal& connection, const std::string& absolute) -> Result<int> {
    std::lock_guard lock(connection.mutex);
    connection.working_directory = absolute;
    return 0;
  });
}
