#include "common/base/json_text.h"

#include <cstdint>

namespace tusk {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

void AppendEscaped(unsigned char c, std::string* out) {
  switch (c) {
    case '"': out->append("\\\""); return;
    case '\\': out->append("\\\\"); return;
    case '\n': out->append("\\n"); return;
    case '\r': out->append("\\r"); return;
    case '\t': out->append("\\t"); return;
    default: break;
  }
  if (c < 0x20 || c == 0x7f) {
    out->append("\\u00");
    out->push_back(kHexDigits[c >> 4]);
    out->push_back(kHexDigits[c & 15]);
  } else {
    out->push_back(static_cast<char>(c));
  }
}

}  // namespace

size_t Utf8SequenceLength(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint8_t first = at(0);
  if (first < 0x80) return 1;
  // The second byte's range excludes overlong forms (e0, f0), surrogates (ed) and code points past U+10FFFF (f4).
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  size_t length = 0;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  if (bytes.size() < length || at(1) < low || at(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (at(i) < 0x80 || at(i) > 0xbf) return 0;
  }
  return length;
}

void AppendQuotedJson(std::string_view bytes, std::string* out) {
  out->push_back('"');
  while (!bytes.empty()) {
    const size_t length = Utf8SequenceLength(bytes);
    if (length == 0) {
      out->append("\\ufffd");
      bytes.remove_prefix(1);
    } else if (length == 1) {
      AppendEscaped(static_cast<unsigned char>(bytes[0]), out);
      bytes.remove_prefix(1);
    } else {
      out->append(bytes.substr(0, length));
      bytes.remove_prefix(length);
    }
  }
  out->push_back('"');
}

std::string QuoteJson(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + 2);
  AppendQuotedJson(bytes, &out);
  return out;
}

}  // namespace tusk
