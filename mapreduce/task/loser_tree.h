// A tournament of losers: the smallest of k runs, found again with log2 k comparisons when one run moves on.
//
// Source: Knuth, The Art of Computer Programming 3, 5.4.1.
// Thread: one.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace tusk::mr {

// Less(a, b): run a stands before run b; must be a strict weak order in which ended runs come last.
template <class Less>
class LoserTree {
 public:
  LoserTree(size_t runs, Less less) : less_(std::move(less)), runs_(runs), losers_(runs < 1 ? 1 : runs, kNone) {
    for (size_t run = 0; run < runs_; ++run) Enter(run);
  }
  size_t winner() const { return losers_[0]; }  // only with at least one run
  // The winner's run has moved to its next record (or ended).
  void Replay() {
    size_t run = losers_[0];
    for (size_t node = (run + runs_) / 2; node > 0; node /= 2) {
      if (less_(losers_[node], run)) std::swap(losers_[node], run);
    }
    losers_[0] = run;
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);
  // A run waits at the first free node on its way up; the second to come plays.
  void Enter(size_t run) {
    for (size_t node = (run + runs_) / 2; node > 0; node /= 2) {
      if (losers_[node] == kNone) {
        losers_[node] = run;
        return;
      }
      if (less_(losers_[node], run)) std::swap(losers_[node], run);
    }
    losers_[0] = run;
  }

  Less less_;
  size_t runs_;
  std::vector<size_t> losers_;  // [0] the winner, [1 ...] inner nodes
};

}  // namespace tusk::mr
