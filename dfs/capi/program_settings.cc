#include "dfs/capi/program_settings.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "dfs/protocol/settings.h"

namespace tusk::dfs::capi {
namespace {

struct HadoopName {
  std::string_view hadoop;
  const SettingInfo* setting;
};
constexpr std::array kHadoopNames{
    HadoopName{"fs.defaultFS", &kNameNodeAddress},
    HadoopName{"fs.default.name", &kNameNodeAddress},
    HadoopName{"dfs.blocksize", &kBlockSize},
    HadoopName{"dfs.block.size", &kBlockSize},
    HadoopName{"dfs.bytes-per-checksum", &kChunkBytes},
    HadoopName{"dfs.client.read.shortcircuit", &kLocalReads},
    HadoopName{"dfs.client.socket-timeout", &kDataTimeout},
    HadoopName{"fs.permissions.umask-mode", &kUmask},
};
constexpr std::string_view kScheme = "hdfs://";

const HadoopName* FindHadoopName(std::string_view name) {
  const auto* found =
      std::find_if(kHadoopNames.begin(), kHadoopNames.end(), [&](const HadoopName& e) { return e.hadoop == name; });
  return found == kHadoopNames.end() ? nullptr : found;
}

const SettingInfo* FindSetting(std::string_view name) {
  if (const HadoopName* known = FindHadoopName(name)) return known->setting;
  for (const SettingInfo* info : kDfsSettings) {
    if (info->name == name) return info;
  }
  return nullptr;
}

}  // namespace

std::optional<std::pair<std::string, std::string>> TranslateSetting(std::string_view name, std::string_view value) {
  const SettingInfo* info = FindSetting(name);
  if (info == nullptr) return std::nullopt;
  if (info == &kNameNodeAddress && value.starts_with(kScheme)) {
    value.remove_prefix(kScheme.size());
    value = value.substr(0, value.find('/'));
  }
  return std::pair(std::string(info->name), std::string(value));
}

Result<config::Config> LoadSettings(const NamedValues& program) {
  config::Config::Sources sources;
  if (const char* file = std::getenv("TUSK_CONF")) sources.file = file;
  sources.allow_unknown_sections = true;
  for (const auto& [name, value] : program) {
    if (auto setting = TranslateSetting(name, value)) sources.flags.push_back(std::move(*setting));
  }
  return config::Config::Load({kDfsSettings}, sources);
}

std::optional<std::string> SettingText(const config::Config& config, std::string_view name) {
  const SettingInfo* info = FindSetting(name);
  if (info == nullptr) return std::nullopt;
  switch (info->kind) {
    case config::Kind::kBool: return config.Get(static_cast<const Setting<bool>&>(*info)) ? "true" : "false";
    case config::Kind::kInt: return std::to_string(config.Get(static_cast<const Setting<int64_t>&>(*info)));
    case config::Kind::kDouble: return std::to_string(config.Get(static_cast<const Setting<double>&>(*info)));
    case config::Kind::kBytes: return std::to_string(config.Get(static_cast<const Setting<Bytes>&>(*info)));
    case config::Kind::kMillis: return std::to_string(config.Get(static_cast<const Setting<Millis>&>(*info)).count());
    case config::Kind::kText: {
      const std::string text = config.Get(static_cast<const Setting<std::string>&>(*info));
      return info == &kNameNodeAddress && name != info->name ? std::string(kScheme) + text : text;
    }
  }
  return std::nullopt;
}

}  // namespace tusk::dfs::capi
