#include "common/base/json_text.h"

#include <gtest/gtest.h>

namespace tusk {
namespace {

TEST(QuoteJson, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(QuoteJson(""), "\"\"");
  EXPECT_EQ(QuoteJson("plain /a/b"), "\"plain /a/b\"");
  EXPECT_EQ(QuoteJson("say \"hi\" \\ bye"), "\"say \\\"hi\\\" \\\\ bye\"");
  EXPECT_EQ(QuoteJson("a\nb\rc\td"), "\"a\\nb\\rc\\td\"");
  EXPECT_EQ(QuoteJson(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\\u007f\"");
}

TEST(QuoteJson, KeepsValidUtf8) {
  EXPECT_EQ(QuoteJson("ä €  😀"), "\"ä €  😀\"");
  EXPECT_EQ(QuoteJson("\xf4\x8f\xbf\xbf"), "\"\xf4\x8f\xbf\xbf\"");  // U+10FFFF, the last one
}

TEST(QuoteJson, ReplacesEachByteThatIsNotUtf8) {
  EXPECT_EQ(QuoteJson("a\xff"
                      "b"),
            "\"a\\ufffdb\"");
  EXPECT_EQ(QuoteJson("\xc3"), "\"\\ufffd\"");                                   // cut off
  EXPECT_EQ(QuoteJson("\xe2\x82"), "\"\\ufffd\\ufffd\"");                        // cut off
  EXPECT_EQ(QuoteJson("\xc0\xaf"), "\"\\ufffd\\ufffd\"");                        // overlong '/'
  EXPECT_EQ(QuoteJson("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");             // a surrogate
  EXPECT_EQ(QuoteJson("\xf4\x90\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");  // past U+10FFFF
  EXPECT_EQ(QuoteJson("\xc3("), "\"\\ufffd(\"");                                 // what follows is kept
}

TEST(Utf8SequenceLength, MeasuresTheSequenceAtTheFront) {
  EXPECT_EQ(Utf8SequenceLength(""), 0u);
  EXPECT_EQ(Utf8SequenceLength("abc"), 1u);
  EXPECT_EQ(Utf8SequenceLength("äb"), 2u);
  EXPECT_EQ(Utf8SequenceLength("€b"), 3u);
  EXPECT_EQ(Utf8SequenceLength("😀b"), 4u);
  EXPECT_EQ(Utf8SequenceLength("\x80"), 0u);
}

}  // namespace
}  // namespace tusk
