#include "mapreduce/io/splits.h"

#include <algorithm>
#include <map>

#include "common/base/try.h"
#include "mapreduce/io/glob.h"

namespace tusk::mr {
namespace {

bool IsHidden(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name.starts_with('_') || name.starts_with('.');
}

Status AddTree(dfs::FileSystem& fs, const std::string& path, std::map<std::string, dfs::LocatedFile>* found) {
  TUSK_ASSIGN(auto files, fs.ListLocated(path));
  for (auto& file : files) {
    if (file.status.path != path && IsHidden(file.status.path)) continue;
    if (file.status.is_directory) {
      TUSK_TRY(AddTree(fs, file.status.path, found));
    } else {
      found->emplace(file.status.path, std::move(file));
    }
  }
  return OkStatus();
}

// Paths that a pattern without braces matches.
Result<std::vector<std::string>> MatchPath(dfs::FileSystem& fs, const std::string& pattern) {
  std::vector<std::string> paths{""};
  for (size_t at = 1; at <= pattern.size();) {
    const size_t slash = std::min(pattern.find('/', at), pattern.size());
    const std::string part = pattern.substr(at, slash - at);
    at = slash + 1;
    if (part.empty()) continue;
    std::vector<std::string> next;
    for (const std::string& path : paths) {
      if (!IsGlob(part)) {
        TUSK_ASSIGN(const bool exists, fs.Exists(path + "/" + part));
        if (exists) next.push_back(path + "/" + part);
        continue;
      }
      const std::string directory = path.empty() ? "/" : path;
      TUSK_ASSIGN(const auto status, fs.Stat(directory));
      if (!status.is_directory) continue;
      TUSK_ASSIGN(const auto children, fs.List(directory));
      for (const auto& child : children) {
        const std::string name = child.path.substr(child.path.rfind('/') + 1);
        const bool hidden = IsHidden(child.path) && part[0] != '_' && part[0] != '.';
        if (!hidden && MatchesGlob(part, name)) next.push_back(child.path);
      }
    }
    paths = std::move(next);
  }
  return paths;
}

}  // namespace

Result<std::vector<dfs::LocatedFile>> ListInput(dfs::FileSystem& fs, const std::string& input) {
  if (!input.starts_with('/')) return InvalidArgument("the input " + input + " is not absolute; write it with a leading slash");
  std::string path = input;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  std::map<std::string, dfs::LocatedFile> found;
  TUSK_ASSIGN(const bool exists, fs.Exists(path));
  if (exists) {
    TUSK_TRY(AddTree(fs, path, &found));
  } else if (IsGlob(path)) {
    bool any = false;
    for (const std::string& pattern : ExpandBraces(path)) {
      TUSK_ASSIGN(const auto matches, MatchPath(fs, pattern));
      for (const std::string& match : matches) {
        any = true;
        TUSK_TRY(AddTree(fs, match, &found));
      }
    }
    if (!any) return NotFound("no file matches the input " + input);
  } else {
    return NotFound("the input " + input + " does not exist");
  }
  std::vector<dfs::LocatedFile> files;
  for (auto& [name, file] : found) files.push_back(std::move(file));
  return files;
}

std::vector<InputSplit> SplitFile(const dfs::LocatedFile& file, const SplitOptions& options) {
  std::vector<InputSplit> splits;
  const uint64_t length = file.status.length;
  if (length == 0) return splits;
  auto add = [&](uint64_t offset, uint64_t end) {
    if (offset >= end) return;
    InputSplit split;
    split.path = file.status.path;
    split.offset = offset;
    split.length = end - offset;
    split.file_length = length;
    for (const auto& block : file.blocks) {
      if (block.offset <= offset && offset < block.offset + block.block.length) {
        for (const auto& node : block.locations) split.hosts.push_back(node.host);
      }
    }
    splits.push_back(std::move(split));
  };
  if (options.whole_files) {
    add(0, length);
    return splits;
  }
  const uint64_t block = std::max<uint64_t>(1, file.status.block_size != 0 ? file.status.block_size : length);
  const uint64_t wanted = options.split_bytes == 0 ? block : options.split_bytes;
  // Larger than a block: whole blocks. Smaller: equal parts of a block, none tiny.
  const uint64_t unit = wanted >= block ? wanted / block * block : block;
  const uint64_t parts = wanted >= block ? 1 : (block + wanted - 1) / wanted;
  auto align = [&](uint64_t at) {
    return options.record_bytes > 1 && at < length ? at / options.record_bytes * options.record_bytes : at;
  };
  for (uint64_t at = 0; at < length; at += unit) {
    const uint64_t size = std::min(unit, length - at);
    const uint64_t here = parts == 1 ? 1 : std::min<uint64_t>(parts, (size + wanted - 1) / wanted);
    for (uint64_t i = 0; i < here; ++i) {
      const auto part = [&](uint64_t k) { return at + static_cast<uint64_t>(static_cast<unsigned __int128>(size) * k / here); };
      add(align(part(i)), align(part(i + 1)));
    }
  }
  return splits;
}

Result<std::vector<InputSplit>> MakeSplits(dfs::FileSystem& fs, const std::string& input, const SplitOptions& options) {
  TUSK_ASSIGN(const auto files, ListInput(fs, input));
  std::vector<InputSplit> splits;
  for (const auto& file : files) {
    if (file.status.under_construction) {
      return FailedPrecondition("the input " + file.status.path + " is still being written; wait until it is closed");
    }
    if (options.record_bytes > 1 && file.status.length % options.record_bytes != 0) {
      return InvalidArgument("the input " + file.status.path + " has " + std::to_string(file.status.length) +
                             " bytes: not a whole number of records of " + std::to_string(options.record_bytes) + " bytes");
    }
    auto pieces = SplitFile(file, options);
    splits.insert(splits.end(), std::make_move_iterator(pieces.begin()), std::make_move_iterator(pieces.end()));
  }
  if (splits.empty() && !options.allow_empty) return InvalidArgument("the input " + input + " has no bytes to read");
  return splits;
}

std::vector<InputSplit> SplitRows(uint64_t rows, uint32_t maps) {
  std::vector<InputSplit> splits;
  const uint64_t count = std::min<uint64_t>(std::max<uint32_t>(maps, 1), rows);
  for (uint64_t i = 0; i < count; ++i) {
    const auto cut = [&](uint64_t k) { return static_cast<uint64_t>(static_cast<unsigned __int128>(rows) * k / count); };
    InputSplit split;
    split.offset = cut(i);
    split.length = cut(i + 1) - cut(i);
    splits.push_back(std::move(split));
  }
  return splits;
}

}  // namespace tusk::mr
