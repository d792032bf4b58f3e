// Text on its way into and out of HTTP: the request's target, JSON and HTML made of foreign bytes.
#include <glog/logging.h>

#include "common/base/json_text.h"
#include "common/http/url.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

void CheckTarget(std::string_view text) {
  const auto target = http::ParseTarget(text);
  if (!target) return;
  CHECK(target->path.starts_with('/')) << target->path;
  CHECK(target->path.find('\0') == std::string::npos);
  CHECK_LE(target->path.size(), text.size());
  size_t bytes = 0;
  for (const auto& [name, value] : target->query) {
    bytes += name.size() + value.size();
    CHECK(name.find('\0') == std::string::npos && value.find('\0') == std::string::npos);
  }
  CHECK_LE(bytes, text.size());
}

bool IsUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = Utf8SequenceLength(bytes);
    if (length == 0) return false;
    CHECK_LE(length, bytes.size());
    bytes.remove_prefix(length);
  }
  return true;
}

// What a JSON reader makes of the string; the escapes that are used are few.
std::string Unquoted(std::string_view json) {
  CHECK(json.size() >= 2 && json.front() == '"' && json.back() == '"') << json;
  std::string plain;
  for (size_t i = 1; i + 1 < json.size(); ++i) {
    CHECK(static_cast<uint8_t>(json[i]) >= 0x20 && json[i] != '"') << "a bare control character or quote";
    if (json[i] != '\\') {
      plain += json[i];
      continue;
    }
    CHECK_LT(++i, json.size() - 1);
    static constexpr std::string_view kLetters = "nrtbf", kMeant = "\n\r\t\b\f";
    if (json.substr(i, 5) == "ufffd") {
      plain += "\xEF\xBF\xBD";  // stands for a byte that is not UTF-8
      i += 4;
    } else if (json[i] == 'u') {
      CHECK(json.substr(i + 1, 2) == "00") << "only control characters are written as numbers";
      plain += static_cast<char>(std::stoi(std::string(json.substr(i + 3, 2)), nullptr, 16));
      i += 4;
    } else if (const size_t at = kLetters.find(json[i]); at != std::string_view::npos) {
      plain += kMeant[at];
    } else {
      CHECK(json[i] == '"' || json[i] == '\\' || json[i] == '/') << json[i];
      plain += json[i];
    }
  }
  return plain;
}

void CheckJson(std::string_view text) {
  const std::string json = QuoteJson(text);
  CHECK(IsUtf8(json));
  CHECK_LE(json.size(), 6 * text.size() + 2);
  const std::string plain = Unquoted(json);
  if (IsUtf8(text)) CHECK_EQ(plain, text);
}

void CheckEscapes(std::string_view text) {
  const std::string escaped = http::PercentEncode(text, "/");
  CHECK(escaped.find_first_of("?&#+ ") == std::string::npos);
  if (text.find('\0') == std::string_view::npos) CHECK_EQ(*http::PercentDecode(escaped, true), text);
}

void CheckHtml(std::string_view text) {
  const std::string html = http::EscapeHtml(text);
  CHECK(html.find_first_of("<>\"'") == std::string::npos);
  CHECK_LE(html.size(), 6 * text.size());
}

}  // namespace

std::vector<std::string> Seeds() {
  return {"/webhdfs/v1/a%20b?op=OPEN&offset=10&x", "http://127.0.0.1:9870/jobs/job_1764000000_0001?a=%2B+%41&&b==#top",
          "/status.json", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x98 \"quoted\" \\ \n\t\x01 \xED\xA0\x80 \xC0\x80 \xFF",
          "<a href=\"x\">'&amp;'</a>"};
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = tusk::fuzz::View(data, size);
  tusk::fuzz::CheckTarget(text);
  tusk::fuzz::CheckJson(text);
  tusk::fuzz::CheckEscapes(text);
  tusk::fuzz::CheckHtml(text);
  return 0;
}
