// Fetches a reducer's share of every map: follows the map events, asks trackers in parallel, tries again, tells who failed.
//
// A host that failed is left alone for 100 ms, doubled at each further failure up to 5 s, with jitter. Each failed fetch of a map
// after the second is reported: the JobTracker runs the map again when enough reducers say so or its tracker is gone, and the new
// event brings a new place. A map that was fetched is never fetched again, even when its output is lost later.
// Thread: Run on the reduce thread; it makes one thread for events and up to kFetchers for fetching and joins them.
#pragma once

#include "mapreduce/task/environment.h"
#include "mapreduce/task/progress.h"
#include "mapreduce/task/segment_store.h"

namespace tusk::mr {

inline constexpr size_t kFetchers = 4;
inline constexpr size_t kMapsPerRequest = 64;

// Returns when the segments of all maps are in the store, merging memory to disk as needed.
Status FetchAll(const TaskEnvironment& env, uint32_t maps, SegmentStore& store, TaskProgress& progress);

}  // namespace tusk::mr
