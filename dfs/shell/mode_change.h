// What -chmod is given: "755", "1777", "u+rwx,g-w,o=", "a+X".
//
// Source: chmod(1) of POSIX.1-2017, the part that Hadoop's shell knows: who is u g o a, permissions are r w x X t. Thread: pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace tusk::dfs::shell {

class ModeChange {
 public:
  // kInvalidArgument with what to write.
  static Result<ModeChange> Parse(std::string_view text);
  uint16_t Of(uint16_t mode, bool is_directory) const;

 private:
  struct Clause {
    char action = '=';                   // + - =
    uint16_t who = 0;                    // bits of 0777 that it is about
    uint16_t bits = 0;                   // of 01777, for everybody
    bool execute_if_executable = false;  // X: x for directories and for what somebody may execute
  };
  static Result<Clause> ParseClause(std::string_view text, std::string_view whole);
  std::vector<Clause> clauses_;
};

}  // namespace tusk::dfs::shell
