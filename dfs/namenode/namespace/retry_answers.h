// The answers to mutations, kept so that a repeated request is answered and not executed again.
//
// An answer lives until its client says that it has arrived (ackedUpTo), or until an entry comes that is 10 minutes younger. Both
// are decided by entries alone, so replay forgets exactly what live application forgot.
//
// Invariants: the records of a client carry its highest acknowledged sequence at their time, so the youngest carries the highest;
// a
//             request at or below it is a late duplicate and is refused.
// Thread:     namespace loop.
// Recovery:   the index in memory is rebuilt from the C records of the state.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "common/base/result.h"
#include "dfs/namenode/namespace/records.h"
#include "dfs/namenode/namespace/tree.h"

namespace tusk::dfs::namenode {

class RetryAnswers {
 public:
  static constexpr int64_t kKeepMs = 10 * 60 * 1000;
  static constexpr int kForgetPerEntry = 64;  // bounds the work of one entry

  void Load(const View& view);

  // The first answer; nullopt: not seen yet. kAborted: acknowledged and forgotten.
  Result<std::optional<Answer>> Find(const View& view, ClientId client, uint64_t sequence) const;

  // Keeps an answer (sequence > 0) and forgets what the entry allows. The transaction must be committed afterwards.
  void Keep(Transaction& tx, ClientId client, uint64_t sequence, uint64_t acked_up_to, RetryRecord record);
  // For each entry, also those without identity.
  void ForgetOld(Transaction& tx, int64_t now_ms);

  size_t size() const { return by_age_size_; }
  size_t remembered() const { return by_age_.size(); }  // with names of answers that are gone: bounded by what is kept

 private:
  struct Kept {
    uint64_t sequence = 0;
    uint64_t index = 0;  // of its entry
  };
  struct Client {
    uint64_t acked = 0;
    std::deque<Kept> kept;  // by sequence: they come nearly in order, and go from the front
    std::deque<Kept>::const_iterator Find(uint64_t sequence) const;  // end(): not kept
  };
  struct Aged {
    uint64_t index;
    int64_t time_ms;
    ClientId client;
    uint64_t sequence;
  };
  void Add(ClientId client, uint64_t sequence, const RetryRecord& record);
  bool IsKept(const Aged& aged) const;
  void DropGone();
  std::unordered_map<ClientId, Client> clients_;
  std::deque<Aged> by_age_;  // may name answers that are gone already
  size_t by_age_size_ = 0;   // answers that are kept
};

}  // namespace tusk::dfs::namenode
