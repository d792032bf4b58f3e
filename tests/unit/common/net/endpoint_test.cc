#include "common/net/endpoint.h"

#include <gtest/gtest.h>

#include <string>

namespace tusk::net {
namespace {

TEST(Endpoint, ReadsHostAndPort) {
  EXPECT_EQ(*ParseEndpoint("127.0.1.1:8020"), (Endpoint{"127.0.1.1", 8020}));
  EXPECT_EQ(*ParseEndpoint("name-node.example:65535"), (Endpoint{"name-node.example", 65535}));
  EXPECT_EQ(*ParseEndpoint("localhost:0"), (Endpoint{"localhost", 0}));
  EXPECT_EQ(ParseEndpoint("127.0.1.1:8020")->ToString(), "127.0.1.1:8020");
}

TEST(Endpoint, TakesTheDefaultPortWhenThereIsNone) {
  EXPECT_EQ(*ParseEndpoint("localhost", 9), (Endpoint{"localhost", 9}));
  EXPECT_EQ(*ParseEndpoint("localhost:7", 9), (Endpoint{"localhost", 7}));
  EXPECT_EQ(ParseEndpoint("localhost").status().code(), Code::kInvalidArgument);
}

TEST(Endpoint, RefusesWhatIsNoAddress) {
  for (const char* text : {"", ":80", "host:", "host:x", "host:-1", "host:65536", "host:99999999999", "host:80 ", "a b:80", "::1",
                           "[::1]:80", "http://host:80", "host:80:90", "ho\nst:80"}) {
    EXPECT_EQ(ParseEndpoint(text).status().code(), Code::kInvalidArgument) << text;
  }
  EXPECT_EQ(ParseEndpoint(std::string(300, 'a') + ":80").status().code(), Code::kInvalidArgument);
}

TEST(Endpoint, SaysWhatWasWrittenAndWhatToWrite) {
  const Status status = ParseEndpoint("host:http").status();
  EXPECT_NE(status.message().find("\"host:http\""), std::string::npos) << status;
  EXPECT_NE(status.message().find("127.0.0.1:8020"), std::string::npos) << status;
}

}  // namespace
}  // namespace tusk::net
