#include "common/config/value_text.h"

#include <gtest/gtest.h>

#include "tests/unit/common/config/test_settings.h"

namespace tusk::config {
namespace {

TEST(ValueText, ReadsTheWordsOfABool) {
  for (const char* text : {"true", "yes", "on", "1", "TRUE"}) EXPECT_TRUE(ParseScalar(kJson, text)->boolean) << text;
  for (const char* text : {"false", "no", "off", "0"}) EXPECT_FALSE(ParseScalar(kJson, text)->boolean) << text;
  for (const char* text : {"", "2", "truth", " true"}) EXPECT_FALSE(ParseScalar(kJson, text).ok()) << text;
}

TEST(ValueText, ReadsWholeNumbersToTheirEnd) {
  EXPECT_EQ(ParseScalar(kReplication, "12")->integer, 12);
  for (const char* text : {"", "1x", "1.0", "0x10", " 1", "99999999999999999999"}) {
    EXPECT_FALSE(ParseScalar(kReplication, text).ok()) << text;
  }
}

TEST(ValueText, RefusesNumbersThatAreNone) {
  EXPECT_EQ(ParseScalar(kShare, "0.25")->real, 0.25);
  for (const char* text : {"nan", "inf", "", "0.5.5"}) EXPECT_FALSE(ParseScalar(kShare, text).ok()) << text;
}

TEST(ValueText, KeepsLargeSizesExact) {
  static constexpr Setting<Bytes> kAny{"a.b", 0, "Any size."};
  EXPECT_EQ(ParseScalar(kAny, "9007199254740993")->integer, 9007199254740993);
  EXPECT_EQ(ParseScalar(kAny, "1.5k")->integer, 1536);
  EXPECT_FALSE(ParseScalar(kAny, "-1").ok());
}

TEST(ValueText, WritesWhatItReads) {
  static constexpr Setting<Bytes> kSize{"a.size", 0, "Any size."};
  static constexpr Setting<Millis> kTime{"a.time", Millis(0), "Any time."};
  for (const char* text : {"0", "1", "1023", "1k", "1025", "128m", "3g", "1t", "2p"}) {
    EXPECT_EQ(FormatScalar(kSize, *ParseScalar(kSize, text)), text);
  }
  for (const char* text : {"0s", "1ms", "999ms", "1s", "1001ms", "2m", "61s", "3h", "24h"}) {
    EXPECT_EQ(FormatScalar(kTime, *ParseScalar(kTime, text)), text);
  }
  // Beyond what "8388607t" and "2562047788015h" may say: whole bytes and milliseconds.
  EXPECT_EQ(FormatScalar(kSize, *ParseScalar(kSize, "9223371037408329728")), "9223371037408329728");
  EXPECT_EQ(FormatScalar(kTime, *ParseScalar(kTime, "9223372036854000000")), "9223372036854000000");
  EXPECT_EQ(FormatScalar(kShare, *ParseScalar(kShare, "0.1")), "0.1");
}

TEST(ValueText, NamesAnOpenRangeByItsOneEnd) {
  static constexpr Setting<int64_t> kAtMost{"a.most", 0, "At most 5.", INT64_MIN, 5};
  static constexpr Setting<int64_t> kAtLeast{"a.least", 9, "At least 5.", 5};
  EXPECT_EQ(ParseScalar(kAtMost, "6").status().message(), "must be at most 5, not 6");
  EXPECT_EQ(ParseScalar(kAtLeast, "4").status().message(), "must be at least 5, not 4");
}

}  // namespace
}  // namespace tusk::config
