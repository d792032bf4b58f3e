// A setting is declared once, beside the component that uses it, with its name, unit, default and one sentence of help:
//
//   inline constexpr Setting<Millis> kDataNodeDeadAfter{"dfs.datanode_dead_after", Millis(10'000),
//                                                       "A DataNode silent for this long is dead."};
//   inline constexpr const SettingInfo* kDfsSettings[] = {&kDataNodeDeadAfter, ...};
//
// Names are "section.key"; the TOML file has [section] key = value. Durations are written "10s", "500ms" (or whole milliseconds),
// sizes "128m" (or whole bytes).
// Thread: constants.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tusk::config {

struct Bytes {  // a size in bytes
  uint64_t value = 0;
};
using Millis = std::chrono::milliseconds;

enum class Kind { kBool, kInt, kDouble, kText, kBytes, kMillis };

struct SettingInfo {
  std::string_view name;
  Kind kind;
  std::string_view help;
  // The default, in the field of its kind.
  bool default_bool = false;
  int64_t default_int = 0;
  double default_double = 0;
  std::string_view default_text = {};
  int64_t min = INT64_MIN;  // for kInt, kBytes, kMillis
  int64_t max = INT64_MAX;
};

template <class T>
struct Setting;

template <>
struct Setting<bool> : SettingInfo {
  constexpr Setting(std::string_view n, bool d, std::string_view h) : SettingInfo{n, Kind::kBool, h, d} {}
};
template <>
struct Setting<int64_t> : SettingInfo {
  constexpr Setting(std::string_view n, int64_t d, std::string_view h, int64_t lo = INT64_MIN, int64_t hi = INT64_MAX)
      : SettingInfo{n, Kind::kInt, h, false, d, 0, {}, lo, hi} {}
};
template <>
struct Setting<double> : SettingInfo {
  constexpr Setting(std::string_view n, double d, std::string_view h) : SettingInfo{n, Kind::kDouble, h, false, 0, d} {}
};
template <>
struct Setting<std::string> : SettingInfo {
  constexpr Setting(std::string_view n, std::string_view d, std::string_view h)
      : SettingInfo{n, Kind::kText, h, false, 0, 0, d} {}
};
template <>
struct Setting<Bytes> : SettingInfo {
  constexpr Setting(std::string_view n, uint64_t d, std::string_view h, int64_t lo = 0, int64_t hi = INT64_MAX)
      : SettingInfo{n, Kind::kBytes, h, false, static_cast<int64_t>(d), 0, {}, lo, hi} {}
};
template <>
struct Setting<Millis> : SettingInfo {
  constexpr Setting(std::string_view n, Millis d, std::string_view h, int64_t lo = 0, int64_t hi = INT64_MAX)
      : SettingInfo{n, Kind::kMillis, h, false, d.count(), 0, {}, lo, hi} {}
};

}  // namespace tusk::config
