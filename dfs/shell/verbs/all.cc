#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {

std::span<const Verb> Verbs() {
  static const std::vector<Verb> verbs = {
      AppendToFileVerb(),  CatVerb(),         ChecksumVerb(), ChgrpVerb(),    ChmodVerb(), ChownVerb(), ConcatVerb(),
      CopyFromLocalVerb(), CopyToLocalVerb(), CountVerb(),    CpVerb(),       DfVerb(),    DuVerb(),    FindVerb(),
      GetVerb(),           GetfaclVerb(),     GetfattrVerb(), GetmergeVerb(), HeadVerb(),  LsVerb(),    MkdirVerb(),
      MoveFromLocalVerb(), MoveToLocalVerb(), MvVerb(),       PutVerb(),      RmVerb(),    RmdirVerb(), SetfaclVerb(),
      SetfattrVerb(),      SetrepVerb(),      StatVerb(),     TailVerb(),     TestVerb(),  TextVerb(),  TouchVerb(),
      TouchzVerb(),        TruncateVerb(),
  };
  return verbs;
}

}  // namespace tusk::dfs::shell
