// A C++ program with the installed client. usage: client FILE TEXT: writes the text, reads it back, and prints its length and
// owner.
#include <iostream>

#include "common/base/try.h"
#include "dfs/client/file_system.h"
#include "dfs/protocol/settings.h"

namespace dfs = tusk::dfs;

tusk::Status Run(const std::string& path, const std::string& text) {
  tusk::config::Config::Sources sources;
  if (const char* file = std::getenv("TUSK_CONF")) sources.file = file;
  sources.allow_unknown_sections = true;
  TUSK_ASSIGN(const auto config, tusk::config::Config::Load({dfs::kDfsSettings}, sources));
  TUSK_ASSIGN(const auto options, dfs::ClientOptions::FromConfig(config));
  TUSK_ASSIGN(const auto fs, dfs::FileSystem::Connect(options));
  TUSK_TRY(dfs::WriteWholeFile(*fs, path, text, {}));
  TUSK_ASSIGN(const std::string found, dfs::ReadWholeFile(*fs, path, 1 << 20));
  if (found != text) return tusk::Corruption("wrote " + text + " and read " + found);
  TUSK_ASSIGN(const dfs::FileStatus file, fs->Stat(path));
  std::cout << file.length << ' ' << file.owner << '\n';
  return tusk::OkStatus();
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const tusk::Status status = Run(argv[1], argv[2]);
  if (!status.ok()) std::cerr << status << '\n';
  return status.ok() ? 0 : 1;
}
