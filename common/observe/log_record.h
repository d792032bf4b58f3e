// One log record as one line of text: for people, or as a JSON object.
//
//   2026-03-01T12:00:00.123456Z W datanode node3 dfs/datanode/store.cc:41] disk is slow block=17
//   {"ts":"2026-03-01T12:00:00.123456Z","level":"WARNING","component":"datanode","node":"node3","file":"dfs/datanode/store.cc",
//    "line":41,"message":"disk is slow","block":"17"}                                                          (on one line)
//
// Invariants: exactly one line, ended by a newline, whatever the message and the fields contain.
// Thread: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::observe {

struct LogRecord {
  int64_t micros = 0;      // since 1970-01-01 UTC
  std::string_view level;  // "INFO", "WARNING", "ERROR", "FATAL"
  std::string_view component;
  std::string_view node;
  std::string_view file;
  int line = 0;
  std::string_view message;
  // Of equal names the last counts. A name that the record has itself (ts, level ...) gets "field_" in front.
  std::span<const std::pair<std::string, std::string>> fields;
};

std::string FormatJsonRecord(const LogRecord& record);
std::string FormatTextRecord(const LogRecord& record);

// "2026-03-01T12:00:00.123456Z".
std::string FormatUtc(int64_t micros);

}  // namespace tusk::observe
