// Named places where a test can make something go wrong: TUSK_FAULT_POINT("datanode.before_ack") compiles to nothing unless
// TUSK_FAULTS is defined (every build but release).
//
// A point is armed by a test in the same process, or in a daemon by the environment
// TUSK_FAULT="datanode.before_ack=abort@3;log.sync=fail": an action (fail, abort, delay:MS, stop) and, after @, which hit
// triggers it (default: each). Thread: any.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace tusk::fault {

// What the point answers: ok, or the injected error. Delays and aborts happen inside.
Status Hit(std::string_view point);
void Arm(std::string point, std::function<Status()> action);
void DisarmAll();
Status ArmFromText(std::string_view text);  // kInvalidArgument explains the grammar

}  // namespace tusk::fault

#ifdef TUSK_FAULTS
#define TUSK_FAULT_POINT(name) ::tusk::fault::Hit(name)
#else
#define TUSK_FAULT_POINT(name) ::tusk::Status()
#endif
