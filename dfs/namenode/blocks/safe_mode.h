// Whether the NameNode is in safe mode: it answers reads, refuses mutations, and moves no replica.
//
// After a start it stays in safe mode until enough blocks have a reported replica; then it leaves by itself, once. An operator
// can enter at any time; then only an operator leaves it. Thread: namespace loop; DecideSafeMode is pure.
#pragma once

#include <cstdint>
#include <string>

namespace tusk::dfs::namenode {

struct SafeModeInput {
  bool manual = false;    // an operator entered it
  bool starting = false;  // the threshold has not been reached since the start
  uint64_t blocks = 0;    // finished blocks of the namespace
  uint64_t safe = 0;      // of these, with enough live replicas
  double threshold = 0;   // share of blocks
};
struct SafeModeDecision {
  bool on = false;
  bool threshold_reached = false;
  std::string reason;  // one sentence, when on
};
SafeModeDecision DecideSafeMode(const SafeModeInput& input);

class SafeMode {
 public:
  explicit SafeMode(double threshold) : threshold_(threshold) {}
  // To be called when blocks or replicas have changed. Cheap when the answer stays the same.
  void Update(uint64_t blocks, uint64_t safe);
  void Enter();
  void Leave();
  bool on() const { return manual_ || starting_; }
  std::string reason() const;

 private:
  const double threshold_;
  bool manual_ = false;
  bool starting_ = true;
  uint64_t blocks_ = 0;
  uint64_t safe_ = 0;
};

}  // namespace tusk::dfs::namenode
