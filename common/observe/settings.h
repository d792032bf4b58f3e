// Settings of logs, for every daemon.
#pragma once

#include "common/config/setting.h"

namespace tusk::observe {

inline constexpr config::Setting<std::string> kLogFormat{"log.format", "text",
                                                         "\"text\", or \"json\" for one JSON object a line."};
inline constexpr config::Setting<std::string> kLogDirectory{"log.directory", "", "Folder of log files; empty: standard error."};

inline constexpr const config::SettingInfo* kLogSettings[] = {&kLogFormat, &kLogDirectory};

}  // namespace tusk::observe
