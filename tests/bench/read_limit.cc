// The limit of a verified read on this machine: nothing but a file, crc32c and, over the network, a loopback socket.
//
//   socket   another process sends the file by sendfile, in pieces of 1 MiB; the reader computes the crc32c of every 16 KiB
//   file     pread of 1 MiB and the same crc32c
// usage: read_limit [--megabytes N] [--dir DIR] [--runs N]
// Prints the seconds of each run, the medians as MB/s. The file is in the page cache, as it is for the DFS beside it.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "common/net/socket.h"
#include "common/storage/crc32c.h"
#include "common/storage/disk.h"

namespace tusk::bench {
namespace {

constexpr size_t kPiece = 1 << 20;
constexpr size_t kChunk = 16 << 10;

// Of what was read, so that the compiler keeps it.
uint32_t Verify(std::span<const std::byte> piece) {
  uint32_t sum = 0;
  for (size_t at = 0; at < piece.size(); at += kChunk) sum ^= storage::Crc32c(piece.subspan(at, kChunk));
  return sum;
}

Status Serve(const std::string& path, uint64_t bytes, net::Listener listener) {
  TUSK_ASSIGN(auto file, storage::Disk::Posix().Open(path, storage::OpenMode::kRead));
  TUSK_ASSIGN(net::Socket socket, listener.Accept());
  TUSK_TRY(socket.Apply({}));
  while (true) {
    std::byte wish{};
    if (!socket.ReadFully(std::span(&wish, 1)).ok()) return OkStatus();  // the reader is done
    for (uint64_t at = 0; at < bytes; at += kPiece) TUSK_TRY(socket.SendFile(file->fd(), at, kPiece));
  }
}

Status Measure(const char* what, uint64_t bytes, int runs, const std::function<Result<uint32_t>()>& read) {
  std::vector<double> seconds;
  for (int run = 0; run < runs; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    TUSK_ASSIGN(const uint32_t sum, read());
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    std::printf("%.3f s (sum %08x)\n", seconds.back(), sum);
    std::fflush(stdout);
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf("limit %s + crc32c: %.0f MB/s\n", what, static_cast<double>(bytes) / 1e6 / seconds[seconds.size() / 2]);
  return OkStatus();
}

Result<uint32_t> ReadSocket(net::Socket& socket, uint64_t bytes, std::span<std::byte> buffer) {
  const std::byte wish{1};
  TUSK_TRY(socket.WriteFully(std::span(&wish, 1)));
  uint32_t sum = 0;
  for (uint64_t at = 0; at < bytes; at += kPiece) {
    TUSK_TRY(socket.ReadFully(buffer));
    sum ^= Verify(buffer);
  }
  return sum;
}

Result<uint32_t> ReadFile(storage::File& file, uint64_t bytes, std::span<std::byte> buffer) {
  uint32_t sum = 0;
  for (uint64_t at = 0; at < bytes; at += kPiece) {
    TUSK_TRY(file.ReadAt(at, buffer).status());
    sum ^= Verify(buffer);
  }
  return sum;
}

Status MakeFile(const std::string& path, uint64_t bytes, std::span<std::byte> buffer) {
  TUSK_ASSIGN(auto file, storage::Disk::Posix().Open(path, storage::OpenMode::kCreate));
  for (uint64_t at = 0; at < bytes; at += kPiece) TUSK_TRY(file->WriteAt(at, buffer));
  return OkStatus();
}

Status Run(uint64_t bytes, const std::string& directory, int runs) {
  const std::string path = directory + "/read_limit.data";
  std::vector<std::byte> buffer(kPiece, std::byte{0x5A});
  TUSK_TRY(MakeFile(path, bytes, buffer));
  TUSK_ASSIGN(net::Listener listener, net::Listener::Listen({"127.0.0.1", 0}));
  const uint16_t port = listener.port();
  if (::fork() == 0) ::_exit(Serve(path, bytes, std::move(listener)).ok() ? 0 : 1);
  {
    TUSK_ASSIGN(net::Socket socket, net::Socket::Connect({"127.0.0.1", port}, std::chrono::seconds(5)));
    TUSK_TRY(Measure("sendfile over loopback", bytes, runs, [&] { return ReadSocket(socket, bytes, buffer); }));
  }
  ::wait(nullptr);
  TUSK_ASSIGN(auto file, storage::Disk::Posix().Open(path, storage::OpenMode::kRead));
  TUSK_TRY(Measure("pread", bytes, runs, [&] { return ReadFile(*file, bytes, buffer); }));
  return storage::Disk::Posix().Remove(path);
}

}  // namespace
}  // namespace tusk::bench

int main(int argc, char** argv) {
  uint64_t megabytes = 1024;
  int runs = 5;
  std::string directory = ".";
  CLI::App app("What a verified read can do on this machine.", "read_limit");
  app.add_option("--megabytes", megabytes, "Size of the file in MiB")->capture_default_str();
  app.add_option("--dir", directory, "Where the file is made")->capture_default_str();
  app.add_option("--runs", runs, "How many runs")->capture_default_str();
  if (const auto code = tusk::cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  const tusk::Status status = tusk::bench::Run(megabytes << 20, directory, runs);
  return status.ok() ? 0 : tusk::cli::Fail("read_limit", status);
}
