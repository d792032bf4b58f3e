#include "common/http/status_page.h"

#include <boost/json.hpp>

#include <algorithm>
#include <vector>

#include "common/http/url.h"

namespace tusk::http {
namespace {

namespace json = boost::json;

constexpr size_t kMostRows = 500;
constexpr size_t kMostColumns = 24;

// Colours are the browser's own for light and dark.
constexpr std::string_view kStyle =
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.5rem;margin-bottom:0}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;margin-top:.5rem}"
    "th,td{text-align:left;padding:.2rem 1rem .2rem 0;border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent);"
    "vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}nav "
    "a{margin-right:1rem}pre{white-space:pre-wrap}";

std::string ToText(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  return json::serialize(value);
}

// "under_replicated" reads "under replicated".
std::string Heading(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return EscapeHtml(text);
}

std::string Cell(const json::value* value) {
  if (value == nullptr || value->is_null()) return "<td></td>";
  return (value->is_number() ? "<td class=n>" : "<td>") + EscapeHtml(ToText(*value)) + "</td>";
}

bool IsTable(const json::value& value) {
  if (!value.is_array() || value.get_array().empty()) return false;
  const json::array& rows = value.get_array();
  return std::all_of(rows.begin(), rows.end(), [](const json::value& row) { return row.is_object(); });
}

std::string PairTable(const json::object& object) {
  std::string out;
  for (const auto& member : object) {
    if (IsTable(member.value())) continue;
    out += "<tr><th>" + Heading(member.key()) + "</th>" + Cell(&member.value()) + "</tr>\n";
  }
  return out.empty() ? out : "<table>\n" + out + "</table>\n";
}

std::string ListTable(std::string_view name, const json::array& rows) {
  // The columns in the order in which they first appear.
  std::vector<std::string> columns;
  for (const json::value& row : rows) {
    for (const auto& member : row.get_object()) {
      const std::string key(member.key());
      if (columns.size() < kMostColumns && std::find(columns.begin(), columns.end(), key) == columns.end())
        columns.push_back(key);
    }
  }
  std::string out = "<h2>" + Heading(name) + " (" + std::to_string(rows.size()) + ")</h2>\n<table>\n<tr>";
  for (const std::string& column : columns) out += "<th>" + Heading(column) + "</th>";
  out += "</tr>\n";
  for (size_t i = 0; i < std::min(rows.size(), kMostRows); ++i) {
    out += "<tr>";
    for (const std::string& column : columns) out += Cell(rows[i].get_object().if_contains(column));
    out += "</tr>\n";
  }
  out += "</table>\n";
  if (rows.size() > kMostRows) {
    out += "<p>The first " + std::to_string(kMostRows) + " rows; /status.json has all.</p>\n";
  }
  return out;
}

std::string Figures(const std::string& status_json) {
  boost::system::error_code error;
  const json::value status = json::parse(status_json, error);
  if (error || !status.is_object()) return "<pre>" + EscapeHtml(status_json) + "</pre>\n";
  std::string out = PairTable(status.get_object());
  for (const auto& member : status.get_object()) {
    if (IsTable(member.value())) out += ListTable(member.key(), member.value().get_array());
  }
  return out;
}

}  // namespace

std::string StatusPage(std::string_view title, const Status& ready, const std::string& status_json) {
  const std::string name = EscapeHtml(title);
  std::string page =
      "<!doctype html>\n<html lang=en>\n<head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\n";
  page += "<meta http-equiv=refresh content=5><title>" + name + "</title>\n<style>" + std::string(kStyle) + "</style></head>\n";
  page += "<body>\n<h1>" + name + "</h1>\n";
  page += ready.ok() ? "<p>Ready.</p>\n" : "<p><strong>Not ready:</strong> " + EscapeHtml(ready.message()) + "</p>\n";
  page +=
      "<nav><a href=/metrics>metrics</a><a href=/healthz>healthz</a><a href=/readyz>readyz</a>"
      "<a href=/status.json>status.json</a></nav>\n";
  page += Figures(status_json);
  return page + "</body>\n</html>\n";
}

}  // namespace tusk::http
