#include "common/config/toml_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <toml++/toml.h>

#include "common/base/try.h"

namespace tusk::config {
namespace {

constexpr size_t kLargestFile = 1 << 20;
constexpr int kDeepestTable = 16;
// Each dot of a key is a table in a table for toml++, which frees them by recursion: at 30,000 the stack is full.
constexpr std::ptrdiff_t kMostDots = 10'000;

Status Unreadable(const std::string& path, std::string_view why) {
  return InvalidArgument("cannot read the configuration file " + path + ": " + std::string(why) + "; check --conf and TUSK_CONF");
}

Result<std::string> ReadText(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Unreadable(path, std::strerror(errno));
  std::string text;
  std::array<char, 16384> buffer{};
  Status status;
  while (status.ok()) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status = Unreadable(path, std::strerror(errno));
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(got));
    if (text.size() > kLargestFile) status = Unreadable(path, "it is larger than 1 MiB");
  }
  close(fd);
  TUSK_TRY(status);
  return text;
}

std::string TypeName(toml::node_type type) {
  switch (type) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    case toml::node_type::date: return "a date";
    case toml::node_type::time: return "a time of day";
    case toml::node_type::date_time: return "a date and time";
    case toml::node_type::none: break;
  }
  return "nothing";
}

int LineOf(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

TomlEntry Leaf(std::string name, const toml::node& node, int section_line) {
  TomlEntry entry;
  entry.name = std::move(name);
  entry.line = LineOf(node);
  entry.section_line = section_line;
  entry.type_name = TypeName(node.type());
  if (const auto* boolean = node.as_boolean()) {
    entry.type = TomlEntry::Type::kBool;
    entry.boolean = boolean->get();
  } else if (const auto* integer = node.as_integer()) {
    entry.type = TomlEntry::Type::kInteger;
    entry.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    entry.type = TomlEntry::Type::kReal;
    entry.real = real->get();
  } else if (const auto* text = node.as_string()) {
    entry.type = TomlEntry::Type::kString;
    entry.text = text->get();
  }
  return entry;
}

Status Flatten(const toml::table& table, const std::string& prefix, int section_line, int depth, const std::string& path,
               std::vector<TomlEntry>* out) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    const int line = LineOf(node);
    const toml::table* inner = node.as_table();
    if (inner == nullptr) {
      out->push_back(Leaf(name, node, section_line));
    } else if (depth == kDeepestTable) {
      return InvalidArgument(path + ":" + std::to_string(line) + ": tables are nested too deeply; use [section] and key = value");
    } else {
      TUSK_TRY(Flatten(*inner, name + ".", section_line == 0 ? line : section_line, depth + 1, path, out));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<TomlEntry>> ParseToml(std::string_view text, const std::string& path) {
  if (std::count(text.begin(), text.end(), '.') > kMostDots) {
    return InvalidArgument(path + ": more than " + std::to_string(kMostDots) +
                           " dots: this is no configuration file; use [section] and key = value");
  }
  std::vector<TomlEntry> entries;
  try {
    const toml::table table = toml::parse(text);
    TUSK_TRY(Flatten(table, "", 0, 0, path, &entries));
  } catch (const toml::parse_error& error) {
    return InvalidArgument(path + ":" + std::to_string(error.source().begin.line) +
                           ": not valid TOML: " + std::string(error.description()));
  }
  // toml++ sorts by key; people read from the top.
  std::stable_sort(entries.begin(), entries.end(), [](const TomlEntry& a, const TomlEntry& b) { return a.line < b.line; });
  return entries;
}

Result<std::vector<TomlEntry>> ReadTomlFile(const std::string& path) {
  TUSK_ASSIGN(const std::string text, ReadText(path));
  return ParseToml(text, path);
}

}  // namespace tusk::config
