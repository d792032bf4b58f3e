#include "common/config/value_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "common/base/try.h"
#include "common/base/units.h"

namespace tusk::config {
namespace {

Status WrongText(const SettingInfo& info, std::string_view text) {
  return InvalidArgument("must be " + std::string(KindPhrase(info.kind)) + ", not \"" + std::string(text) + "\"");
}

template <class Number>
bool ParseWhole(std::string_view text, Number* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

Result<bool> ParseBool(const SettingInfo& info, std::string_view text) {
  std::string word(text);
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  return WrongText(info, text);
}

// What ParseBytes and ParseDuration take at most; larger values are shown as whole bytes and milliseconds, which are read as they
// are.
constexpr int64_t kLargestSize = 9'000'000'000'000'000'000;
constexpr int64_t kLongestMillis = 9'000'000'000'000'000;

// The largest unit that divides the value, so that the text reads back as the same number.
std::string FormatSize(int64_t bytes) {
  if (bytes > kLargestSize) return std::to_string(bytes);
  static constexpr std::string_view kUnits = "kmgtp";
  size_t unit = 0;
  while (bytes != 0 && bytes % 1024 == 0 && unit < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + (unit == 0 ? "" : std::string(1, kUnits[unit - 1]));
}

std::string FormatMillis(int64_t millis) {
  if (millis > kLongestMillis) return std::to_string(millis);
  if (millis % 3'600'000 == 0 && millis != 0) return std::to_string(millis / 3'600'000) + "h";
  if (millis % 60'000 == 0 && millis != 0) return std::to_string(millis / 60'000) + "m";
  if (millis % 1000 == 0) return std::to_string(millis / 1000) + "s";
  return std::to_string(millis) + "ms";
}

std::string FormatReal(double value) {
  std::array<char, 64> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc() ? std::string(buffer.data(), end) : std::string("?");
}

std::string FormatInteger(const SettingInfo& info, int64_t value) {
  if (info.kind == Kind::kBytes) return FormatSize(value);
  if (info.kind == Kind::kMillis) return FormatMillis(value);
  return std::to_string(value);
}

}  // namespace

std::string_view KindPhrase(Kind kind) {
  switch (kind) {
    case Kind::kBool: return "true or false";
    case Kind::kInt: return "a whole number";
    case Kind::kDouble: return "a number";
    case Kind::kText: return "a text";
    case Kind::kBytes: return "a size such as \"64k\" or \"128m\" (or whole bytes)";
    case Kind::kMillis: return "a duration such as \"500ms\" or \"10s\" (or whole milliseconds)";
  }
  return "a value";
}

Result<Scalar> ParseScalar(const SettingInfo& info, std::string_view text) {
  Scalar value;
  switch (info.kind) {
    case Kind::kBool: {
      TUSK_ASSIGN(value.boolean, ParseBool(info, text));
      break;
    }
    case Kind::kInt:
      if (!ParseWhole(text, &value.integer)) return WrongText(info, text);
      break;
    case Kind::kDouble:
      if (!ParseWhole(text, &value.real) || !std::isfinite(value.real)) return WrongText(info, text);
      break;
    case Kind::kText: value.text = std::string(text); break;
    case Kind::kBytes:
      // Whole numbers are read as they are: a double would round sizes past 2^53.
      if (!ParseWhole(text, &value.integer)) {
        const Result<uint64_t> bytes = ParseBytes(text);
        if (!bytes.ok()) return WrongText(info, text);
        value.integer = static_cast<int64_t>(*bytes);
      }
      break;
    case Kind::kMillis:
      if (!ParseWhole(text, &value.integer)) {
        const Result<Millis> millis = ParseDuration(text);
        if (!millis.ok()) return WrongText(info, text);
        value.integer = millis->count();
      }
      break;
  }
  TUSK_TRY(CheckRange(info, value));
  return value;
}

Status CheckRange(const SettingInfo& info, const Scalar& value) {
  if (info.kind != Kind::kInt && info.kind != Kind::kBytes && info.kind != Kind::kMillis) return {};
  if (value.integer >= info.min && value.integer <= info.max) return {};
  std::string allowed;
  if (info.max == INT64_MAX) {
    allowed = "at least " + FormatInteger(info, info.min);
  } else if (info.min == INT64_MIN) {
    allowed = "at most " + FormatInteger(info, info.max);
  } else {
    allowed = "from " + FormatInteger(info, info.min) + " to " + FormatInteger(info, info.max);
  }
  return InvalidArgument("must be " + allowed + ", not " + FormatInteger(info, value.integer));
}

Scalar DefaultScalar(const SettingInfo& info) {
  Scalar value;
  value.boolean = info.default_bool;
  value.integer = info.default_int;
  value.real = info.default_double;
  value.text = std::string(info.default_text);
  return value;
}

std::string FormatScalar(const SettingInfo& info, const Scalar& value) {
  switch (info.kind) {
    case Kind::kBool: return value.boolean ? "true" : "false";
    case Kind::kInt:
    case Kind::kBytes:
    case Kind::kMillis: return FormatInteger(info, value.integer);
    case Kind::kDouble: return FormatReal(value.real);
    case Kind::kText: return value.text;
  }
  return {};
}

}  // namespace tusk::config
