#include "dfs/datanode/store/folder_balancing.h"

namespace tusk::dfs::datanode {
namespace {

double UsedShare(const FolderFill& folder) {
  return 1 - static_cast<double>(folder.remaining) / static_cast<double>(folder.capacity);
}

}  // namespace

std::optional<FolderMove> PlanFolderMove(std::span<const FolderFill> folders, double threshold) {
  const FolderFill* fullest = nullptr;
  const FolderFill* emptiest = nullptr;
  for (const FolderFill& folder : folders) {
    if (folder.capacity == 0) continue;
    if (fullest == nullptr || UsedShare(folder) > UsedShare(*fullest)) fullest = &folder;
    if (!folder.slow && (emptiest == nullptr || UsedShare(folder) < UsedShare(*emptiest))) emptiest = &folder;
  }
  if (emptiest == nullptr || fullest == emptiest) return std::nullopt;
  const double difference = UsedShare(*fullest) - UsedShare(*emptiest);
  if (difference <= threshold) return std::nullopt;
  // Taking x bytes from one and giving them to the other lets the shares meet when x * (1 / a + 1 / b) is their difference.
  const double both = 1 / static_cast<double>(fullest->capacity) + 1 / static_cast<double>(emptiest->capacity);
  return FolderMove{fullest->index, emptiest->index, static_cast<uint64_t>(difference / both)};
}

}  // namespace tusk::dfs::datanode
