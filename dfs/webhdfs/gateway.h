// WebHDFS: the REST interface of HDFS, at /webhdfs/v1 (Apache Hadoop, "WebHDFS REST API").
//
// The gateway speaks to the DFS as any client, and sends and takes the bytes of files itself: what a client is redirected to is
// this server again, with data=true, under the name by which the client reached it. So one address is enough, also behind NAT.
// Thread: handlers run on the server's stream threads.
#pragma once

#include <string>

#include "common/config/config.h"
#include "common/http/http_server.h"
#include "dfs/webhdfs/users.h"

namespace tusk::dfs::webhdfs {

class Gateway {
 public:
  struct Options {
    Users::Connect connect;
    std::string default_user = "dr.who";  // of requests without user.name, as in HDFS
    uint64_t block_size = 128 << 20;      // of new files: what GETSERVERDEFAULTS says
    uint16_t replication = 3;
  };
  explicit Gateway(Options options);
  // A gateway to the cluster of this configuration.
  static Options OptionsFrom(const config::Config& config);

  void AddRoutes(http::HttpServer& server);  // the gateway outlives the server's Stop
  void Serve(http::Exchange& exchange);      // one request, to its end

 private:
  const Options options_;
  Users users_;
};

}  // namespace tusk::dfs::webhdfs
