#include "mapreduce/api/codec.h"

#include <gtest/gtest.h>

#include <limits>

#include "common/base/random.h"
#include "mapreduce/api/text_form.h"
#include "mapreduce/api/words.h"

namespace tusk::mr {
namespace {

template <class T>
T RoundTrip(const T& value) {
  static DecodeScratch scratch;
  static std::string bytes;
  bytes = EncodeKey<T>(value);
  T out{};
  EXPECT_TRUE((Decode<KeyCodec, T>(bytes, scratch, &out)));
  return out;
}

// For each pair: the bytes compare as the values do.
template <class T>
void ExpectOrder(const std::vector<T>& values) {
  for (const T& a : values) {
    const std::string bytes_a = EncodeKey<T>(a);
    EXPECT_TRUE(RoundTrip<T>(a) == a);
    for (const T& b : values) {
      const std::string bytes_b = EncodeKey<T>(b);
      EXPECT_EQ(a < b, bytes_a < bytes_b);
      EXPECT_EQ(a == b, bytes_a == bytes_b);
    }
  }
}

template <class T>
std::vector<T> Integers(uint64_t seed) {
  Random random(seed);
  std::vector<T> values{0, 1, static_cast<T>(-1), std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
  for (int i = 0; i < 40; ++i) values.push_back(static_cast<T>(random() >> random.Below(64)));
  return values;
}

std::string RandomBytes(Random& random, size_t most) {
  std::string bytes(random.Below(most + 1), '\0');
  // Few different bytes: common prefixes, NULs and FFs are the hard cases.
  for (char& c : bytes)
    c = "\0\x01\xff"
        "a"[random.Below(4)];
  return bytes;
}

TEST(KeyCodec, KeepsTheOrderOfIntegers) {
  ExpectOrder(Integers<int8_t>(1));
  ExpectOrder(Integers<uint8_t>(2));
  ExpectOrder(Integers<int16_t>(3));
  ExpectOrder(Integers<uint32_t>(4));
  ExpectOrder(Integers<int32_t>(5));
  ExpectOrder(Integers<int64_t>(6));
  ExpectOrder(Integers<uint64_t>(7));
  ExpectOrder<bool>({false, true});
}

TEST(KeyCodec, KeepsTheOrderOfFloatingPointNumbers) {
  Random random(8);
  std::vector<double> values{0.0,
                             1.0,
                             -1.0,
                             1e-300,
                             -1e-300,
                             std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::denorm_min()};
  for (int i = 0; i < 60; ++i)
    values.push_back((random.Unit() - 0.5) * std::pow(10.0, static_cast<double>(random.Below(40)) - 20));
  ExpectOrder(values);
  ExpectOrder<float>({0.0f, -0.5f, 0.5f, 1e30f, -1e30f, 1e-30f});
  EXPECT_EQ(EncodeKey(-0.0), EncodeKey(0.0));
  EXPECT_GT(EncodeKey(std::numeric_limits<double>::quiet_NaN()), EncodeKey(std::numeric_limits<double>::infinity()));
}

TEST(KeyCodec, KeepsTheOrderOfStringsAloneAndInPairs) {
  Random random(9);
  std::vector<std::string> strings{"", std::string(1, '\0'), "a", std::string("a\0", 2), std::string("a\0\xff", 3), "ab"};
  for (int i = 0; i < 60; ++i) strings.push_back(RandomBytes(random, 6));
  ExpectOrder(strings);
  std::vector<std::pair<std::string, std::string>> pairs;
  for (int i = 0; i < 80; ++i) pairs.emplace_back(RandomBytes(random, 4), RandomBytes(random, 3));
  ExpectOrder(pairs);
  std::vector<std::tuple<int32_t, std::string, double>> tuples;
  for (int i = 0; i < 80; ++i) {
    tuples.emplace_back(static_cast<int32_t>(random.Below(3)) - 1, RandomBytes(random, 3), random.Unit() - 0.5);
  }
  ExpectOrder(tuples);
}

TEST(KeyCodec, TurnsTheOrderOfDescendingRound) {
  std::vector<Descending<uint64_t>> values;
  for (const uint64_t v : Integers<uint64_t>(10)) values.push_back({v});
  ExpectOrder(values);
  EXPECT_LT(EncodeKey(Descending<int64_t>{5}), EncodeKey(Descending<int64_t>{-5}));
}

TEST(KeyCodec, RefusesBytesThatAreNoKey) {
  DecodeScratch scratch;
  uint64_t number = 0;
  EXPECT_FALSE((Decode<KeyCodec, uint64_t>("1234567", scratch, &number)));
  EXPECT_FALSE((Decode<KeyCodec, uint64_t>("123456789", scratch, &number)));
  std::pair<std::string_view, std::string_view> pair;
  EXPECT_FALSE((Decode<KeyCodec, decltype(pair)>("no end", scratch, &pair)));
  EXPECT_FALSE((Decode<KeyCodec, decltype(pair)>(std::string_view("a\0", 2), scratch, &pair)));
  EXPECT_FALSE((Decode<KeyCodec, decltype(pair)>(std::string_view("a\0b", 3), scratch, &pair)));
}

TEST(KeyCodec, DecodesNulsInPairsIntoTheScratch) {
  using Key = std::tuple<std::string_view, std::string_view, uint8_t>;
  const std::string a("x\0y\0", 4), b("\0", 1);
  DecodeScratch scratch;
  const std::string bytes = EncodeKey<Key>({a, b, 7});
  for (int round = 0; round < 3; ++round) {
    Key key;
    ASSERT_TRUE((Decode<KeyCodec, Key>(bytes, scratch, &key)));
    EXPECT_EQ(key, (Key{a, b, 7}));
  }
}

template <class T>
void ExpectValue(const T& value) {
  DecodeScratch scratch;
  const std::string bytes = Encode<ValueCodec, T>(value);
  EXPECT_LE(bytes.size(), ValueCodec<T>::MaxBytes(value));
  T out{};
  ASSERT_TRUE((Decode<ValueCodec, T>(bytes, scratch, &out)));
  EXPECT_TRUE(out == value);
}

TEST(ValueCodec, GivesBackWhatItGot) {
  ExpectValue<uint64_t>(42);
  ExpectValue<double>(-1.5);
  ExpectValue<Nothing>({});
  ExpectValue<std::string>(std::string(300, 'x'));
  ExpectValue<std::pair<std::string, uint32_t>>({std::string(200, '\0'), 7});
  ExpectValue<std::tuple<std::string, std::string, std::string>>({"", "b", ""});
  EXPECT_EQ((ValueCodec<std::pair<uint64_t, float>>::kFixedBytes), 12u);
  EXPECT_EQ((ValueCodec<std::pair<uint64_t, std::string_view>>::kFixedBytes), 0u);
}

TEST(ValueCodec, RefusesALengthBeyondTheBytes) {
  DecodeScratch scratch;
  std::pair<std::string_view, uint8_t> value;
  EXPECT_FALSE(
      (Decode<ValueCodec, decltype(value)>("\x05"
                                           "abc",
                                           scratch, &value)));
  EXPECT_FALSE((Decode<ValueCodec, decltype(value)>("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", scratch, &value)));
}

template <class T>
std::string Text(const T& value) {
  std::string text(TextForm<T>::MaxBytes(value) + 1, '#');
  text.resize(static_cast<size_t>(TextForm<T>::Put(value, text.data()) - text.data()));
  return text;
}

TEST(TextForm, WritesNumbersShortestAndPartsWithTabs) {
  EXPECT_EQ(Text<int64_t>(std::numeric_limits<int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(Text(0.1), "0.1");
  EXPECT_EQ(Text(true), "1");
  EXPECT_EQ(Text(Nothing{}), "");
  EXPECT_EQ(Text(std::pair<std::string_view, uint32_t>("a", 2)), "a\t2");
  EXPECT_EQ(Text(std::tuple<int, std::string, double>(-1, "x y", 2.5)), "-1\tx y\t2.5");
  EXPECT_EQ(Text(Descending<int>{3}), "3");
}

TEST(Words, AreRunsBetweenWhiteSpaceOfTheCLocale) {
  const auto split = [](std::string_view line) {
    std::vector<std::string> words;
    for (const std::string_view word : Words(line)) words.emplace_back(word);
    return words;
  };
  EXPECT_EQ(split(""), std::vector<std::string>{});
  EXPECT_EQ(split(" \t\v\f\r\n"), std::vector<std::string>{});
  EXPECT_EQ(split("one"), std::vector<std::string>{"one"});
  EXPECT_EQ(split("  a\tb\vc\fd\re  "), (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(split("caf\xc3\xa9\xc2\xa0x \x85"), (std::vector<std::string>{"caf\xc3\xa9\xc2\xa0x", "\x85"}));
}

TEST(ValueCodec, RefusesABoolThatIsNeitherTrueNorFalse) {
  DecodeScratch scratch;
  bool value = false;
  EXPECT_TRUE((Decode<ValueCodec, bool>(std::string_view("\1", 1), scratch, &value)));
  EXPECT_TRUE(value);
  EXPECT_FALSE((Decode<ValueCodec, bool>(std::string_view("\2", 1), scratch, &value)));
}

TEST(Codec, TakesAViewThatPointsNowhere) {
  EXPECT_EQ(EncodeKey(std::string_view()), "");
  EXPECT_EQ((Encode<ValueCodec>(std::string_view())), "");
}

}  // namespace
}  // namespace tusk::mr
