// hdfsFileInfo: one of a path, or those of a directory.
#include <limits>

#include "common/base/try.h"
#include "dfs/capi/c_memory.h"
#include "dfs/capi/handles.h"

namespace capi = tusk::dfs::capi;
using tusk::Result;
using tusk::dfs::FileStatus;

namespace {

constexpr int64_t kMillisASecond = 1000;

// An array that grows entry by entry and is freed as a whole, also when memory ends in the middle.
class InfoArray {
 public:
  explicit InfoArray(size_t capacity) : entries_(capi::NewArray<hdfsFileInfo>(capacity)) {}
  InfoArray(const InfoArray&) = delete;
  InfoArray& operator=(const InfoArray&) = delete;
  ~InfoArray() { hdfsFreeFileInfo(entries_, count_); }

  void Add(const std::string& uri, const FileStatus& file) {
    hdfsFileInfo& info = entries_[count_++];
    info.mKind = file.is_directory ? kObjectKindDirectory : kObjectKindFile;
    info.mName = capi::CopyText(uri + file.path);
    info.mLastMod = file.modified_ms / kMillisASecond;
    info.mSize = static_cast<tOffset>(file.length);
    info.mReplication = static_cast<short>(file.replication);
    info.mBlockSize = static_cast<tOffset>(file.block_size);
    info.mOwner = capi::CopyText(file.owner);
    info.mGroup = capi::CopyText(file.group);
    info.mPermissions = static_cast<short>(file.mode);
    info.mLastAccess = file.accessed_ms / kMillisASecond;
  }
  hdfsFileInfo* Release() { return std::exchange(entries_, nullptr); }

 private:
  hdfsFileInfo* entries_;
  int count_ = 0;
};

}  // namespace

hdfsFileInfo* hdfsListDirectory(hdfsFS fs, const char* path, int* numEntries) {
  return capi::OnPath<hdfsFileInfo*>(fs, path, nullptr,
                                     [&](hdfs_internal& connection, const std::string& absolute) -> Result<hdfsFileInfo*> {
                                       if (numEntries == nullptr)
                                         return tusk::InvalidArgument("the place for the number of entries is NULL");
                                       TUSK_ASSIGN(const std::vector<FileStatus> files, connection.fs->List(absolute));
                                       if (files.size() > std::numeric_limits<int>::max()) {
                                         return tusk::ResourceExhausted(absolute + " has " + std::to_string(files.size()) +
                                                                        " entries, more than an int can count");
                                       }
                                       InfoArray entries(files.size());
                                       const std::string uri = connection.fs->Uri();
                                       for (const FileStatus& file : files) entries.Add(uri, file);
                                       *numEntries = static_cast<int>(files.size());
                                       errno = 0;
                                       return files.empty() ? nullptr : entries.Release();
                                     });
}

hdfsFileInfo* hdfsGetPathInfo(hdfsFS fs, const char* path) {
  return capi::OnPath<hdfsFileInfo*>(fs, path, nullptr,
                                     [](hdfs_internal& connection, const std::string& absolute) -> Result<hdfsFileInfo*> {
                                       TUSK_ASSIGN(const FileStatus file, connection.fs->Stat(absolute));
                                       InfoArray entries(1);
                                       entries.Add(connection.fs->Uri(), file);
                                       return entries.Release();
                                     });
}

void hdfsFreeFileInfo(hdfsFileInfo* entries, int numEntries) {
  if (entries == nullptr) return;
  for (int i = 0; i < numEntries; ++i) {
    std::free(entries[i].mName);
    std::free(entries[i].mOwner);
    std::free(entries[i].mGroup);
  }
  std::free(entries);
}

int hdfsFileIsEncrypted(hdfsFileInfo* entry) { return entry == nullptr ? capi::Fail(-1, EINVAL, "the hdfsFileInfo is NULL") : 0; }
