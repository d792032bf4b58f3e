// A TOML configuration file as a flat list of "section.key" with lines. toml++ lies in toml_file.cc alone.
//
// Errors: kInvalidArgument with "file:line: " in front; a file that cannot be read is one too: the command line or TUSK_CONF is
// wrong. Limits: 1 MiB, 16 levels of tables. Thread: pure but for reading the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace tusk::config {

struct TomlEntry {
  enum class Type { kBool, kInteger, kReal, kString, kOther };

  std::string name;      // "dfs.block_size"
  int line = 0;          // of the value, from 1
  int section_line = 0;  // of the outermost table; 0 for a key outside of all sections
  Type type = Type::kOther;
  std::string type_name;  // "an array", for messages
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;
  std::string text;
};

// In the order of the file.
Result<std::vector<TomlEntry>> ReadTomlFile(const std::string& path);
Result<std::vector<TomlEntry>> ParseToml(std::string_view text, const std::string& path);

}  // namespace tusk::config
