// Bodies of any size: what a stream handler reads and writes, and what becomes of peers that break off.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

#include "common/http/http_server.h"
#include "tests/integration/http/plain_client.h"

namespace tusk::http {
namespace {

using testing::HasSubstr;

std::span<const std::byte> BytesOf(std::string_view text) { return std::as_bytes(std::span(text)); }

class StreamTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = std::make_unique<HttpServer>(HttpServer::Options{.max_body_bytes = 100});
    // Takes the whole body and says how much it was, and its last bytes.
    server_->Stream("PUT", "/take", [this](Exchange& exchange) {
      taken_ = 0;
      std::string last;
      std::vector<std::byte> piece(64 << 10);
      while (true) {
        const auto count = exchange.Read(piece);
        if (!count.ok()) return ended_.set_value(count.status());
        if (*count == 0) break;
        taken_ += *count;
        last.assign(reinterpret_cast<const char*>(piece.data()), *count);
      }
      Response response;
      response.body = std::to_string(taken_) + " " + last.substr(last.size() < 3 ? 0 : last.size() - 3);
      static_cast<void>(exchange.Answer(std::move(response)));
    });
    server_->Stream("PUT", "/refuse", [](Exchange& exchange) {
      static_cast<void>(exchange.Answer(Response::Error(403, exchange.has_body() ? "not this body" : "nothing")));
    });
    server_->Stream("GET", "/known", [](Exchange& exchange) {
      ASSERT_TRUE(exchange.Begin({}, 8).ok());
      ASSERT_TRUE(exchange.Write(BytesOf("four")).ok());
      ASSERT_TRUE(exchange.Write(BytesOf("more")).ok());
      EXPECT_EQ(exchange.Write(BytesOf("!")).code(), Code::kInternal);
    });
    server_->Stream("GET", "/chunks", [](Exchange& exchange) {
      ASSERT_TRUE(exchange.Begin({}, std::nullopt).ok());
      ASSERT_TRUE(exchange.Write(BytesOf("one ")).ok());
      ASSERT_TRUE(exchange.Write(BytesOf("two")).ok());
    });
    server_->Stream("GET", "/short", [](Exchange& exchange) {
      ASSERT_TRUE(exchange.Begin({}, 100).ok());
      ASSERT_TRUE(exchange.Write(BytesOf("not all")).ok());
    });
    server_->Stream("GET", "/throws", [](Exchange&) { throw std::runtime_error("secret"); });
    server_->Stream("GET", "/silent", [](Exchange&) {});
    server_->Stream("GET", "/endless", [this](Exchange& exchange) {
      const std::string piece(1 << 20, 'x');
      static_cast<void>(exchange.Begin({}, std::nullopt));
      Status status;
      while (status.ok()) status = exchange.Write(BytesOf(piece));
      ended_.set_value(status);
    });
    ASSERT_TRUE(server_->Start({"127.0.0.1", 0}).ok());
  }

  std::unique_ptr<HttpServer> server_;
  std::atomic<uint64_t> taken_{0};
  std::promise<Status> ended_;
};

TEST_F(StreamTest, ABodyLargerThanTheLimitOfBodiesInMemoryArrivesInPieces) {
  PlainClient client(server_->port());
  const std::string body = std::string(3'000'000, 'b') + "end";
  client.Send("PUT /take HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_EQ(client.Receive().body, "3000003 end");
  client.Send("PUT /take HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");  // the connection goes on
  EXPECT_EQ(client.Receive().body, "3 abc");
}

TEST_F(StreamTest, AChunkedBodyIsPutTogether) {
  PlainClient client(server_->port());
  client.Send("PUT /take HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n5\r\n-five\r\n0\r\n\r\n");
  EXPECT_THAT(client.Receive().body, testing::StartsWith("9 "));
}

TEST_F(StreamTest, NoBodyIsAnEmptyOne) {
  PlainClient client(server_->port());
  client.Send("PUT /take HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.Receive().body, "0 ");
  client.Send("PUT /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(client.Receive().body, HasSubstr("nothing"));
}

TEST_F(StreamTest, AnExpectingPeerIsAskedForItsBodyWhenTheHandlerWantsIt) {
  PlainClient client(server_->port());
  client.Send("PUT /take HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.Receive(true).status, 100);
  client.Send("abc");
  EXPECT_EQ(client.Receive().body, "3 abc");
  client.Send("PUT /refuse HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 403) << "and not otherwise";
}

TEST_F(StreamTest, AnAnswerBeforeTheBodyIsReadReachesThePeer) {
  PlainClient client(server_->port());
  const std::string body(1'000'000, 'b');
  client.Send("PUT /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + body);
  const Answer answer = client.Receive();
  EXPECT_EQ(answer.status, 403);
  EXPECT_THAT(answer.headers, HasSubstr("Connection: close"));
}

TEST_F(StreamTest, ABodyThatEndsEarlyIsAnError) {
  PlainClient client(server_->port());
  client.Send("PUT /take HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nonly this");
  client.EndSending();
  EXPECT_EQ(ended_.get_future().get().code(), Code::kAborted);
  EXPECT_EQ(taken_, 9u);
}

TEST_F(StreamTest, AnswersOfKnownAndUnknownLength) {
  PlainClient client(server_->port());
  client.Send("GET /known HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.Receive().body, "fourmore");
  client.Send("HEAD /known HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.Receive(true).headers, HasSubstr("Content-Length: 8"));
  client.Send("GET /chunks HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string all = client.ReceiveAll();
  EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), "4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n");
}

TEST_F(StreamTest, AnAnswerThatStaysShortClosesTheConnection) {
  PlainClient client(server_->port());
  client.Send("GET /short HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReceiveAll(), testing::EndsWith("\r\n\r\nnot all"));
}

TEST_F(StreamTest, HandlersThatFailOrSayNothingAreAnswered) {
  PlainClient client(server_->port());
  client.Send("GET /throws HTTP/1.1\r\nHost: h\r\n\r\n");
  const Answer answer = client.Receive();
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, testing::Not(HasSubstr("secret")));
  PlainClient other(server_->port());
  other.Send("GET /silent HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(other.Receive().status, 500);
}

TEST_F(StreamTest, AnEndlessAnswerEndsWithItsPeer) {
  {
    PlainClient client(server_->port());
    client.Send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.Receive(true).status, 200);
  }
  EXPECT_EQ(ended_.get_future().get().code(), Code::kAborted);
}

TEST_F(StreamTest, AnEndlessAnswerEndsWithTheServer) {
  PlainClient client(server_->port());
  client.Send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.Receive(true).status, 200);
  server_->Stop();
  EXPECT_EQ(ended_.get_future().get().code(), Code::kAborted);
}

}  // namespace
}  // namespace tusk::http
