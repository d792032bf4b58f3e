#include "dfs/datanode/open_folders.h"

#include <algorithm>

#include "common/base/json_text.h"
#include "common/base/try.h"
#include "dfs/protocol/settings.h"

namespace tusk::dfs::datanode {

Result<std::vector<std::string>> ParseFolderList(const std::string& text) {
  constexpr std::string_view kSpace = " \t\n";
  std::vector<std::string> folders;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    std::string folder = text.substr(at, end - at);
    folder.erase(0, std::min(folder.find_first_not_of(kSpace), folder.size()));
    folder.erase(folder.find_last_not_of(kSpace) + 1);
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    if (!folder.empty()) folders.push_back(std::move(folder));
    at = end + 1;
  }
  if (folders.empty()) {
    return InvalidArgument("no folder for blocks: set dfs.datanode_dir, for example with --set dfs.datanode_dir=/data/tusk");
  }
  for (size_t i = 1; i < folders.size(); ++i) {
    if (std::find(folders.begin(), folders.begin() + static_cast<std::ptrdiff_t>(i), folders[i]) !=
        folders.begin() + static_cast<std::ptrdiff_t>(i)) {
      return InvalidArgument("dfs.datanode_dir names the folder " + folders[i] + " twice");
    }
  }
  return folders;
}

Result<OpenedFolders> OpenFolders(const config::Config& config, DataFolders::Hooks hooks) {
  TUSK_ASSIGN(const auto directories, ParseFolderList(config.Get(kDataNodeDir)));
  OpenedFolders opened;
  DataFolders::Options options;
  options.reserved_bytes = config.Get(kReservedSpace);
  options.packed_bytes = config.Get(kPackedBlockBytes);
  options.recycled_bytes = config.Get(kRecycledBytes);
  const int64_t tolerated = config.Get(kFailedFoldersTolerated);
  options.failed_tolerated = tolerated < 0 ? SIZE_MAX : static_cast<size_t>(tolerated);
  options.hooks = std::move(hooks);
  storage::Disk& disk = storage::Disk::Posix();
  for (const std::string& directory : directories) {
    DataFolders::Place place{&disk, directory, disk.CreateDirectories(directory)};
    if (place.failure.ok()) {
      auto lock = FolderLock::Take(directory);
      if (lock.ok()) {
        opened.locks.push_back(std::move(lock).value());
      } else if (lock.status().code() == Code::kFailedPrecondition) {
        return std::move(lock).status();
      } else {
        place.failure = std::move(lock).status();
      }
    }
    options.places.push_back(std::move(place));
  }
  TUSK_ASSIGN(opened.folders, DataFolders::Open(std::move(options)));
  return opened;
}

std::string FoldersJson(const DataFolders& folders) {
  std::string json = "[";
  for (const auto& folder : folders.Figures()) {
    if (json.size() > 1) json += ",";
    json += "{\"path\":" + QuoteJson(folder.directory) + ",\"capacityBytes\":" + std::to_string(folder.space.capacity) +
            ",\"usedBytes\":" + std::to_string(folder.space.used) +
            ",\"remainingBytes\":" + std::to_string(folder.space.remaining) + ",\"blocks\":" + std::to_string(folder.replicas) +
            ",\"state\":" +
            QuoteJson(!folder.failure.ok()          ? "failed: " + folder.failure.message()
                      : folder.slow                 ? "slow"
                      : folder.space.remaining == 0 ? "full"
                                                    : "in use") +
            "}";
  }
  return json + "]";
}

}  // namespace tusk::dfs::datanode
