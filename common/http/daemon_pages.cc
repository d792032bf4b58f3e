#include "common/http/http_server.h"
#include "common/http/status_page.h"

namespace tusk::http {
namespace {

Response Text(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response Uncached(Response response) {
  response.headers["Cache-Control"] = "no-store";
  return response;
}

}  // namespace

void AddDaemonPages(HttpServer& server, DaemonPages pages) {
  server.Route("GET", "/metrics", [metrics = pages.metrics](const Request&) {
    Response response = Text(metrics == nullptr ? std::string() : metrics->Text());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return Uncached(std::move(response));
  });
  server.Route("GET", "/healthz", [](const Request&) { return Uncached(Text("ok\n")); });
  server.Route("GET", "/readyz", [ready = pages.ready](const Request&) {
    const Status status = ready ? ready() : Status();
    return Uncached(status.ok() ? Text("ready\n") : Text("not ready: " + status.message() + "\n", 503));
  });
  server.Route("GET", "/status.json", [status_json = pages.status_json](const Request&) {
    return Uncached(Response::Json(status_json ? status_json() : std::string("{}")));
  });
  server.Route("GET", "/", [title = pages.title, ready = pages.ready, status_json = pages.status_json](const Request& request) {
    if (request.path != "/") return Response::Error(404, "there is no page " + request.path + "; / lists what this server has");
    Response response = Text(StatusPage(title, ready ? ready() : Status(), status_json ? status_json() : std::string("{}")));
    response.content_type = "text/html; charset=utf-8";
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'";
    return Uncached(std::move(response));
  });
}

}  // namespace tusk::http
