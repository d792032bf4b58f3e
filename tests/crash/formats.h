// The on-disk formats whose crash states are explored. Thread: any.
#pragma once

#include <vector>

#include "tests/crash/explorer.h"

namespace tusk::crash {

Format LogFormat();          // docs/formats: segments and meta slots of coordination/log
Format BlockFilesFormat();   // data and checksum files of replicas
Format SmallBlocksFormat();  // replicas small enough to be packed
Format StateFormat();        // LevelDB under the NameNode's applied state
Format NameNodeFormat();     // a whole NameNode folder: identity, log, state, images

inline std::vector<Format> AllFormats() {
  return {LogFormat(), BlockFilesFormat(), SmallBlocksFormat(), StateFormat(), NameNodeFormat()};
}

}  // namespace tusk::crash
