// Configuration: the TOML file, the text of one value, sizes and durations.
#include <glog/logging.h>

#include "common/base/units.h"
#include "common/config/config.h"
#include "common/config/toml_file.h"
#include "common/config/value_text.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using config::Kind;
using config::Setting;

constexpr Setting<bool> kBool{"fuzz.flag", true, "A flag."};
constexpr Setting<int64_t> kInt{"fuzz.count", 3, "A number.", -5, 1'000'000};
constexpr Setting<double> kDouble{"fuzz.ratio", 0.5, "A ratio."};
constexpr Setting<std::string> kText{"fuzz.name", "x", "A text."};
constexpr Setting<config::Bytes> kBytes{"fuzz.size", 128 << 20, "A size."};
constexpr Setting<config::Millis> kMillis{"fuzz.time", config::Millis(1000), "A time."};
constexpr const config::SettingInfo* kSettings[] = {&kBool, &kInt, &kDouble, &kText, &kBytes, &kMillis};

bool Same(const config::Scalar& a, const config::Scalar& b) {
  return a.boolean == b.boolean && a.integer == b.integer && a.real == b.real && a.text == b.text;
}

void CheckValue(std::string_view text) {
  static config::Config config = config::Config::Defaults({kSettings});
  for (const auto* info : kSettings) {
    const auto value = config::ParseScalar(*info, text);
    CHECK(config.Set(info->name, text).ok() == value.ok());
    if (!value.ok()) continue;
    CHECK(config::CheckRange(*info, *value).ok()) << text;
    const std::string shown = config::FormatScalar(*info, *value);
    const auto again = config::ParseScalar(*info, shown);
    CHECK(again.ok()) << text << " is shown as " << shown << ": " << again.status();
    CHECK(Same(*again, *value)) << text << " is shown as " << shown;
  }
}

void CheckUnits(std::string_view text) {
  if (const auto bytes = ParseBytes(text); bytes.ok() && *bytes < 8'000'000'000'000'000'000) {
    const auto again = ParseBytes(FormatBytes(*bytes));
    CHECK(again.ok()) << FormatBytes(*bytes);
    const double ratio = static_cast<double>(*again) / static_cast<double>(std::max<uint64_t>(*bytes, 1));
    CHECK(*again == *bytes || (ratio > 0.95 && ratio < 1.05)) << text << " " << FormatBytes(*bytes);
  }
  if (const auto time = ParseDuration(text); time.ok()) {
    CHECK_GE(time->count(), 0);
    if (time->count() < 9'000'000'000'000) CHECK(!FormatDuration(*time).empty());
  }
}

void CheckToml(std::string_view text) {
  const auto entries = config::ParseToml(text, "fuzz.toml");
  if (!entries.ok()) {
    CHECK(entries.status().code() == Code::kInvalidArgument) << entries.status();
    return;
  }
  CHECK_LE(entries->size(), text.size());
  const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
  for (const auto& entry : *entries) {
    CHECK_GE(entry.line, 1);
    CHECK_LE(entry.line, lines);
    CHECK_LE(entry.text.size(), text.size());
    CheckValue(entry.text);
  }
}

}  // namespace

std::vector<std::string> Seeds() {
  return {
      "[fuzz]\nflag = true\ncount = 12\nratio = 0.25\nname = \"data\"\nsize = \"128m\"\ntime = \"10s\"\n",
      "# a comment\n[dfs]\nblock_size = \"64m\"\nreplication = 3\n\n[mapreduce]\nsort_bytes = 104857600\n",
      "[a.b]\nc.d = 1\ne = { f = [1, 2, 3], g = \"\\u00e9\" }\nh = 1979-05-27T07:32:00Z\ni = '''\nlong\n'''\n[[x]]\ny = 0xff\n",
      "true",
      "off",
      "4096",
      "-17",
      "1.5e3",
      "128m",
      "64 KiB",
      "1.5g",
      "500ms",
      "10s",
      "2h",
      "1d",
      "9007199254740993",
      "8191p",
  };
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = tusk::fuzz::View(data, size);
  tusk::fuzz::CheckToml(text);
  tusk::fuzz::CheckValue(text);
  tusk::fuzz::CheckUnits(text);
  return 0;
}
