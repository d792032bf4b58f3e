#include "common/http/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tusk::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ParseTarget, TakesPathAndQueryApart) {
  const auto target = ParseTarget("/webhdfs/v1/a%20b%2Fc?op=OPEN&offset=1&name=x+y%3D&flag&=empty&op=LAST#part");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/webhdfs/v1/a b/c");
  EXPECT_THAT(target->query, ElementsAre(Pair("", "empty"), Pair("flag", ""), Pair("name", "x y="), Pair("offset", "1"),
                                         Pair("op", "OPEN"), Pair("op", "LAST")));
}

TEST(ParseTarget, TakesTheFormThatProxiesSend) {
  EXPECT_EQ(ParseTarget("http://node1:9870/status.json?a=1")->path, "/status.json");
  EXPECT_EQ(ParseTarget("http://node1:9870")->path, "/");
}

TEST(ParseTarget, KeepsAPlusInThePath) { EXPECT_EQ(ParseTarget("/a+b")->path, "/a+b"); }

TEST(ParseTarget, RefusesWhatIsNoPath) {
  for (const char* text : {"", "*", "a/b", "?op=x", "/a%", "/a%2", "/a%zz", "/a%00b", "/?x=%", "/?%f=1"}) {
    EXPECT_FALSE(ParseTarget(text)) << text;
  }
  EXPECT_FALSE(ParseTarget(std::string_view("/a\0b", 4)));
}

TEST(PrefixCovers, ThePathAndAllBelowIt) {
  EXPECT_TRUE(PrefixCovers("/status.json", "/status.json"));
  EXPECT_FALSE(PrefixCovers("/status.json", "/status.jsonx"));
  EXPECT_TRUE(PrefixCovers("/logs", "/logs/a"));
  EXPECT_TRUE(PrefixCovers("/webhdfs/v1/", "/webhdfs/v1/a/b"));
  EXPECT_FALSE(PrefixCovers("/webhdfs/v1/", "/webhdfs/v1"));
  EXPECT_TRUE(PrefixCovers("/", "/anything"));
}

TEST(EscapeHtml, LeavesNoMarkup) { EXPECT_EQ(EscapeHtml("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;"); }

}  // namespace
}  // namespace tusk::http
