// The answers to mutations, kept so that a repeated request is answered and not executed again.
//
// An answer lives until its client says that it has arrived (ackedUpTo), or until an entry comes that is 10 minutes younger. Both
// are decided by entries alone, so replay forgets exactly what live application forgot.
//
// Most are acknowledged within moments. So the youngest lie here only, and come into the state (Z records) when it is flushed, or
// when there are many; one that is forgotten before costs the state nothing.
//
// Invariants: the records of a client carry its highest acknowledged sequence at their time, so the youngest carries the highest;
//             a request at or below it is a late duplicate and is refused. With a flush all answers are in the state.
// Thread:     namespace loop.
// Recovery:   rebuilt from the Z records of the state and the entries that are applied again.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "dfs/namenode/namespace/entry_arena.h"
#include "dfs/namenode/namespace/records.h"
#include "dfs/namenode/namespace/tree.h"

namespace tusk::dfs::namenode {

class RetryAnswers {
 public:
  RetryAnswers() = default;
  RetryAnswers(const RetryAnswers&) = delete;
  RetryAnswers& operator=(const RetryAnswers&) = delete;
  ~RetryAnswers();

  static constexpr int64_t kKeepMs = 10 * 60 * 1000;
  static constexpr int kForgetPerEntry = 64;    // bounds the work of one entry
  static constexpr size_t kOnlyHere = 8 << 10;  // bounds the work of a flush

  void Load(const View& view);

  // Whether this request was answered: its answer is kept, or was acknowledged and forgotten.
  bool Has(ClientId client, uint64_t sequence) const;
  // The first answer, if it is kept. kAborted: acknowledged and forgotten.
  Status Find(const View& view, ClientId client, uint64_t sequence, std::optional<Answer>& kept) const;

  // Keeps an answer (sequence > 0; `mark.acked` as the request says it) and forgets what the entry allows. The transaction must
  // be committed afterwards.
  void Keep(Transaction& tx, ClientId client, uint64_t sequence, RetryMark mark, const Answer& answer);
  // For each entry, also those without identity.
  void ForgetOld(Transaction& tx, int64_t now_ms);

  // Brings the answers that are only here into the state, as it is flushed.
  void Flush(StateStore& store);

  // All that are kept, as the state has them after a flush.
  void ForEach(const View& view, const std::function<void(std::string_view key, std::string_view record)>& visit) const;
  size_t size() const { return by_age_size_; }
  size_t remembered() const { return by_age_.size(); }  // with names of answers that are gone: bounded by what is kept

 private:
  struct Kept {
    uint64_t sequence = 0;
    uint64_t index = 0;      // of its entry
    char* record = nullptr;  // while it is only here, in arena_; nullptr: the state has it
    uint32_t record_bytes = 0;
    std::string_view here() const { return {record, record_bytes}; }
  };
  struct Client {
    uint64_t acked = 0;
    std::deque<Kept> kept;                 // by sequence: they come nearly in order, and go from the front
    size_t Find(uint64_t sequence) const;  // its place in kept; kept.size(): none
  };
  struct Aged {
    uint64_t index;
    int64_t time_ms;
    ClientId client;
    uint64_t sequence;
  };
  using Clients = boost::unordered_flat_map<ClientId, Client, std::hash<ClientId>>;
  void Add(ClientId client, uint64_t sequence, const RetryMark& mark, std::string_view record);
  void FreeRecord(Kept& kept);
  bool IsKept(const Aged& aged) const;
  void DropGone();
  // The oldest one that is only here: `put` takes it, if it is still kept.
  template <class Put>
  void TakeOldest(const Put& put);

  EntryArena arena_;
  Clients clients_;
  std::deque<Aged> by_age_;  // may name answers that are gone already
  size_t only_here_ = 0;     // so many of its last ones, with some that are gone
  size_t by_age_size_ = 0;   // answers that are kept
};

}  // namespace tusk::dfs::namenode
