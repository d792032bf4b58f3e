// The settings of a C program: those of Tusk, also under the names they have in Hadoop. Thread: pure functions, besides
// LoadSettings.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/config.h"

namespace tusk::dfs::capi {

using NamedValues = std::vector<std::pair<std::string, std::string>>;

// The value of "fs.defaultFS" and others is written as Tusk wants it. Nothing: a name that means nothing here.
std::optional<std::pair<std::string, std::string>> TranslateSetting(std::string_view name, std::string_view value);

// Of the file TUSK_CONF, the environment, and over both what the program says (under either name). kInvalidArgument: a value that
// cannot be used.
Result<config::Config> LoadSettings(const NamedValues& program);

// The value under either name, sizes in bytes and times in milliseconds; nothing: not known.
std::optional<std::string> SettingText(const config::Config& config, std::string_view name);

}  // namespace tusk::dfs::capi
