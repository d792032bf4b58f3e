#include "dfs/capi/handles.h"

#include "dfs/capi/program_path.h"

tusk::Result<std::string> hdfs_internal::Path(const char* word) {
  std::string directory;
  {
    std::lock_guard lock(mutex);
    directory = working_directory;
  }
  return tusk::dfs::capi::AbsolutePath(fs->Uri(), directory, word);
}

namespace tusk::dfs::capi {

HandleTable<hdfs_internal>& Connections() {
  static auto* const table = new HandleTable<hdfs_internal>();
  return *table;
}

HandleTable<hdfsFile_internal>& OpenFiles() {
  static auto* const table = new HandleTable<hdfsFile_internal>();
  return *table;
}

}  // namespace tusk::dfs::capi
