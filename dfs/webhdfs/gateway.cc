#include "dfs/webhdfs/gateway.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "common/base/try.h"
#include "dfs/protocol/path.h"
#include "dfs/protocol/settings.h"
#include "dfs/webhdfs/error.h"
#include "dfs/webhdfs/operation.h"

namespace tusk::dfs::webhdfs {
namespace {

constexpr std::string_view kPrefix = "/webhdfs/v1";

// Of HDFS's interface, and not here: told apart from what nobody knows.
constexpr std::array kUnsupported = {"CREATESYMLINK",          "GETLINKTARGET",         "ALLOWSNAPSHOT",
                                     "DISALLOWSNAPSHOT",       "CREATESNAPSHOT",        "RENAMESNAPSHOT",
                                     "DELETESNAPSHOT",         "GETSNAPSHOTDIFF",       "GETSNAPSHOTLIST",
                                     "GETSNAPSHOTDIFFLISTING", "SETQUOTABYSTORAGETYPE", "GETSTORAGEPOLICY",
                                     "GETALLSTORAGEPOLICY",    "SETSTORAGEPOLICY",      "UNSETSTORAGEPOLICY",
                                     "SATISFYSTORAGEPOLICY",   "GETECPOLICY",           "SETECPOLICY",
                                     "UNSETECPOLICY",          "ENABLEECPOLICY",        "DISABLEECPOLICY",
                                     "GETECPOLICIES",          "GETECCODECS",           "GETDELEGATIONTOKEN",
                                     "RENEWDELEGATIONTOKEN",   "CANCELDELEGATIONTOKEN", "GETSNAPSHOTTABLEDIRECTORYLIST"};

Result<const NamedOperation*> FindOperation(std::string_view method, std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string_view right_method;
  for (const auto operations : {MetadataOperations(), AttributeOperations(), DataOperations()}) {
    for (const NamedOperation& operation : operations) {
      if (operation.name != name) continue;
      if (operation.method == method) return &operation;
      right_method = operation.method;
    }
  }
  if (!right_method.empty()) {
    return InvalidParameter("op", name, "is an operation of " + std::string(right_method) + ", not of " + std::string(method));
  }
  if (std::find(kUnsupported.begin(), kUnsupported.end(), name) != kUnsupported.end()) {
    return Status(Code::kUnimplemented, name + " is not supported by this file system");
  }
  return InvalidParameter("op", name, "is no operation of WebHDFS; write for example op=LISTSTATUS");
}

}  // namespace

Gateway::Gateway(Options options) : options_(std::move(options)), users_(options_.connect) {}

Gateway::Options Gateway::OptionsFrom(const config::Config& config) {
  Options options;
  options.block_size = config.Get(kBlockSize);
  options.replication = static_cast<uint16_t>(config.Get(kReplication));
  options.connect = [config](const std::string& user) -> Result<std::shared_ptr<FileSystem>> {
    TUSK_ASSIGN(ClientOptions client, ClientOptions::FromConfig(config));
    client.user = user;
    client.wait_out_safe_mode = false;
    return FileSystem::Connect(std::move(client));
  };
  return options;
}

void Gateway::AddRoutes(http::HttpServer& server) {
  for (const char* method : {"GET", "PUT", "POST", "DELETE"}) {
    server.Stream(method, std::string(kPrefix), [this](http::Exchange& exchange) { Serve(exchange); });
  }
}

void Gateway::Serve(http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  const auto answer = [&]() -> Status {
    const Parameters parameters(request.query);
    TUSK_ASSIGN(const NamedOperation* operation, FindOperation(method, parameters.Text("op")));
    TUSK_ASSIGN(const std::string user, parameters.User(options_.default_user));
    if (!parameters.Text("doas").empty()) {
      return Status(Code::kPermissionDenied, "User: " + user + " is not allowed to impersonate " + parameters.Text("doas"));
    }
    const std::string rest = request.path.substr(kPrefix.size());
    TUSK_ASSIGN(std::string path, NormalizePath(rest.empty() ? "/" : rest));
    TUSK_ASSIGN(const auto fs, users_.Find(user));
    Call call{exchange, options_, *fs, std::move(path), parameters};
    return operation->run(call);
  };
  if (const Status status = answer(); !status.ok()) {
    static_cast<void>(exchange.Answer(ErrorResponse(status)));  // refused where the answer has begun: then the connection ends
  }
}

}  // namespace tusk::dfs::webhdfs
