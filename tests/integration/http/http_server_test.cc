#include "common/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/integration/http/plain_client.h"

namespace tusk::http {
namespace {

using testing::HasSubstr;
using testing::Not;

Response Plain(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

class HttpServerTest : public testing::Test {
 protected:
  void Start(HttpServer::Options options = {}) {
    server_ = std::make_unique<HttpServer>(std::move(options));
    server_->Route("GET", "/hello", [](const Request& request) {
      const auto name = request.query.find("name");
      return Plain("hello " + (name == request.query.end() ? "you" : name->second));
    });
    server_->Route("GET", "/files/", [](const Request& request) { return Plain("file " + request.path); });
    server_->Route("GET", "/files/special", [](const Request&) { return Plain("special"); });
    server_->Route("PUT", "/files/", [](const Request& request) { return Plain(std::to_string(request.body.size())); });
    server_->Route("GET", "/throws", [](const Request&) -> Response { throw std::runtime_error("secret detail"); });
    server_->Route("GET", "/inject", [](const Request&) {
      Response response = Plain("x");
      response.headers["Location"] = "/a\r\nSet-Cookie: b=c";
      response.headers["bad name"] = "x";
      return response;
    });
    server_->Route("GET", "/headers", [](const Request& request) {
      return Plain(request.headers.at("x-test") + " from " + request.peer.substr(0, request.peer.find(':')));
    });
    server_->Route("GET", "/empty", [](const Request&) {
      Response response;
      response.status = 204;
      return response;
    });
    server_->Route("GET", "/waits", [this](const Request&) {
      entered_.set_value();
      released_.get_future().wait();
      return Plain("at last");
    });
    const Status started = server_->Start({"127.0.0.1", 0});
    ASSERT_TRUE(started.ok()) << started;
    ASSERT_NE(server_->port(), 0);
  }

  std::promise<void> entered_;
  std::promise<void> released_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersByTheLongestPrefix) {
  Start();
  PlainClient client(server_->port());
  EXPECT_EQ(client.Ask("GET", "/hello?name=a%20b").body, "hello a b");
  EXPECT_EQ(client.Ask("GET", "/files/a/b").body, "file /files/a/b");
  EXPECT_EQ(client.Ask("GET", "/files/special").body, "special");
  EXPECT_EQ(client.Ask("GET", "/files/specials").body, "file /files/specials");
}

TEST_F(HttpServerTest, AnswersManyRequestsOnOneConnection) {
  Start();
  PlainClient client(server_->port());
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.Ask("GET", "/hello").body, "hello you");
  // Several at once, answered in order.
  client.Send("GET /hello?name=1 HTTP/1.1\r\nHost: t\r\n\r\nGET /hello?name=2 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.Receive().body, "hello 1");
  EXPECT_EQ(client.Receive().body, "hello 2");
  EXPECT_TRUE(client.SeesTheEnd());
}

TEST_F(HttpServerTest, RefusesUnknownPathsAndMethods) {
  Start();
  PlainClient client(server_->port());
  const Answer unknown = client.Ask("GET", "/nothing/here");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, "there is no page /nothing/here; / lists what this server has\n");
  const Answer method = client.Ask("DELETE", "/files/a");
  EXPECT_EQ(method.status, 405);
  EXPECT_THAT(method.headers, HasSubstr("\r\nAllow: GET, PUT\r\n"));
  EXPECT_EQ(client.Ask("GET", "/hello").status, 200);  // the connection goes on
}

TEST_F(HttpServerTest, AnswersHeadWithTheLengthAndNoBody) {
  Start();
  PlainClient client(server_->port());
  const Answer head = client.Ask("HEAD", "/hello");
  EXPECT_EQ(head.status, 200);
  EXPECT_THAT(head.headers, HasSubstr("\r\nContent-Length: 9\r\n"));
  EXPECT_EQ(client.Ask("GET", "/hello").body, "hello you");  // no stray body lies between
}

TEST_F(HttpServerTest, SendsNoBodyWith204) {
  Start();
  PlainClient client(server_->port());
  const Answer answer = client.Ask("GET", "/empty");
  EXPECT_EQ(answer.status, 204);
  EXPECT_THAT(answer.headers, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(client.Ask("GET", "/hello").body, "hello you");
}

TEST_F(HttpServerTest, TakesBodiesUpToItsLimitAndRefusesLargerOnes) {
  HttpServer::Options options;
  options.max_body_bytes = 1000;
  Start(options);
  PlainClient client(server_->port());
  client.Send("PUT /files/a HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
  EXPECT_EQ(client.Receive().body, "1000");
  client.Send("PUT /files/a HTTP/1.1\r\nHost: t\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
  const Answer refused = client.Receive();
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.body, "the body is larger than 1000 bytes\n");
  client.EndSending();
  EXPECT_TRUE(client.SeesTheEnd());

  PlainClient chunked(server_->port());
  chunked.Send("PUT /files/a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) chunked.Send("64\r\n" + std::string(100, 'x') + "\r\n");
  EXPECT_EQ(chunked.Receive().status, 413);
}

TEST_F(HttpServerTest, LetsAClientThatAsksFirstGoOn) {
  Start();
  PlainClient client(server_->port());
  client.Send("PUT /files/a HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 100);
  client.Send("abc");
  EXPECT_EQ(client.Receive().body, "3");
}

TEST_F(HttpServerTest, SurvivesHostileRequests) {
  Start();
  const std::vector<std::pair<std::string, int>> requests = {
      {"\r\n\r\n\r\n", 400},
      {"GET\r\n\r\n", 400},
      {"GET /hello HTTP/9.9\r\n\r\n", 400},
      {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(100, '\0'), 400},  // TLS
      {"GET /a%zz HTTP/1.1\r\nHost: t\r\n\r\n", 400},
      {"GET /a%00b HTTP/1.1\r\nHost: t\r\n\r\n", 400},
      {"GET * HTTP/1.1\r\nHost: t\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
      {"PUT /files/a HTTP/1.1\r\nHost: t\r\nContent-Length: 9999999999999\r\n\r\n", 413},
      {"PUT /files/a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: t\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", 431},
      {"GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n", 431},
      {"GET /../../etc/passwd HTTP/1.1\r\nHost: t\r\n\r\n", 404},
      {"GET /throws HTTP/1.1\r\nHost: t\r\n\r\n", 500},
  };
  for (const auto& [request, status] : requests) {
    PlainClient client(server_->port());
    client.Send(request);
    const Answer answer = client.Receive();
    EXPECT_EQ(answer.status, status) << request.substr(0, 60);
    EXPECT_THAT(answer.body, Not(HasSubstr("secret"))) << request.substr(0, 60);
  }
  // Requests that end early, and a server that is none the worse for it.
  for (const std::string_view part :
       {"", "G", "GET /hello HTTP/1.1\r\nHo", "PUT /files/a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"}) {
    PlainClient client(server_->port());
    client.Send(part);
    client.EndSending();
    EXPECT_TRUE(client.SeesTheEnd()) << part;
  }
  PlainClient client(server_->port());
  EXPECT_EQ(client.Ask("GET", "/hello").body, "hello you");
}

TEST_F(HttpServerTest, LetsNoHandlerWriteAHeaderByAccident) {
  Start();
  PlainClient client(server_->port());
  const Answer answer = client.Ask("GET", "/inject");
  EXPECT_THAT(answer.headers, HasSubstr("\r\nLocation: /a  Set-Cookie: b=c\r\n"));
  EXPECT_THAT(answer.headers, Not(HasSubstr("bad name")));
}

TEST_F(HttpServerTest, GivesHandlersHeadersInLowerCaseAndThePeer) {
  Start();
  PlainClient client(server_->port());
  client.Send("GET /headers HTTP/1.1\r\nHost: t\r\nX-TEST: one\r\nx-test: two\r\n\r\n");
  EXPECT_EQ(client.Receive().body, "one, two from 127.0.0.1");
}

TEST_F(HttpServerTest, ServesManyConnectionsAtOnce) {
  Start();
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i, &good] {
      PlainClient client(server_->port());
      const std::string name = std::to_string(i);
      for (int n = 0; n < 50; ++n) good += client.Ask("GET", "/hello?name=" + name).body == "hello " + name ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 400);
}

TEST_F(HttpServerTest, ServesOthersWhileOneHandlerWaits) {
  Start();
  PlainClient slow(server_->port());
  slow.Send("GET /waits HTTP/1.1\r\nHost: t\r\n\r\n");
  entered_.get_future().wait();
  PlainClient fast(server_->port());
  EXPECT_EQ(fast.Ask("GET", "/hello").body, "hello you");
  released_.set_value();
  EXPECT_EQ(slow.Receive().body, "at last");
}

TEST_F(HttpServerTest, MakesRoomByClosingTheConnectionThatIsIdleLongest) {
  HttpServer::Options options;
  options.max_connections = 2;
  Start(options);
  PlainClient oldest(server_->port());
  EXPECT_EQ(oldest.Ask("GET", "/hello").status, 200);
  PlainClient second(server_->port());
  EXPECT_EQ(second.Ask("GET", "/hello").status, 200);
  PlainClient third(server_->port());
  EXPECT_EQ(third.Ask("GET", "/hello").status, 200);
  EXPECT_TRUE(oldest.SeesTheEnd());
  EXPECT_EQ(second.Ask("GET", "/hello").status, 200);
}

TEST_F(HttpServerTest, ClosesAConnectionThatStaysSilent) {
  HttpServer::Options options;
  options.idle_timeout = std::chrono::milliseconds(20);
  Start(options);
  PlainClient client(server_->port());
  client.Send("GET /hello HT");
  EXPECT_TRUE(client.SeesTheEnd());
}

TEST_F(HttpServerTest, StopsAtOnceWhileIdleConnectionsAreOpen) {
  Start();
  PlainClient used(server_->port());
  EXPECT_EQ(used.Ask("GET", "/hello").status, 200);
  PlainClient halfway(server_->port());
  halfway.Send("PUT /files/a HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nabc");
  PlainClient silent(server_->port());
  const uint16_t port = server_->port();
  const auto before = std::chrono::steady_clock::now();
  server_->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));  // well below the idle time of 30 s
  EXPECT_TRUE(used.SeesTheEnd());
  EXPECT_TRUE(halfway.SeesTheEnd());
  EXPECT_TRUE(silent.SeesTheEnd());
  EXPECT_FALSE(PlainClient(port).connected());
  server_->Stop();  // a second time does nothing
}

TEST_F(HttpServerTest, LetsARunningHandlersAnswerOutWhenItStops) {
  Start();
  PlainClient client(server_->port());
  client.Send("GET /waits HTTP/1.1\r\nHost: t\r\n\r\n");
  entered_.get_future().wait();
  std::thread stopper([this] { server_->Stop(); });
  released_.set_value();
  const Answer answer = client.Receive();
  stopper.join();
  EXPECT_EQ(answer.body, "at last");
  EXPECT_TRUE(client.SeesTheEnd());
}

TEST_F(HttpServerTest, SaysWhichPortIsTaken) {
  Start();
  HttpServer second(HttpServer::Options{});
  const Status status = second.Start({"127.0.0.1", server_->port()});
  EXPECT_EQ(status.code(), Code::kAlreadyExists);
  EXPECT_EQ(status.message(), "cannot serve HTTP on 127.0.0.1:" + std::to_string(server_->port()) +
                                  ": Address already in use; stop the other process or choose another port");
  EXPECT_EQ(HttpServer(HttpServer::Options{}).Start({std::string(300, 'x'), 0}).code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tusk::http
