// Whether a data folder still works: its identity is there and this node's, and a small file can be written, synced and removed.
//
// A full disk works. Anything else is kIoError or what the disk said. Thread: any; blocks, for as long as a broken disk does.
#pragma once

#include "common/base/clock.h"
#include "dfs/datanode/store/folder_identity.h"

namespace tusk::dfs::datanode {

// How long writing and syncing took.
Result<Duration> ProbeFolder(storage::Disk& disk, const Layout& layout, DataNodeId node);

}  // namespace tusk::dfs::datanode
