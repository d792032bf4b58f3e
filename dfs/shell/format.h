// How the shell shows files: Hadoop's columns, formats and times, and JSON. Thread: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "dfs/protocol/types.h"

namespace tusk::dfs::shell {

// The columns of -ls whose width depends on the listing.
struct ListWidths {
  size_t replication = 3, owner = 0, group = 0, size = 10;
};
// At least what earlier lines had: columns of a long listing only grow.
ListWidths WidthsOf(std::span<const FileStatus> files, bool human, ListWidths widths = {});
struct ListStyle {
  bool human = false, access_time = false, hide_unprintable = false;
};
// "-rw-r--r--   3 ann staff       1366 2024-01-31 12:05 /a/b"
std::string ListLine(const FileStatus& file, const ListWidths& widths, const ListStyle& style);
std::string Printable(std::string_view path);  // with ? for control bytes

std::string LocalMinutes(int64_t ms);                                     // "2024-01-31 12:05", local time
std::string UtcSeconds(int64_t ms);                                       // "2024-01-31 12:05:09", UTC
std::string SizeText(uint64_t bytes, bool human);                         // "1366" or "1.3 K"
std::string FormatStat(std::string_view format, const FileStatus& file);  // %a %A %b %F %g %n %o %r %u %x %X %y %Y %%
std::string FileJson(const FileStatus& file);                             // one object

}  // namespace tusk::dfs::shell
