// What people and files give the shells: patterns, formats, compressed bytes, logs over HTTP.
#include <glog/logging.h>

#include "dfs/protocol/acl.h"
#include "dfs/shell/decompress.h"
#include "dfs/shell/format.h"
#include "dfs/shell/glob.h"
#include "dfs/shell/mode_change.h"
#include "mapreduce/client/http_get.h"
#include "mapreduce/io/glob.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

// The first line is a pattern, the rest a name.
void CheckGlob(std::string_view text) {
  const size_t cut = std::min(text.find('\n'), text.size());
  const std::string_view pattern = text.substr(0, cut), name = Part(text, cut + 1, text.size());
  const bool shell = dfs::shell::GlobMatches(pattern, name), job = mr::MatchesGlob(pattern, name);
  if (!dfs::shell::HasGlob(pattern) && !mr::IsGlob(pattern)) {
    CHECK_EQ(shell, pattern == name);
    CHECK_EQ(job, pattern == name);
  }
  // A name whose special bytes are escaped matches itself and nothing else.
  std::string escaped;
  for (const char c : name) escaped.append(1, '\\').append(1, c);
  CHECK(dfs::shell::GlobMatches(escaped, name) && mr::MatchesGlob(escaped, name)) << name;
  CHECK(!dfs::shell::GlobMatches(escaped, std::string(name) + "x"));
  CHECK(dfs::shell::GlobMatches("*", name) && mr::MatchesGlob("*", name));

  const auto alternatives = dfs::shell::ExpandBraces(pattern);
  if (alternatives.ok()) {
    CHECK(!alternatives->empty() && alternatives->size() <= 1024);
    for (const std::string& one : *alternatives) CHECK_LE(one.size(), pattern.size());
  }
  const auto of_job = mr::ExpandBraces(pattern);
  CHECK(!of_job.empty());
  for (const std::string& one : of_job) CHECK_LE(one.size(), pattern.size());
}

void CheckMode(std::string_view text) {
  const auto change = dfs::shell::ModeChange::Parse(text);
  if (!change.ok()) return;
  for (const uint16_t mode : {0, 0644, 01777}) CHECK_LE(change->Of(mode, mode != 0644), 01777) << text;
}

void CheckFormat(std::string_view text) {
  dfs::FileStatus file;
  file.path = "/a/b";
  file.owner = "ann";
  file.group = "staff";
  file.length = GetAt<uint64_t>(text, 0);
  file.modified_ms = GetAt<int64_t>(text, 8);
  file.accessed_ms = GetAt<int64_t>(text, 16);
  file.mode = GetAt<uint16_t>(text, 24);
  file.is_directory = (GetAt<uint8_t>(text, 26) & 1) != 0;
  const std::string shown = dfs::shell::FormatStat(text, file);
  CHECK_LE(shown.size(), 64 * text.size());
  const auto widths = dfs::shell::WidthsOf(std::span(&file, 1), false);
  CHECK(!dfs::shell::ListLine(file, widths, {}).empty() && !dfs::shell::ListLine(file, widths, {.human = true}).empty());
  CHECK_EQ(dfs::ModeText(file.is_directory, file.mode).size(), 10u);
  CHECK(!dfs::shell::FileJson(file).empty());
}

Result<std::string> Decompressed(std::string_view bytes, size_t piece) {
  std::string out;
  dfs::shell::Decompressor decompressor([&](std::span<const std::byte> more) {
    out += Text(more);
    return out.size() > (4 << 20) ? ResourceExhausted("enough") : OkStatus();
  });
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    if (Status status = decompressor.Write(Bytes(bytes.substr(0, piece))); !status.ok()) return status;
  }
  if (Status status = decompressor.Finish(); !status.ok()) return status;
  return out;
}

void CheckDecompressor(std::string_view bytes) {
  const auto whole = Decompressed(bytes, SIZE_MAX), pieces = Decompressed(bytes, 7);
  CHECK_EQ(whole.ok(), pieces.ok()) << whole.status() << " or " << pieces.status();
  if (whole.ok()) CHECK_EQ(*whole, *pieces) << "the bytes depend on how they arrive";
}

void CheckHttp(std::string_view bytes) {
  const auto answer = mr::ParseHttpAnswer(bytes);
  if (answer.ok()) CHECK_LE(answer->body.size(), bytes.size());
}

}  // namespace

std::vector<std::string> Seeds() {
  static constexpr char kGzip[] =  // "tusk\n"
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x2b\x29\x2d\xce\xe6\x02\x00\xc7\x6c\xfa\xa6\x05\x00\x00\x00";
  const std::string gzip(kGzip, sizeof(kGzip) - 1);
  CHECK(Decompressed(gzip, 1).ok());
  return {"/logs/2024-*/part-[0-9a-f]?.{gz,zst}\n/logs/2024-01/part-0a.gz",
          "{a,b{c,d}}{e,f}\\{[^x-z]*\nace{a",
          "*a*b*c*d\naaaaaaaaaaaabbbbbbbbbbbcccccccccccddddddddddde",
          "u=rwx,g-w,o=,+X,a+t",
          "%a %A %b %F %g %n %o %r %u %x %X %y %Y %% %",
          std::string(8, '\x7f') + std::string(8, '\x7f') + std::string(8, '\0') + "\xff\x03\x01%x%y",
          gzip,
          gzip + gzip,
          std::string("\x28\xb5\x2f\xfd\x04\x00\x29\x00\x00tusk\n\x00\x00\x00\x00", 18),
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntusk\n",
          "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ntusk\n\r\n3\r\nabc\r\n0\r\n\r\n"};
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk::fuzz;
  const std::string_view text = View(data, size);
  CheckGlob(text.substr(0, 1024));
  CheckMode(text);
  CheckFormat(text.substr(0, 1024));
  CheckDecompressor(text.substr(0, 4096));
  CheckHttp(text);
  return 0;
}
