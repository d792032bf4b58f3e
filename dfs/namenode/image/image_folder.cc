#include "dfs/namenode/image/image_folder.h"

#include <glog/logging.h>

#include <algorithm>
#include <charconv>

#include "common/base/try.h"
#include "dfs/namenode/image/image_reader.h"

namespace tusk::dfs::namenode {
namespace {

constexpr std::string_view kPrefix = "fsimage-";
constexpr size_t kDigits = 20;
constexpr const char* kDamaged = ".damaged";

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

Result<coordination::LogIndex> ImageFolder::RemoveOld(uint64_t cluster_id) {
  TUSK_ASSIGN(const auto images, List());
  size_t whole = 0;
  coordination::LogIndex oldest = 0;
  for (const ImageName& image : images) {
    if (whole == kKept) {
      TUSK_TRY(disk_.Remove(image.path));
      continue;
    }
    const Status status = VerifyImage(disk_, image.path, cluster_id);
    if (status.ok()) {
      ++whole;
      oldest = image.applied;
    } else if (status.code() == Code::kCorruption) {
      SetAside(image.path, status);
    } else {
      LOG(ERROR) << "the image " << image.path << " does not count as one of the " << kKept << " that are kept: " << status;
    }
  }
  return whole == kKept ? oldest : 0;
}

void ImageFolder::SetAside(const std::string& path, const Status& damage) const {
  Status renamed = disk_.Rename(path, path + kDamaged);
  if (renamed.ok()) renamed = disk_.SyncDirectory(directory_);
  LOG(ERROR) << damage.message() << "; "
             << (renamed.ok() ? "it is set aside as " + path + kDamaged +
                                    " and does not count any more; remove it when it has been "
                                    "looked into"
                              : "it cannot be set aside: " + renamed.message());
}

}  // namespace tusk::dfs::namenode
