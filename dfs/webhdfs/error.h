// Statuses as WebHDFS clients know them: an HTTP status and {"RemoteException":{"exception","javaClassName","message"}}.
//
// Only 400, 401, 403, 404 and 500 occur: clients take any other status for a broken server. Thread: pure.
#pragma once

#include "common/base/status.h"
#include "common/http/http_server.h"

namespace tusk::dfs::webhdfs {

http::Response ErrorResponse(const Status& status);

}  // namespace tusk::dfs::webhdfs
