// Who runs this process. Thread: any.
#pragma once

#include <string>

namespace tusk {

// The name of the effective user; of one without a name $USER, or the number.
std::string LoginName();

}  // namespace tusk
