// Reads what a segment of packed replicas holds: a sealed one by its index, any other record by record.
//
// Recovery: of a segment that was being written, the records behind the last readable one were never acknowledged, or are torn:
//           the segment is cut there. Damage in the middle costs only the records it hits: the walk goes on at the next header
//           that its crc, begun from the segment's salt, confirms.
// Thread:   any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/storage/disk.h"
#include "dfs/datanode/store/packed_record.h"

namespace tusk::dfs::datanode {

struct ScannedSegment {
  SegmentHeader header;
  std::vector<PackedEntry> entries;  // in the order of their offsets
  uint64_t end = 0;                  // behind the last record
  uint64_t unreadable = 0;           // bytes between records that are none
};

// Records of a segment whose whole content this is; entries are marked damaged. kCorruption: not a segment.
Result<ScannedSegment> ScanRecords(std::span<const std::byte> bytes);

// `sealed`: by its index, and record by record if that is damaged.
Result<ScannedSegment> ScanSegment(storage::File& file, bool sealed);

}  // namespace tusk::dfs::datanode
