// What the core must know of the log: the term and size of each entry behind the last snapshot. 16 bytes an entry; the payloads
// are the driver's.
//
// Invariant: terms never fall. Thread: one.
#pragma once

#include <deque>

#include "coordination/raft/types.h"

namespace tusk::coordination::raft {

class TermLog {
 public:
  TermLog(LogIndex base, Term base_term) : base_(base), base_term_(base_term) {}

  LogIndex base() const { return base_; }  // the last entry that may be gone
  LogIndex last() const { return base_ + slots_.size(); }
  Term last_term() const { return slots_.empty() ? base_term_ : slots_.back().term; }
  bool Has(LogIndex index) const { return index >= base_ && index <= last(); }  // its term is known
  Term TermAt(LogIndex index) const { return index == base_ ? base_term_ : slots_[index - base_ - 1].term; }
  size_t BytesAt(LogIndex index) const { return slots_[index - base_ - 1].bytes; }

  void Append(Term term, size_t bytes) { slots_.push_back({term, bytes}); }
  void TruncateFrom(LogIndex from) { slots_.resize(from - base_ - 1); }
  void DropUpTo(LogIndex index);  // becomes the base
  void Reset(LogIndex base, Term base_term);
  // The largest index up to `index` whose entry has at most this term; base() when there is none behind it.
  LogIndex LastWithTermAtMost(LogIndex index, Term term) const;

 private:
  struct Slot {
    Term term = 0;
    size_t bytes = 0;
  };
  LogIndex base_;
  Term base_term_;
  std::deque<Slot> slots_;
};

}  // namespace tusk::coordination::raft
