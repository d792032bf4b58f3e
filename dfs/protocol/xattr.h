// Extended attributes of files and directories: values under names in a few namespaces, as HDFS has them.
//
// user.: whoever may read or write the file. trusted., system., raw., security.: the superuser only; to others they are not
// there. Thread: pure functions and values.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace tusk::dfs {

inline constexpr size_t kMostXattrs = 32;            // of a file
inline constexpr size_t kMostXattrBytes = 16 << 10;  // name and value together

struct Xattr {
  std::string name;   // with its namespace: "user.colour"
  std::string value;  // bytes
  bool operator==(const Xattr&) const = default;
};

enum class XattrWrite : uint8_t { kAny = 0, kCreate = 1, kReplace = 2 };  // kCreate: it must be new; kReplace: it must exist

// kInvalidArgument, in HDFS's words: no namespace, or nothing after it.
Status CheckXattrName(std::string_view name);
bool IsUserXattr(std::string_view name);

// Values as people write them: "text" in quotes or not, 0x and hexadecimal, 0s and base64.
enum class XattrCodec { kText, kHex, kBase64 };
Result<XattrCodec> ParseXattrCodec(std::string_view name);  // "text", "hex", "base64"; kInvalidArgument
std::string ToText(const std::string& value, XattrCodec codec);
Result<std::string> ParseXattrValue(std::string_view text);  // kInvalidArgument

}  // namespace tusk::dfs
