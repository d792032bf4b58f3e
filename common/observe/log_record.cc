#include "common/observe/log_record.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "common/base/json_text.h"

namespace tusk::observe {
namespace {

constexpr std::array<std::string_view, 7> kOwnNames = {"ts", "level", "component", "node", "file", "line", "message"};

void AppendMember(std::string_view name, std::string_view value, std::string* out) {
  out->push_back(',');
  AppendQuotedJson(name, out);
  out->push_back(':');
  AppendQuotedJson(value, out);
}

// Line breaks and other control characters would split a record or reprogram a terminal.
void AppendPrintable(std::string_view bytes, std::string* out) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out->append("\\n");
    } else if ((byte < 0x20 && c != '\t') || byte == 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x", byte);
      out->append(escaped.data());
    } else {
      out->push_back(c);
    }
  }
}

}  // namespace

std::string FormatUtc(int64_t micros) {
  int64_t seconds = micros / 1'000'000;
  int64_t fraction = micros % 1'000'000;
  if (fraction < 0) {
    fraction += 1'000'000;
    --seconds;
  }
  const time_t whole = seconds;
  std::tm parts{};
  gmtime_r(&whole, &parts);
  std::array<char, 64> date{};
  const size_t length = std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 16> tail{};
  std::snprintf(tail.data(), tail.size(), ".%06dZ", static_cast<int>(fraction));
  return std::string(date.data(), length) + tail.data();
}

std::string FormatJsonRecord(const LogRecord& record) {
  std::string out;
  out.reserve(160 + record.message.size());
  out.append("{\"ts\":\"").append(FormatUtc(record.micros)).push_back('"');
  AppendMember("level", record.level, &out);
  AppendMember("component", record.component, &out);
  AppendMember("node", record.node, &out);
  AppendMember("file", record.file, &out);
  out.append(",\"line\":").append(std::to_string(record.line));
  AppendMember("message", record.message, &out);
  for (size_t i = 0; i < record.fields.size(); ++i) {
    const auto& [name, value] = record.fields[i];
    bool repeated = false;
    for (const auto& later : record.fields.subspan(i + 1)) repeated = repeated || later.first == name;
    if (repeated) continue;
    const bool own = std::find(kOwnNames.begin(), kOwnNames.end(), name) != kOwnNames.end();
    AppendMember(own ? "field_" + name : name, value, &out);
  }
  out.append("}\n");
  return out;
}

std::string FormatTextRecord(const LogRecord& record) {
  std::string out = FormatUtc(record.micros);
  out.reserve(out.size() + 96 + record.message.size());
  out.append(" ").append(record.level.substr(0, 1));
  if (!record.component.empty()) AppendPrintable(" " + std::string(record.component), &out);
  if (!record.node.empty() && record.node != record.component) AppendPrintable(" " + std::string(record.node), &out);
  AppendPrintable(" " + std::string(record.file) + ":" + std::to_string(record.line) + "] ", &out);
  AppendPrintable(record.message, &out);
  for (size_t i = 0; i < record.fields.size(); ++i) {
    bool repeated = false;
    for (const auto& later : record.fields.subspan(i + 1)) repeated = repeated || later.first == record.fields[i].first;
    if (!repeated) AppendPrintable(" " + record.fields[i].first + "=" + record.fields[i].second, &out);
  }
  out.push_back('\n');
  return out;
}

}  // namespace tusk::observe
