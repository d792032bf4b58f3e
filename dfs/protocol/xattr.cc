#include "dfs/protocol/xattr.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/hex.hpp>

namespace tusk::dfs {
namespace {

constexpr std::array<std::string_view, 5> kNamespaces = {"user", "trusted", "security", "system", "raw"};

std::string ToBase64(const std::string& value) {
  std::string text((value.size() + 2) / 3 * 4 + 1, '\0');  // and the NUL that OpenSSL adds
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

Result<std::string> FromBase64(std::string_view text) {
  std::string value(text.size() / 4 * 3, '\0');
  const bool padded_inside = text.find('=') < text.size() - std::min<size_t>(text.size(), 2);
  const int size = padded_inside || text.size() % 4 != 0 || text.size() > 4 * kMostXattrBytes
                       ? -1
                       : EVP_DecodeBlock(reinterpret_cast<unsigned char*>(value.data()),
                                         reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return InvalidArgument("\"0s" + std::string(text.substr(0, 80)) + "\" is not base64");
  value.resize(static_cast<size_t>(size) - static_cast<size_t>(text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0));
  return value;
}

Result<std::string> FromHex(std::string_view text) {
  std::string value;
  try {
    boost::algorithm::unhex(text.begin(), text.end(), std::back_inserter(value));
  } catch (const boost::algorithm::hex_decode_error&) {
    return InvalidArgument("\"0x" + std::string(text.substr(0, 80)) + "\" is not hexadecimal: write an even number of digits");
  }
  return value;
}

}  // namespace

Status CheckXattrName(std::string_view name) {
  const size_t dot = name.find('.');
  const std::string_view space = name.substr(0, dot);
  if (dot == std::string_view::npos || std::find(kNamespaces.begin(), kNamespaces.end(), space) == kNamespaces.end()) {
    return InvalidArgument("An XAttr name must be prefixed with user/trusted/security/system/raw, followed by a '.': \"" +
                           std::string(name.substr(0, 80)) + "\"");
  }
  if (dot + 1 == name.size()) return InvalidArgument("XAttr name cannot be empty: \"" + std::string(name) + "\"");
  return OkStatus();
}

bool IsUserXattr(std::string_view name) { return name.starts_with("user."); }

Result<XattrCodec> ParseXattrCodec(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower == "text") return XattrCodec::kText;
  if (lower == "hex") return XattrCodec::kHex;
  if (lower == "base64") return XattrCodec::kBase64;
  return InvalidArgument("\"" + std::string(name) + "\" is no encoding; write text, hex or base64");
}

std::string ToText(const std::string& value, XattrCodec codec) {
  switch (codec) {
    case XattrCodec::kText: return "\"" + value + "\"";
    case XattrCodec::kHex: {
      std::string text = "0x";
      boost::algorithm::hex_lower(value.begin(), value.end(), std::back_inserter(text));
      return text;
    }
    case XattrCodec::kBase64: return "0s" + ToBase64(value);
  }
  return "";
}

Result<std::string> ParseXattrValue(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return std::string(text.substr(1, text.size() - 2));
  const std::string_view head = text.substr(0, 2);
  if (head == "0x" || head == "0X") return FromHex(text.substr(2));
  if (head == "0s" || head == "0S") return FromBase64(text.substr(2));
  return std::string(text);
}

}  // namespace tusk::dfs
