// A daemon's page for people, made from what it tells programs: title, readiness, and the figures of /status.json as tables.
//
// Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "common/base/status.h"

namespace tusk::http {

// Plain values of the top object stand in one table; a list of objects becomes a table of its own (its first 500 rows); deeper
// values are shown as JSON. Text that is not a JSON object is shown as it is.
std::string StatusPage(std::string_view title, const Status& ready, const std::string& status_json);

}  // namespace tusk::http
