#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "common/http/http_server.h"
#include "tests/integration/http/plain_client.h"

namespace tusk::http {
namespace {

using testing::HasSubstr;

TEST(DaemonPages, TellHealthReadinessFiguresAndMetrics) {
  observe::Metrics metrics;
  metrics.Counter("tusk_test_requests_total", "Requests.").Increment(3);
  std::atomic<bool> ready{false};
  HttpServer server(HttpServer::Options{});
  DaemonPages pages;
  pages.title = "DataNode node3";
  pages.metrics = &metrics;
  pages.ready = [&ready] { return ready ? OkStatus() : Unavailable("no NameNode has answered yet"); };
  pages.status_json = [] { return std::string(R"({"blocks": 12})"); };
  AddDaemonPages(server, std::move(pages));
  ASSERT_TRUE(server.Start({"127.0.0.1", 0}).ok());
  PlainClient client(server.port());

  EXPECT_EQ(client.Ask("GET", "/healthz").body, "ok\n");
  const Answer early = client.Ask("GET", "/readyz");
  EXPECT_EQ(early.status, 503);
  EXPECT_EQ(early.body, "not ready: no NameNode has answered yet\n");
  EXPECT_THAT(client.Ask("GET", "/").body, HasSubstr("no NameNode has answered yet"));
  ready = true;
  const Answer late = client.Ask("GET", "/readyz");
  EXPECT_EQ(late.status, 200);
  EXPECT_EQ(late.body, "ready\n");

  const Answer text = client.Ask("GET", "/metrics");
  EXPECT_THAT(text.headers, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  EXPECT_THAT(text.body, HasSubstr("tusk_test_requests_total 3\n"));
  const Answer status = client.Ask("GET", "/status.json");
  EXPECT_THAT(status.headers, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_EQ(status.body, R"({"blocks": 12})");
  const Answer page = client.Ask("GET", "/");
  EXPECT_THAT(page.headers, HasSubstr("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_THAT(page.body, HasSubstr("<h1>DataNode node3</h1>"));
  EXPECT_THAT(page.body, HasSubstr("<td class=n>12</td>"));
  EXPECT_EQ(client.Ask("GET", "/elsewhere").status, 404);
}

}  // namespace
}  // namespace tusk::http
