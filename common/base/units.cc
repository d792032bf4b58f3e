#include "common/base/units.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace tusk {
namespace {

struct NumberAndSuffix {
  double number = 0;
  std::string suffix;  // lower case, no spaces
};

bool Split(std::string_view text, NumberAndSuffix* out) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, out->number);
  if (error != std::errc() || !std::isfinite(out->number) || out->number < 0) return false;
  for (const char* p = rest; p != end; ++p) {
    if (*p != ' ') out->suffix.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(*p))));
  }
  return true;
}

std::string Format(const char* format, double value) {
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, value);
  return buffer.data();
}

}  // namespace

Result<uint64_t> ParseBytes(std::string_view text) {
  static constexpr std::string_view kUnits = "kmgtp";
  NumberAndSuffix parsed;
  if (!Split(text, &parsed))
    return InvalidArgument("\"" + std::string(text) + "\" is not a size; write for example 64k, 128m or 1g");
  std::string suffix = parsed.suffix;
  if (suffix.ends_with('b')) suffix.pop_back();
  if (suffix.size() == 2 && suffix[1] == 'i') suffix.pop_back();
  double factor = 1;
  if (suffix.size() == 1 && kUnits.find(suffix[0]) != std::string_view::npos) {
    factor = std::pow(1024.0, static_cast<double>(kUnits.find(suffix[0]) + 1));
  } else if (!suffix.empty()) {
    return InvalidArgument("\"" + std::string(text) + "\" has an unknown unit; use k, m, g, t or p");
  }
  const double bytes = parsed.number * factor;
  if (bytes > 9.0e18) return InvalidArgument("\"" + std::string(text) + "\" is larger than any file can be");
  return static_cast<uint64_t>(bytes);
}

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  NumberAndSuffix parsed;
  if (!Split(text, &parsed))
    return InvalidArgument("\"" + std::string(text) + "\" is not a duration; write for example 500ms, 10s or 5m");
  double factor = 0;
  if (parsed.suffix == "ms") factor = 1;
  if (parsed.suffix == "s") factor = 1000;
  if (parsed.suffix == "m" || parsed.suffix == "min") factor = 60'000;
  if (parsed.suffix == "h") factor = 3'600'000;
  if (parsed.suffix == "d") factor = 86'400'000;
  if (factor == 0) return InvalidArgument("\"" + std::string(text) + "\" has no known unit; use ms, s, m, h or d");
  const double millis = parsed.number * factor;
  if (millis > 9.0e15) return InvalidArgument("\"" + std::string(text) + "\" is too long a time");
  return std::chrono::milliseconds(static_cast<int64_t>(millis));
}

std::string FormatBytes(uint64_t bytes) {
  static constexpr std::array<const char*, 6> kUnits = {"", " K", " M", " G", " T", " P"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  if (unit == 0) return std::to_string(bytes);
  const bool whole = std::abs(value - std::round(value)) < 0.05;
  return Format(whole ? "%.0f" : "%.1f", value) + kUnits[unit];
}

std::string FormatDuration(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  if (seconds < 1e-3) return Format("%.0f us", seconds * 1e6);
  if (seconds < 1) return Format("%.0f ms", seconds * 1e3);
  if (seconds < 60) return Format("%.1f s", seconds);
  const auto whole = static_cast<int64_t>(seconds);
  std::array<char, 64> buffer{};
  if (whole < 3600) {
    std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld", static_cast<long long>(whole / 60),
                  static_cast<long long>(whole % 60));
  } else {
    std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld:%02lld", static_cast<long long>(whole / 3600),
                  static_cast<long long>(whole / 60 % 60), static_cast<long long>(whole % 60));
  }
  return buffer.data();
}

}  // namespace tusk
