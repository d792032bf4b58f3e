// The keys the NameNode signs block tokens with.
//
// A key is handed out one interval before it signs, signs for one interval, and is valid for two intervals from then on: a token
// lives for one interval, and every DataNode that heartbeats knows the key of each token it is shown.
// Recovery: none is kept; a restarted NameNode makes new ones (DataNodes keep the old ones until they expire).
// Thread: namespace loop.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "dfs/protocol/block_token.h"
#include "dfs/protocol/datanode.capnp.h"

namespace tusk::dfs::namenode {

class TokenKeys {
 public:
  TokenKeys(const Clock& clock, std::chrono::milliseconds interval);

  std::string Mint(BlockId block, uint8_t modes, std::string_view user);
  uint32_t newest();                   // id of the key that signs next
  std::vector<dfs::BlockKey> valid();  // oldest first

  void Fill(capnp::List<wire::BlockKey>::Builder out);  // of valid().size() entries

 private:
  struct Key {
    dfs::BlockKey key;
    int64_t signs_from_ms = 0;
  };
  void Rotate(int64_t now);
  void Add(int64_t signs_from);

  const Clock& clock_;
  const int64_t interval_ms_;
  uint32_t next_id_;
  std::vector<Key> keys_;  // oldest first; the last does not sign yet
};

}  // namespace tusk::dfs::namenode
