// The job binary in the role of client: reads the command line, makes splits, submits, watches, reports.
//
// Exit codes: as common/cli says; 0 when the job's output is published; what the job's own `finish` answers.
// Thread: main.
#pragma once

#include <string>
#include <vector>

#include "mapreduce/api/main.h"

namespace tusk::mr {

int RunClient(const MainParts& parts, const std::string& program, std::vector<std::string> arguments);

}  // namespace tusk::mr
