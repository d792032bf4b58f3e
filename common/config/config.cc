#include "common/config/config.h"

#include <glog/logging.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <set>

#include "common/base/nearest.h"
#include "common/base/try.h"
#include "common/config/toml_file.h"
#include "common/config/value_text.h"

namespace tusk::config {
namespace {

std::string_view SectionOf(std::string_view name) { return name.substr(0, name.find('.')); }

// "dfs.block_size" -> "TUSK_DFS_BLOCK_SIZE".
std::string EnvironmentName(std::string_view name) {
  std::string variable = "TUSK_";
  for (const char c : name) variable.push_back(c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  return variable;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& known) {
  const std::optional<std::string> nearest = Nearest(word, known);
  return nearest ? "; did you mean " + *nearest + "?" : "; `tusk config` lists the settings";
}

Status WrongType(const SettingInfo& info, const TomlEntry& entry) {
  return InvalidArgument("must be " + std::string(KindPhrase(info.kind)) + ", not " + entry.type_name);
}

Result<Scalar> ScalarOfEntry(const SettingInfo& info, const TomlEntry& entry) {
  using Type = TomlEntry::Type;
  Scalar value;
  switch (info.kind) {
    case Kind::kBool:
      if (entry.type != Type::kBool) return WrongType(info, entry);
      value.boolean = entry.boolean;
      break;
    case Kind::kDouble:
      if (entry.type != Type::kReal && entry.type != Type::kInteger) return WrongType(info, entry);
      value.real = entry.type == Type::kReal ? entry.real : static_cast<double>(entry.integer);
      break;
    case Kind::kText:
      if (entry.type != Type::kString) return WrongType(info, entry);
      value.text = entry.text;
      break;
    case Kind::kBytes:
    case Kind::kMillis:
      if (entry.type == Type::kString) return ParseScalar(info, entry.text);
      [[fallthrough]];
    case Kind::kInt:
      if (entry.type != Type::kInteger) return WrongType(info, entry);
      value.integer = entry.integer;
      break;
  }
  TUSK_TRY(CheckRange(info, value));
  return value;
}

}  // namespace

Config Config::Defaults(const Schema& schema) {
  Config config;
  for (const auto& settings : schema) {
    for (const SettingInfo* info : settings) {
      const Scalar scalar = DefaultScalar(*info);
      const auto [at, inserted] = config.values_.try_emplace(std::string(info->name));
      CHECK(inserted || at->second.info == info) << "the setting " << info->name << " is declared twice";
      at->second = Value{info, scalar.boolean, scalar.integer, scalar.real, scalar.text, "default"};
    }
  }
  return config;
}

Status Config::LoadFile(const std::string& file, bool allow_unknown_sections) {
  TUSK_ASSIGN(const std::vector<TomlEntry> entries, ReadTomlFile(file));
  std::set<std::string, std::less<>> sections;
  for (const auto& [name, value] : values_) sections.insert(std::string(SectionOf(name)));
  for (const TomlEntry& entry : entries) {
    const auto found = values_.find(entry.name);
    if (found == values_.end()) {
      const std::string section(SectionOf(entry.name));
      const bool in_section = entry.section_line != 0;
      if (in_section && sections.contains(section)) {
        return InvalidArgument(file + ":" + std::to_string(entry.line) + ": unknown setting " + entry.name +
                               DidYouMean(entry.name, Names()));
      }
      if (in_section && allow_unknown_sections) continue;
      if (in_section) {
        return InvalidArgument(file + ":" + std::to_string(entry.section_line) + ": unknown section [" + section + "]" +
                               DidYouMean(section, {sections.begin(), sections.end()}));
      }
      return InvalidArgument(file + ":" + std::to_string(entry.line) + ": the setting " + entry.name +
                             " stands outside of all sections; write it below its [section]");
    }
    const std::string origin = file + ":" + std::to_string(entry.line);
    Result<Scalar> scalar = ScalarOfEntry(*found->second.info, entry);
    if (!scalar.ok()) return InvalidArgument(origin + ": " + entry.name + " " + scalar.status().message());
    found->second = Value{found->second.info, scalar->boolean, scalar->integer, scalar->real, std::move(scalar->text), origin};
  }
  return {};
}

Result<Config> Config::Load(const Schema& schema, const Sources& sources) {
  Config config = Defaults(schema);
  if (!sources.file.empty()) TUSK_TRY(config.LoadFile(sources.file, sources.allow_unknown_sections));
  if (sources.use_environment) {
    for (const std::string& name : config.Names()) {
      const std::string variable = EnvironmentName(name);
      const char* text = std::getenv(variable.c_str());
      if (text != nullptr) TUSK_TRY(config.Assign(name, text, "environment " + variable));
    }
  }
  for (const auto& [name, text] : sources.flags) TUSK_TRY(config.Set(name, text));
  return config;
}

Status Config::Set(std::string_view name, std::string_view text) { return Assign(name, text, "flag"); }

Status Config::Assign(std::string_view name, std::string_view text, const std::string& origin) {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    return InvalidArgument(origin + ": unknown setting " + std::string(name) + DidYouMean(name, Names()));
  }
  Result<Scalar> scalar = ParseScalar(*found->second.info, text);
  if (!scalar.ok()) return InvalidArgument(origin + ": " + std::string(name) + " " + scalar.status().message());
  found->second = Value{found->second.info, scalar->boolean, scalar->integer, scalar->real, std::move(scalar->text), origin};
  return {};
}

std::vector<std::string> Config::Names() const {
  std::vector<std::string> names;
  names.reserve(values_.size());
  for (const auto& [name, value] : values_) names.push_back(name);
  return names;
}

const Config::Value& Config::Find(const SettingInfo& setting) const {
  const auto found = values_.find(setting.name);
  CHECK(found != values_.end()) << "the setting " << setting.name << " is not in this program's schema";
  CHECK(found->second.info->kind == setting.kind) << "the setting " << setting.name << " is declared with two types";
  return found->second;
}

bool Config::Get(const Setting<bool>& setting) const { return Find(setting).boolean; }
int64_t Config::Get(const Setting<int64_t>& setting) const { return Find(setting).integer; }
double Config::Get(const Setting<double>& setting) const { return Find(setting).real; }
std::string Config::Get(const Setting<std::string>& setting) const { return Find(setting).text; }
uint64_t Config::Get(const Setting<Bytes>& setting) const { return static_cast<uint64_t>(Find(setting).integer); }
Millis Config::Get(const Setting<Millis>& setting) const { return Millis(Find(setting).integer); }

std::vector<Config::Shown> Config::Show() const {
  std::vector<Shown> shown;
  shown.reserve(values_.size());
  for (const auto& [name, value] : values_) {
    const Scalar scalar{value.boolean, value.integer, value.real, value.text};
    shown.push_back(Shown{name, FormatScalar(*value.info, scalar), value.origin, value.info->help});
  }
  return shown;
}

}  // namespace tusk::config
