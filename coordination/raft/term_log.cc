#include "coordination/raft/term_log.h"

#include <algorithm>

namespace tusk::coordination::raft {

void TermLog::DropUpTo(LogIndex index) {
  if (index <= base_) return;
  base_term_ = TermAt(index);
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(index - base_));
  base_ = index;
}

void TermLog::Reset(LogIndex base, Term base_term) {
  slots_.clear();
  base_ = base;
  base_term_ = base_term;
}

LogIndex TermLog::LastWithTermAtMost(LogIndex index, Term term) const {
  index = std::min(index, last());
  if (index <= base_) return index;
  const auto end = slots_.begin() + static_cast<std::ptrdiff_t>(index - base_);
  const auto above =
      std::upper_bound(slots_.begin(), end, term, [](Term wanted, const Slot& slot) { return wanted < slot.term; });
  return base_ + static_cast<LogIndex>(above - slots_.begin());
}

}  // namespace tusk::coordination::raft
