// -checksum: the crc32c of a file's content, from what the DataNodes keep, or HDFS's MD5; compared with a local file, or verified
// byte by byte.
#include <array>
#include <cstdio>

#include "common/base/json_text.h"
#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "common/storage/crc32c.h"
#include "dfs/protocol/path.h"
#include "dfs/shell/local_file.h"
#include "dfs/shell/tree.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

struct Content {
  uint32_t crc32c = 0;
  uint64_t length = 0;
  void Add(std::span<const std::byte> bytes) {
    crc32c = storage::Crc32c(bytes, crc32c);
    length += bytes.size();
  }
};

std::string Hex(uint32_t crc) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%08x", crc);
  return text.data();
}

Result<Content> LocalContent(const std::string& path) {
  Content content;
  TUSK_TRY(ReadLocalFile(path, [&](std::span<const std::byte> bytes) {
    content.Add(bytes);
    return OkStatus();
  }));
  return content;
}

class Checker {
 public:
  Checker(Shell& shell, const Arguments& arguments)
      : shell_(shell),
        verify_(arguments.Has("v") || arguments.Has("verify")),
        compare_(arguments.Has("compare")),
        kind_(arguments.Has("md5") ? ChecksumKind::kHdfsMd5 : ChecksumKind::kComposite),
        json_(arguments.Has("json")) {}

  void End() {
    if (json_) shell_.out << (shown_ == 0 ? "[]\n" : "]\n");
  }

  Status One(const FileStatus& file, const std::string& local) {
    TUSK_ASSIGN(const FileChecksum checksum, shell_.fs().Checksum(file.path, kind_));
    Show(file.path, checksum);
    if (verify_) {
      Content read;
      TUSK_TRY(ReadDfsFile(shell_.fs(), file.path, [&](std::span<const std::byte> bytes) {
        read.Add(bytes);
        return OkStatus();
      }));
      if (read.crc32c != checksum.crc32c || read.length != checksum.length) {
        Differs(file.path, "its content", read, checksum);
      }
    }
    if (compare_) {
      TUSK_ASSIGN(const Content here, LocalContent(local));
      if (here.crc32c != checksum.crc32c || here.length != checksum.length) Differs(file.path, local, here, checksum);
    }
    return OkStatus();
  }

 private:
  void Show(const std::string& path, const FileChecksum& checksum) {
    const std::string bytes = kind_ == ChecksumKind::kHdfsMd5 ? checksum.hdfs : Hex(checksum.crc32c);
    if (json_) {
      shell_.out << (shown_ == 0 ? "[" : ",\n ") << "{\"path\":" << QuoteJson(path)
                 << ",\"algorithm\":" << QuoteJson(checksum.algorithm) << ",\"bytes\":\"" << bytes << "\",\"crc32c\":\""
                 << Hex(checksum.crc32c) << "\",\"length\":" << checksum.length << "}";
    } else {
      shell_.out << path << '\t' << checksum.algorithm << '\t' << bytes << '\n';
    }
    ++shown_;
  }

  void Differs(const std::string& path, const std::string& other, const Content& content, const FileChecksum& checksum) {
    shell_.err << "checksum: `" << path << "' differs: " << other << " has crc32c " << Hex(content.crc32c) << " and "
               << content.length << " bytes, the DFS " << Hex(checksum.crc32c) << " and " << checksum.length << '\n';
    shell_.SetExitCode(cli::kExitFindings);
  }
  Shell& shell_;
  const bool verify_, compare_;
  const ChecksumKind kind_;
  const bool json_;
  size_t shown_ = 0;
};

void Run(Shell& shell, const Arguments& arguments) {
  Checker checker(shell, arguments);
  const std::string local = arguments.Value("compare");
  for (const FileStatus& top : shell.Expand(arguments.words)) {
    const auto check = [&](const FileStatus& file) -> Status {
      if (file.is_directory) return OkStatus();
      const std::string here = top.is_directory ? local + file.path.substr(top.path == "/" ? 0 : top.path.size()) : local;
      if (Status status = checker.One(file, here); !status.ok()) shell.Fail(file.path, status);
      return OkStatus();
    };
    if (top.is_directory && !arguments.Has("R")) {
      shell.Fail(top.path, Status(Code::kIsADirectory, top.path), "use -R for every file below");
    } else if (Status status = top.is_directory ? WalkTree(shell.fs(), top.path, check) : check(top); !status.ok()) {
      shell.Fail(top.path, status);
    }
  }
  checker.End();
}

}  // namespace

Verb ChecksumVerb() {
  return {.name = "checksum",
          .words = "PATH ...",
          .summary = "Shows the crc32c of files' contents, from the checksums the DataNodes keep.",
          .examples =
              "  tusk dfs -checksum /data/file\n  tusk dfs -checksum --compare ./file /data/file   (4: they differ)\n"
              "  tusk dfs -checksum -R -v /data\n  tusk dfs -checksum --md5 /data/file   (to compare with HDFS)",
          .options = {{"R", "every file below directories", ""},
                      {"v", "also read every byte and verify it (4: it differs)", ""},
                      {"verify", "the same", ""},
                      {"md5", "HDFS's MD5-of-MD5-of-CRC, equal to `hadoop fs -checksum` for blocks of the same size", ""},
                      {"json", "an array of objects", ""},
                      {"compare", "compare with the local file, or with -R the local directory", "LOCAL"}},
          .min_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
