#include "dfs/shell/format.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "common/base/json_text.h"
#include "common/base/units.h"
#include "dfs/protocol/acl.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::shell {
namespace {

std::string Left(std::string text, size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string Right(const std::string& text, size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string ReplicationText(const FileStatus& file) { return file.is_directory ? "-" : std::to_string(file.replication); }

std::string TimeText(const char* format, int64_t ms, bool utc) {
  const auto seconds = static_cast<time_t>(ms / 1000 - (ms % 1000 < 0 ? 1 : 0));
  std::tm parts{};
  if (utc) {
    ::gmtime_r(&seconds, &parts);
  } else {
    ::localtime_r(&seconds, &parts);
  }
  std::array<char, 64> text{};
  return std::string(text.data(), std::strftime(text.data(), text.size(), format, &parts));
}

std::string Octal(uint16_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%o", mode & 07777u);
  return text.data();
}

}  // namespace

ListWidths WidthsOf(std::span<const FileStatus> files, bool human, ListWidths widths) {
  for (const FileStatus& file : files) {
    widths.replication = std::max(widths.replication, ReplicationText(file).size());
    widths.owner = std::max(widths.owner, file.owner.size());
    widths.group = std::max(widths.group, file.group.size());
    widths.size = std::max(widths.size, SizeText(file.length, human).size());
  }
  return widths;
}

std::string ListLine(const FileStatus& file, const ListWidths& widths, const ListStyle& style) {
  return ModeText(file.is_directory, file.mode) + (file.has_acl ? "+" : " ") + Right(ReplicationText(file), widths.replication) +
         " " + Left(file.owner, widths.owner) + " " + Left(file.group, widths.group) + " " +
         Right(SizeText(file.length, style.human), widths.size) + " " +
         LocalMinutes(style.access_time ? file.accessed_ms : file.modified_ms) + " " +
         (style.hide_unprintable ? Printable(file.path) : file.path);
}

std::string Printable(std::string_view path) {
  std::string text(path);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return text;
}

std::string LocalMinutes(int64_t ms) { return TimeText("%Y-%m-%d %H:%M", ms, false); }
std::string UtcSeconds(int64_t ms) { return TimeText("%Y-%m-%d %H:%M:%S", ms, true); }
std::string SizeText(uint64_t bytes, bool human) { return human ? FormatBytes(bytes) : std::to_string(bytes); }

std::string FormatStat(std::string_view format, const FileStatus& file) {
  std::string out;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    switch (format[++i]) {
      case 'a': out += Octal(file.mode); break;
      case 'A': out += ModeText(file.is_directory, file.mode); break;
      case 'b': out += std::to_string(file.length); break;
      case 'F': out += file.is_directory ? "directory" : "regular file"; break;
      case 'g': out += file.group; break;
      case 'n': out += PathName(file.path); break;
      case 'o': out += std::to_string(file.block_size); break;
      case 'r': out += std::to_string(file.replication); break;
      case 'u': out += file.owner; break;
      case 'x': out += UtcSeconds(file.accessed_ms); break;
      case 'X': out += std::to_string(file.accessed_ms); break;
      case 'y': out += UtcSeconds(file.modified_ms); break;
      case 'Y': out += std::to_string(file.modified_ms); break;
      case '%': out += '%'; break;
      default:  // unknown letters stand for themselves
        out += '%';
        out += format[i];
    }
  }
  return out;
}

std::string FileJson(const FileStatus& file) {
  std::string json = "{\"path\":" + QuoteJson(file.path);
  json += std::string(",\"type\":\"") + (file.is_directory ? "directory" : "file") + "\"";
  json += ",\"length\":" + std::to_string(file.length);
  json += ",\"replication\":" + std::to_string(file.replication);
  json += ",\"blockSize\":" + std::to_string(file.block_size);
  json += ",\"modifiedMs\":" + std::to_string(file.modified_ms);
  json += ",\"accessedMs\":" + std::to_string(file.accessed_ms);
  json += ",\"owner\":" + QuoteJson(file.owner) + ",\"group\":" + QuoteJson(file.group);
  json += ",\"mode\":\"" + Octal(file.mode) + "\"";
  json += ",\"children\":" + std::to_string(file.children);
  json += std::string(",\"underConstruction\":") + (file.under_construction ? "true" : "false") + "}";
  return json;
}

}  // namespace tusk::dfs::shell
