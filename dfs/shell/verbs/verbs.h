// One function per verb, each in a file of its own.
#pragma once

#include "dfs/shell/verb.h"

namespace tusk::dfs::shell {

Verb AppendToFileVerb();
Verb CatVerb();
Verb ChecksumVerb();
Verb ChgrpVerb();
Verb ChmodVerb();
Verb ChownVerb();
Verb ConcatVerb();
Verb CopyFromLocalVerb();
Verb CopyToLocalVerb();
Verb CountVerb();
Verb CpVerb();
Verb DfVerb();
Verb DuVerb();
Verb FindVerb();
Verb GetVerb();
Verb GetfaclVerb();
Verb GetfattrVerb();
Verb GetmergeVerb();
Verb HeadVerb();
Verb LsVerb();
Verb MkdirVerb();
Verb MoveFromLocalVerb();
Verb MoveToLocalVerb();
Verb MvVerb();
Verb PutVerb();
Verb RmVerb();
Verb RmdirVerb();
Verb SetfaclVerb();
Verb SetfattrVerb();
Verb SetrepVerb();
Verb StatVerb();
Verb TailVerb();
Verb TestVerb();
Verb TextVerb();
Verb TouchVerb();
Verb TouchzVerb();
Verb TruncateVerb();

}  // namespace tusk::dfs::shell
