// The target of a request line, taken apart: path and query, percent-decoded.
//
// Thread: pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tusk::http {

struct Target {
  std::string path;
  std::multimap<std::string, std::string> query;  // equal names in the order in which they came
};

// "/a%20b?op=OPEN&x" or "http://host/a"; nullopt when it is neither, or has a broken escape or a zero byte.
std::optional<Target> ParseTarget(std::string_view text);

// nullopt on a broken escape; `plus_is_space` as forms write queries.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

// Everything but letters, digits and - . _ ~ escaped, and the bytes of `keep` ("/" in a path).
std::string PercentEncode(std::string_view text, std::string_view keep);

// The bytes < > & " ' as entities.
std::string EscapeHtml(std::string_view text);

// Whether a route's prefix covers the path: itself, and all below it; "/a" does not cover "/ab".
bool PrefixCovers(std::string_view prefix, std::string_view path);

}  // namespace tusk::http
