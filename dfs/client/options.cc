// Where a client's options come from: the configuration, and the login name.
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "common/base/try.h"
#include "dfs/client/file_system.h"
#include "dfs/protocol/settings.h"

namespace tusk::dfs {
namespace {

std::string LoginName() {
  std::array<char, 4096> memory;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, memory.data(), memory.size(), &found) == 0 && found != nullptr) return found->pw_name;
  const char* name = std::getenv("USER");
  return name != nullptr ? name : std::to_string(::geteuid());
}

}  // namespace

Result<ClientOptions> ClientOptions::FromConfig(const config::Config& config) {
  ClientOptions options;
  TUSK_ASSIGN(options.namenode, net::ParseEndpoint(config.Get(kNameNodeAddress), 8020));
  options.user = config.Get(kClientUser);
  if (options.user.empty()) options.user = LoginName();
  options.host = config.Get(kClientHost);
  options.block_size = config.Get(kBlockSize);
  options.replication = static_cast<uint16_t>(config.Get(kReplication));
  options.packet_bytes = static_cast<uint32_t>(config.Get(kPacketBytes));
  options.chunk_bytes = static_cast<uint32_t>(config.Get(kChunkBytes));
  options.window_packets = static_cast<uint32_t>(config.Get(kWriteWindowPackets));
  options.local_reads = config.Get(kLocalReads);
  options.hedged_reads = config.Get(kHedgedReads);
  options.timeout = config.Get(kClientTimeout);
  options.data_timeout = config.Get(kDataTimeout);
  options.peer_silence = config.Get(kPeerSilence);
  options.durable_close = config.Get(kDurableClose);
  options.lease_renewal = config.Get(kLeaseSoftLimit) / 3;
  return options;
}

}  // namespace tusk::dfs
