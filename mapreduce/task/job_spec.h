// The job's description as it comes from the wire, for the tasks. Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "mapreduce/client/job_client.h"
#include "mapreduce/protocol/job.capnp.h"

namespace tusk::mr {

JobDescription FromWire(wire::JobSpec::Reader spec);
// Of job.spec: one flat Cap'n Proto message. kCorruption when it is not.
Result<JobDescription> ParseJobSpec(std::string_view bytes);

// Which of the binary's stages a job is: its argument of this name, a number.
inline constexpr std::string_view kStageArgument = "tusk.stage";
Result<size_t> StageOf(const JobDescription& job, size_t stages);

}  // namespace tusk::mr
