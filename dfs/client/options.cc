// Where a client's options come from: the configuration, and the login name.
#include <charconv>

#include "common/base/login_name.h"
#include "common/base/try.h"
#include "dfs/client/file_system.h"
#include "dfs/protocol/settings.h"

namespace tusk::dfs {
namespace {

constexpr uint16_t kAllBits = 07777;

Result<uint16_t> ParseUmask(const std::string& text) {
  uint16_t bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits, 8);
  if (error == std::errc() && end == text.data() + text.size() && bits <= kAllBits) return bits;
  return InvalidArgument("dfs.umask is \"" + text + "\"; write octal permission bits, for example 022");
}

}  // namespace

Result<ClientOptions> ClientOptions::FromConfig(const config::Config& config) {
  ClientOptions options;
  TUSK_ASSIGN(options.namenode, net::ParseEndpoint(config.Get(kNameNodeAddress), 8020));
  options.user = config.Get(kClientUser);
  if (options.user.empty()) options.user = LoginName();
  TUSK_ASSIGN(options.umask, ParseUmask(config.Get(kUmask)));
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
