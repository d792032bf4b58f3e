// The written form of one value: text to value with its type and range checked, and back.
//
// Errors say what is wrong with the value alone ("must be ..."); the caller adds where it stands.
// Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/config/setting.h"

namespace tusk::config {

// The value in the field of its kind: integer holds kInt, kBytes (bytes) and kMillis (milliseconds).
struct Scalar {
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;
  std::string text;
};

// A flag's or an environment variable's text. Bool: true, false, yes, no, on, off, 1, 0. Sizes: "128m" or bytes. Durations: "10s"
// or milliseconds.
Result<Scalar> ParseScalar(const SettingInfo& info, std::string_view text);

Status CheckRange(const SettingInfo& info, const Scalar& value);

Scalar DefaultScalar(const SettingInfo& info);

// As ParseScalar reads it: "128m", "10s", "true".
std::string FormatScalar(const SettingInfo& info, const Scalar& value);

// "a size such as \"64k\" or \"128m\"", for messages.
std::string_view KindPhrase(Kind kind);

}  // namespace tusk::config
