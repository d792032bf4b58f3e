#include "dfs/protocol/xattr.h"

#include <gtest/gtest.h>

namespace tusk::dfs {
namespace {

TEST(Xattr, NamesBeginWithTheirNamespace) {
  for (const auto* name : {"user.a", "trusted.a.b", "security.x", "system.y", "raw.z"})
    EXPECT_TRUE(CheckXattrName(name).ok()) << name;
  for (const auto* name : {"", "a", "user", "user.", ".a", "users.a", "User.a"}) {
    EXPECT_EQ(CheckXattrName(name).code(), Code::kInvalidArgument) << name;
  }
  EXPECT_TRUE(IsUserXattr("user.a"));
  EXPECT_FALSE(IsUserXattr("trusted.user.a"));
}

TEST(Xattr, ValuesAreReadAsTheyAreWrittenInEachEncoding) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  for (const std::string& value : {std::string("a"), std::string("ab"), std::string("abc"), every}) {
    for (const XattrCodec codec : {XattrCodec::kText, XattrCodec::kHex, XattrCodec::kBase64}) {
      const auto read = ParseXattrValue(ToText(value, codec));
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(*read, value);
    }
  }
  EXPECT_EQ(ToText("Az", XattrCodec::kHex), "0x417a");
  EXPECT_EQ(ToText("hello", XattrCodec::kBase64), "0saGVsbG8=");
  EXPECT_EQ(*ParseXattrValue("plain"), "plain");
  EXPECT_EQ(*ParseXattrValue(""), "");
  EXPECT_EQ(*ParseXattrValue("0x"), "");
}

TEST(Xattr, RefusesWhatIsNoHexadecimalOrBase64) {
  for (const auto* text : {"0x1", "0xgg", "0s!!!!", "0sabc", "0s=abc"}) EXPECT_FALSE(ParseXattrValue(text).ok()) << text;
  EXPECT_FALSE(ParseXattrCodec("octal").ok());
  EXPECT_EQ(*ParseXattrCodec("BASE64"), XattrCodec::kBase64);
}

}  // namespace
}  // namespace tusk::dfs
