#include "dfs/datanode/store/layout.h"

#include <charconv>

namespace tusk::dfs::datanode {
namespace {

constexpr std::string_view kPrefix = "blk_";
constexpr std::string_view kMetaSuffix = ".meta";

// The whole text as a decimal number in its shortest form, so that no two names mean one replica.
std::optional<uint64_t> ParseNumber(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string DataName(BlockId id) { return std::string(kPrefix) + std::to_string(id.value()); }

std::string MetaName(BlockId id, Generation generation) {
  return DataName(id) + "_" + std::to_string(generation.value()) + std::string(kMetaSuffix);
}

std::optional<ReplicaFileName> ParseReplicaFileName(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  if (!name.ends_with(kMetaSuffix)) {
    const auto id = ParseNumber(name);
    if (!id) return std::nullopt;
    return ReplicaFileName{BlockId(*id), std::nullopt};
  }
  name.remove_suffix(kMetaSuffix.size());
  const size_t underscore = name.find('_');
  if (underscore == std::string_view::npos) return std::nullopt;
  const auto id = ParseNumber(name.substr(0, underscore));
  const auto generation = ParseNumber(name.substr(underscore + 1));
  if (!id || !generation) return std::nullopt;
  return ReplicaFileName{BlockId(*id), Generation(*generation)};
}

std::string Layout::FinalizedOuter(BlockId id) const {
  return Finalized() + "/subdir" + std::to_string((id.value() >> 16) & 0x1F);
}

std::string Layout::FinalizedFolder(BlockId id) const {
  return FinalizedOuter(id) + "/subdir" + std::to_string((id.value() >> 8) & 0x1F);
}

}  // namespace tusk::dfs::datanode
