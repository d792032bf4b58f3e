// From dfs.datanode_dir to folders in use: the list, the locks, the stores; and what the pages tell of them.
//
// Errors: kInvalidArgument for a list that makes no sense; kFailedPrecondition when a folder is in use by another process, or not
//         this node's; else those of DataFolders::Open. Thread: any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/config/config.h"
#include "dfs/datanode/store/data_folders.h"
#include "dfs/datanode/store/folder_lock.h"

namespace tusk::dfs::datanode {

struct OpenedFolders {
  std::vector<FolderLock> locks;
  std::unique_ptr<DataFolders> folders;
};

// "/disk1/tusk, /disk2/tusk": at least one, none twice.
Result<std::vector<std::string>> ParseFolderList(const std::string& text);

Result<OpenedFolders> OpenFolders(const config::Config& config, DataFolders::Hooks hooks);

// An array with one object for each folder.
std::string FoldersJson(const DataFolders& folders);

}  // namespace tusk::dfs::datanode
