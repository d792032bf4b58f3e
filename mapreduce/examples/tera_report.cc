#include <cstdio>

#include "common/base/try.h"
#include "mapreduce/examples/teravalidate.h"

namespace tusk::mr::examples {

std::string PrintableKey(std::string_view key) {
  std::string text;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

Result<int> FinishTeraValidate(dfs::FileSystem& fs, const std::string& output) {
  TUSK_ASSIGN(const std::string report, dfs::ReadWholeFile(fs, output + "/part-r-00000", 64 << 20));
  int code = 0;
  for (size_t at = 0; at < report.size();) {
    const size_t end = std::min(report.find('\n', at), report.size());
    const std::string_view line = std::string_view(report).substr(at, end - at);
    std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
    if (line.starts_with("error")) code = 1;
    at = end + 1;
  }
  return code;
}

}  // namespace tusk::mr::examples
