#include "mapreduce/client/http_get.h"

#include <gtest/gtest.h>

namespace tusk::mr {
namespace {

TEST(HttpGet, ReadsBodiesWithALengthInChunksAndUntilTheEnd) {
  EXPECT_EQ(ParseHttpAnswer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd").value().body, "abc");
  EXPECT_EQ(ParseHttpAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n")
                .value()
                .body,
            "abc0123456789");
  EXPECT_EQ(ParseHttpAnswer("HTTP/1.1 404 Not Found\r\n\r\nno such log").value().body, "no such log");
  EXPECT_EQ(ParseHttpAnswer("HTTP/1.1 404 Not Found\r\n\r\n").value().status, 404);
}

TEST(HttpGet, RefusesAnswersThatEndEarly) {
  EXPECT_FALSE(ParseHttpAnswer("").ok());
  EXPECT_FALSE(ParseHttpAnswer("SSH-2.0-OpenSSH\r\n\r\n").ok());
  EXPECT_FALSE(ParseHttpAnswer("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc").ok());
  EXPECT_FALSE(ParseHttpAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc").ok());
  EXPECT_FALSE(ParseHttpAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").ok());
}

}  // namespace
}  // namespace tusk::mr
