// Holds the file system against the ledger.
//
// Thread: one at a time. Errors: kFailedPrecondition: what is there contradicts what was acknowledged; anything else: it could
// not be found out.
#pragma once

#include "dfs/client/file_system.h"
#include "tests/chaos/ledger.h"

namespace tusk::chaos {

// The stream holds these bytes (of a range: at least what is owed, and right as far as it goes).
Status CheckContent(dfs::InputStream& in, const Content& content);

// Every path of the ledger has one of its allowed states: absent, or present with the right bytes; and of each doubtful rename
// exactly one path is there. The answer names the first path that breaks this. Files that dead writers left open are closed
// first.
Status VerifyLedger(dfs::FileSystem& fs, const Ledger& ledger);

}  // namespace tusk::chaos
