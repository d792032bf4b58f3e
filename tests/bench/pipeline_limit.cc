// The limit of a replicated write on this machine: a client and three receivers in a row, nothing but sockets, crc32c and files.
//
// Packets of 1 MiB with the crc32c of every 16 KiB; each receiver reads a packet, sends it on, verifies it, writes it into files
// of 128 MiB, and answers once at the end. Receivers are processes. What a DFS adds to this (acks, small packets, names,
// metadata) is its own cost.
//
// usage: pipeline_limit [--variant none|fresh|warm] [--sync] [--megabytes N] [--dir DIR] [--runs N]
//   none   nothing is stored                 fresh  new files         warm  the files of the run before are overwritten
// Prints the seconds of each run, one a line, the median as MB/s last.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "common/net/socket.h"
#include "common/storage/crc32c.h"
#include "common/storage/disk.h"

namespace tusk::bench {
namespace {

constexpr size_t kPacket = 1 << 20;
constexpr size_t kChunk = 16 << 10;
constexpr size_t kCrcBytes = 4 * (kPacket / kChunk);
constexpr size_t kTotal = kCrcBytes + kPacket;
constexpr uint64_t kFileBytes = 128 << 20;
constexpr int kHops = 3;

struct Plan {
  std::string variant = "none";
  bool sync = false;
  uint64_t packets = 1024;
  std::string directory = ".";
};

void Seal(std::span<std::byte> packet) {
  for (size_t i = 0; i < kPacket / kChunk; ++i) {
    const uint32_t crc = storage::Crc32c(packet.subspan(kCrcBytes + i * kChunk, kChunk));
    std::memcpy(packet.data() + 4 * i, &crc, 4);
  }
}

bool Sound(std::span<const std::byte> packet) {
  for (size_t i = 0; i < kPacket / kChunk; ++i) {
    const uint32_t crc = storage::Crc32c(packet.subspan(kCrcBytes + i * kChunk, kChunk));
    if (std::memcmp(packet.data() + 4 * i, &crc, 4) != 0) return false;
  }
  return true;
}

// One run's worth of packets from above, on to the next hop and into files; then one byte upwards.
Status ReceiveRun(const Plan& plan, int hop, net::Socket& up, net::Socket* down, std::span<std::byte> buffer) {
  std::unique_ptr<storage::File> file;
  std::vector<std::unique_ptr<storage::File>> unsynced;
  for (uint64_t n = 0; n < plan.packets; ++n) {
    TUSK_TRY(up.ReadFully(buffer));
    if (down != nullptr) TUSK_TRY(down->WriteFully(std::span<const std::byte>(buffer)));
    if (!Sound(buffer)) return Corruption("a packet does not match its checksums");
    if (plan.variant == "none") continue;
    const uint64_t at = n * kPacket % kFileBytes;
    if (at == 0) {
      const std::string path = plan.directory + "/limit" + std::to_string(hop) + "_" + std::to_string(n * kPacket / kFileBytes);
      if (file) unsynced.push_back(std::move(file));
      if (plan.variant == "fresh") storage::Disk::Posix().Remove(path).ok();
      TUSK_ASSIGN(file, storage::Disk::Posix().Open(path, storage::OpenMode::kCreate));
    }
    TUSK_TRY(file->WriteAt(at, buffer.subspan(kCrcBytes)));
    constexpr uint64_t kAhead = 8 << 20;  // begin writing early, so that the sync has little left
    if (plan.sync && (at + kPacket) % kAhead == 0) {
      (void)::sync_file_range(file->fd(), static_cast<off64_t>(at + kPacket - kAhead), kAhead, SYNC_FILE_RANGE_WRITE);
    }
    if (plan.sync && at + kPacket == kFileBytes) TUSK_TRY(file->Sync());
  }
  if (file && plan.sync) TUSK_TRY(file->Sync());
  std::byte done{1};
  if (down != nullptr) TUSK_TRY(down->ReadFully(std::span(&done, 1)));
  return up.WriteFully(std::span<const std::byte>(&done, 1));
}

Status Receive(const Plan& plan, int hop, net::Listener listener, uint16_t next_port) {
  TUSK_ASSIGN(net::Socket up, listener.Accept());
  TUSK_TRY(up.Apply({}));
  net::Socket down;
  if (next_port != 0) {
    TUSK_ASSIGN(down, net::Socket::Connect({"127.0.0.1", next_port}, std::chrono::seconds(5)));
  }
  std::vector<std::byte> buffer(kTotal);
  while (true) {
    const Status ran = ReceiveRun(plan, hop, up, down.valid() ? &down : nullptr, buffer);
    if (ran.code() == Code::kUnavailable) return OkStatus();  // the client is done
    TUSK_TRY(ran);
  }
}

Result<double> SendRun(const Plan& plan, net::Socket& first, std::span<const std::byte> source, std::span<std::byte> buffer) {
  const auto begin = std::chrono::steady_clock::now();
  for (uint64_t n = 0; n < plan.packets; ++n) {
    std::memcpy(buffer.data() + kCrcBytes, source.data() + n % 4 * kPacket, kPacket);  // as from a program's memory
    Seal(buffer);
    TUSK_TRY(first.WriteFully(std::span<const std::byte>(buffer)));
  }
  std::byte done{};
  TUSK_TRY(first.ReadFully(std::span(&done, 1)));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Status Run(const Plan& plan, int runs) {
  std::vector<net::Listener> listeners(kHops);
  for (auto& listener : listeners) {
    TUSK_ASSIGN(listener, net::Listener::Listen({"127.0.0.1", 0}));
  }
  const uint16_t first_port = listeners[0].port();
  for (int hop = 0; hop < kHops; ++hop) {
    const uint16_t next = hop + 1 < kHops ? listeners[hop + 1].port() : 0;
    if (::fork() != 0) continue;
    const Status received = Receive(plan, hop, std::move(listeners[hop]), next);
    if (!received.ok()) std::fprintf(stderr, "hop %d: %s\n", hop, received.ToString().c_str());
    ::_exit(received.ok() ? 0 : 1);
  }
  std::vector<std::byte> source(4 * kPacket, std::byte{0x5A});
  std::vector<std::byte> buffer(kTotal);
  std::vector<double> seconds;
  {
    TUSK_ASSIGN(net::Socket first, net::Socket::Connect({"127.0.0.1", first_port}, std::chrono::seconds(5)));
    for (int run = 0; run < runs; ++run) {
      TUSK_ASSIGN(const double took, SendRun(plan, first, source, buffer));
      std::printf("%.3f s\n", took);
      std::fflush(stdout);
      seconds.push_back(took);
    }
  }
  for (int hop = 0; hop < kHops; ++hop) ::wait(nullptr);
  std::sort(seconds.begin(), seconds.end());
  std::printf("limit %s%s: %.0f MB/s\n", plan.variant.c_str(), plan.sync ? " + fdatasync" : "",
              static_cast<double>(plan.packets * kPacket) / 1e6 / seconds[seconds.size() / 2]);
  return OkStatus();
}

}  // namespace
}  // namespace tusk::bench

int main(int argc, char** argv) {
  tusk::bench::Plan plan;
  uint64_t megabytes = 1024;
  int runs = 5;
  CLI::App app("What a pipeline of three receivers can do on this machine.", "pipeline_limit");
  app.add_option("--variant", plan.variant, "none, fresh or warm")->check(CLI::IsMember({"none", "fresh", "warm"}));
  app.add_flag("--sync", plan.sync, "Each receiver syncs before it answers");
  app.add_option("--megabytes", megabytes, "How much to send, in MiB")->capture_default_str();
  app.add_option("--dir", plan.directory, "Where the files are made")->capture_default_str();
  app.add_option("--runs", runs, "How many runs")->capture_default_str();
  if (const auto code = tusk::cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  plan.packets = megabytes;
  const tusk::Status status = tusk::bench::Run(plan, runs);
  return status.ok() ? 0 : tusk::cli::Fail("pipeline_limit", status);
}
