#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {

std::span<const Verb> Verbs() {
  static const std::vector<Verb> verbs = {
      AppendToFileVerb(), TruncateVerb(), ConcatVerb(), CatVerb(),    ChecksumVerb(), CopyFromLocalVerb(),
      CopyToLocalVerb(),  CountVerb(),    CpVerb(),     DuVerb(),     GetVerb(),      LsVerb(),
      MkdirVerb(),        MvVerb(),       PutVerb(),    RmVerb(),     SetrepVerb(),   StatVerb(),
      TailVerb(),         TestVerb(),     TextVerb(),   TouchzVerb(),
  };
  return verbs;
}

}  // namespace tusk::dfs::shell
