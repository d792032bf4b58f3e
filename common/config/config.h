// The values of a process's settings: flag (`--set section.key=value`) over environment (TUSK_SECTION_KEY) over file (TOML) over
// default.
//
// Errors: an unknown key, a wrong type or a value out of range is kInvalidArgument and names the file, the line, the key, and the
//         nearest known key; so is a file that cannot be read or parsed. Whole sections that this program does not know are
//         allowed only with allow_unknown_sections (job binaries read the cluster's file).
// Thread: immutable after Load; share freely.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/config/setting.h"

namespace tusk::config {

class Config {
 public:
  struct Sources {
    std::string file = {};                                        // empty: none
    std::vector<std::pair<std::string, std::string>> flags = {};  // name, text
    bool use_environment = true;
    bool allow_unknown_sections = false;
  };
  using Schema = std::vector<std::span<const SettingInfo* const>>;

  static Result<Config> Load(const Schema& schema, const Sources& sources);
  // All defaults, for tests; then Set.
  static Config Defaults(const Schema& schema);
  Status Set(std::string_view name, std::string_view text);  // parses and checks as a flag

  // A setting that is not in the schema is a bug: CHECK.
  bool Get(const Setting<bool>& setting) const;
  int64_t Get(const Setting<int64_t>& setting) const;
  double Get(const Setting<double>& setting) const;
  std::string Get(const Setting<std::string>& setting) const;
  uint64_t Get(const Setting<Bytes>& setting) const;
  Millis Get(const Setting<Millis>& setting) const;

  struct Shown {
    std::string name, value, origin;  // origin: "default", "file:line", "environment TUSK_...", "flag"
    std::string_view help;
  };
  std::vector<Shown> Show() const;  // sorted by name

 private:
  struct Value {
    const SettingInfo* info = nullptr;
    bool boolean = false;
    int64_t integer = 0;
    double real = 0;
    std::string text;
    std::string origin = "default";
  };
  const Value& Find(const SettingInfo& setting) const;
  std::vector<std::string> Names() const;
  Status LoadFile(const std::string& file, bool allow_unknown_sections);
  Status Assign(std::string_view name, std::string_view text, const std::string& origin);
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace tusk::config
