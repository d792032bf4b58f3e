#include "dfs/namenode/image/image_folder.h"

#include <algorithm>
#include <charconv>

#include "common/base/try.h"

namespace tusk::dfs::namenode {
namespace {

constexpr std::string_view kPrefix = "fsimage-";
constexpr size_t kDigits = 20;

}  // namespace

Status ImageFolder::Prepare() {
  TUSK_TRY(disk_.CreateDirectories(directory_));
  TUSK_ASSIGN(const auto files, disk_.List(directory_));
  for (const storage::FileInfo& file : files) {
    if (file.name.starts_with(kPrefix) && file.name.ends_with(".tmp")) {
      TUSK_TRY(disk_.Remove(storage::JoinPath(directory_, file.name)));
    }
  }
  return OkStatus();
}

std::string ImageFolder::PathOf(coordination::LogIndex applied) const {
  const std::string digits = std::to_string(applied);
  return storage::JoinPath(directory_, std::string(kPrefix) + std::string(kDigits - digits.size(), '0') + digits);
}

Result<std::vector<ImageName>> ImageFolder::List() const {
  std::vector<ImageName> images;
  const auto files = disk_.List(directory_);
  if (!files.ok()) {
    if (files.status().code() == Code::kNotFound) return images;
    return files.status();
  }
  for (const storage::FileInfo& file : *files) {
    const std::string& name = file.name;
    if (!name.starts_with(kPrefix) || name.size() != kPrefix.size() + kDigits) continue;
    ImageName image{storage::JoinPath(directory_, name), 0};
    const auto parsed = std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), image.applied);
    if (parsed.ec == std::errc() && parsed.ptr == name.data() + name.size()) images.push_back(std::move(image));
  }
  std::sort(images.begin(), images.end(), [](const ImageName& a, const ImageName& b) { return a.applied > b.applied; });
  return images;
}

Result<coordination::LogIndex> ImageFolder::RemoveOld() {
  TUSK_ASSIGN(auto images, List());
  for (; images.size() > kKept; images.pop_back()) TUSK_TRY(disk_.Remove(images.back().path));
  return images.size() == kKept ? images.back().applied : 0;
}

}  // namespace tusk::dfs::namenode
