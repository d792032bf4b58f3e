#include "common/base/units.h"

#include <gtest/gtest.h>

namespace tusk {
namespace {

using namespace std::chrono_literals;

TEST(Units, ReadSizesAsPeopleWriteThem) {
  EXPECT_EQ(*ParseBytes("4096"), 4096U);
  EXPECT_EQ(*ParseBytes("64k"), 64 * kKiB);
  EXPECT_EQ(*ParseBytes("64 KiB"), 64 * kKiB);
  EXPECT_EQ(*ParseBytes("128M"), 128 * kMiB);
  EXPECT_EQ(*ParseBytes("1.5g"), 3 * kGiB / 2);
  EXPECT_EQ(*ParseBytes("2TB"), 2048 * kGiB);
  EXPECT_EQ(*ParseBytes("0"), 0U);
  EXPECT_EQ(*ParseBytes("17b"), 17U);
}

TEST(Units, RefuseSizesThatAreNone) {
  for (const char* text : {"", "k", "-1", "1x", "1kk", "abc", "nan", "inf", "1e30", "99999999p", "1 2"}) {
    EXPECT_EQ(ParseBytes(text).status().code(), Code::kInvalidArgument) << text;
  }
}

TEST(Units, ReadDurations) {
  EXPECT_EQ(*ParseDuration("500ms"), 500ms);
  EXPECT_EQ(*ParseDuration("10s"), 10s);
  EXPECT_EQ(*ParseDuration("1.5 s"), 1500ms);
  EXPECT_EQ(*ParseDuration("2m"), 2min);
  EXPECT_EQ(*ParseDuration("1H"), 1h);
  EXPECT_EQ(*ParseDuration("0s"), 0ms);
}

TEST(Units, RefuseDurationsWithoutAUnitOrSign) {
  for (const char* text : {"", "10", "-1s", "s", "5y", "1e300h"}) {
    EXPECT_EQ(ParseDuration(text).status().code(), Code::kInvalidArgument) << text;
  }
}

TEST(Units, PrintSizesAsHadoopDoes) {
  EXPECT_EQ(FormatBytes(0), "0");
  EXPECT_EQ(FormatBytes(17), "17");
  EXPECT_EQ(FormatBytes(1536), "1.5 K");
  EXPECT_EQ(FormatBytes(128 * kMiB), "128 M");
  EXPECT_EQ(FormatBytes(3 * kGiB), "3 G");
}

TEST(Units, PrintDurationsForPeople) {
  EXPECT_EQ(FormatDuration(250us), "250 us");
  EXPECT_EQ(FormatDuration(35ms), "35 ms");
  EXPECT_EQ(FormatDuration(4200ms), "4.2 s");
  EXPECT_EQ(FormatDuration(3723s), "1:02:03");
  EXPECT_EQ(FormatDuration(63s), "1:03");
}

}  // namespace
}  // namespace tusk
