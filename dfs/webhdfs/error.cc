#include "dfs/webhdfs/error.h"

#include "common/base/json_text.h"

namespace tusk::dfs::webhdfs {
namespace {

struct RemoteException {
  int http_status;
  std::string_view package, name;
};

RemoteException ExceptionFor(Code code) {
  switch (code) {
    case Code::kInvalidArgument: return {400, "java.lang", "IllegalArgumentException"};
    case Code::kUnimplemented: return {400, "java.lang", "UnsupportedOperationException"};
    case Code::kNotFound:
    case Code::kIsADirectory: return {404, "java.io", "FileNotFoundException"};  // HDFS: "Path is not a file"
    case Code::kPermissionDenied: return {403, "org.apache.hadoop.security", "AccessControlException"};
    case Code::kAlreadyExists: return {403, "org.apache.hadoop.fs", "FileAlreadyExistsException"};
    case Code::kNotADirectory: return {403, "org.apache.hadoop.fs", "ParentNotDirectoryException"};
    case Code::kNotEmpty: return {403, "org.apache.hadoop.fs", "PathIsNotEmptyDirectoryException"};
    case Code::kLeaseConflict: return {403, "org.apache.hadoop.hdfs.protocol", "AlreadyBeingCreatedException"};
    case Code::kQuotaExceeded: return {403, "org.apache.hadoop.hdfs.protocol", "QuotaExceededException"};
    case Code::kSafeMode: return {403, "org.apache.hadoop.hdfs.server.namenode", "SafeModeException"};
    case Code::kUnavailable:
    case Code::kDeadlineExceeded: return {403, "org.apache.hadoop.ipc", "RetriableException"};
    case Code::kInternal: return {500, "java.lang", "RuntimeException"};
    default: return {403, "java.io", "IOException"};
  }
}

}  // namespace

http::Response ErrorResponse(const Status& status) {
  const RemoteException exception = ExceptionFor(status.code());
  return http::Response::Json("{\"RemoteException\":{\"exception\":" + QuoteJson(exception.name) + ",\"javaClassName\":" +
                                  QuoteJson(std::string(exception.package) + "." + std::string(exception.name)) +
                                  ",\"message\":" + QuoteJson(status.message()) + "}}",
                              exception.http_status);
}

}  // namespace tusk::dfs::webhdfs
