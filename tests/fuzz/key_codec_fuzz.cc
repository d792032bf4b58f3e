// Keys and values as bytes: whatever lies in a record decodes to a value that encodes again, or to a refusal; and keys keep
// order.
#include <glog/logging.h>

#include <cmath>

#include "mapreduce/api/codec.h"
#include "mapreduce/api/text_form.h"
#include "mapreduce/api/words.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace mr;  // NOLINT(google-build-using-namespace)

enum class Colour : uint8_t { kRed, kGreen };

// NaN is not equal to itself, but to a codec it is.
template <class T>
bool Same(const T& a, const T& b) {
  if constexpr (std::floating_point<T>) {
    return a == b || (std::isnan(a) && std::isnan(b));
  } else {
    return a == b;
  }
}
template <class T>
bool Same(const Descending<T>& a, const Descending<T>& b) {
  return Same(a.value, b.value);
}
template <class A, class B>
bool Same(const std::pair<A, B>& a, const std::pair<A, B>& b) {
  return Same(a.first, b.first) && Same(a.second, b.second);
}

template <class T>
void CheckText(const T& value) {
  std::string text(TextForm<T>::MaxBytes(value), '\0');
  CHECK_LE(TextForm<T>::Put(value, text.data()), text.data() + text.size()) << "the text form is longer than it promised";
}

template <template <class> class Codec, class T>
void CheckOne(std::string_view bytes) {
  DecodeScratch scratch, second_scratch;
  T value{}, again{};
  if (!Decode<Codec, T>(bytes, scratch, &value)) return;
  const std::string encoded = Encode<Codec, T>(value);
  CHECK((Decode<Codec, T>(encoded, second_scratch, &again)));
  CHECK(Same(value, again)) << "a decoded value does not survive encoding";
  CHECK_EQ((Encode<Codec, T>(again)), encoded);
  CheckText(value);
}

template <class T>
void CheckOrder(std::string_view one, std::string_view two) {
  DecodeScratch scratch_a, scratch_b;
  T a{}, b{};
  if (!Decode<KeyCodec, T>(one, scratch_a, &a) || !Decode<KeyCodec, T>(two, scratch_b, &b)) return;
  const std::string a_bytes = EncodeKey(a), b_bytes = EncodeKey(b);
  if (!Same(a, a) || !Same(b, b)) return;
  if constexpr (std::floating_point<T>) {
    if (std::isnan(a) || std::isnan(b)) return;
  }
  CHECK_EQ(a < b, a_bytes < b_bytes) << "the bytes of two keys have another order than the keys";
  CHECK_EQ(b < a, b_bytes < a_bytes);
}

template <class T>
void CheckKey(std::string_view bytes) {
  CheckOne<KeyCodec, T>(bytes);
  CheckOrder<T>(bytes.substr(0, bytes.size() / 2), bytes.substr(bytes.size() / 2));
  if (bytes.size() > 1)
    CheckOrder<T>(bytes, std::string(bytes.substr(0, bytes.size() - 1)) + static_cast<char>(bytes.back() + 1));
}

// The words of a line: none empty, none with white space, in order and within the line.
void CheckWords(std::string_view line) {
  const char* last = line.data();
  for (const std::string_view word : Words(line)) {
    CHECK(!word.empty() && word.data() >= last && word.data() + word.size() <= line.data() + line.size());
    CHECK(word.find_first_of(" \t\n\v\f\r") == std::string_view::npos);
    last = word.data() + word.size();
  }
}

}  // namespace

std::vector<std::string> Seeds() {
  return {EncodeKey(int32_t{-5}),
          EncodeKey(uint64_t{1} << 40),
          EncodeKey(3.5),
          EncodeKey(-0.25f),
          EncodeKey(std::string("a line of text with words")),
          EncodeKey(std::pair<std::string, int32_t>("ke\0y", 7)),
          EncodeKey(std::pair<std::string, std::string>(std::string("a\0b", 3), "c")),
          EncodeKey(std::tuple<std::string, Descending<double>, uint16_t>("url", {2.5}, 80)),
          Encode<ValueCodec>(std::pair<std::string, std::string>("first", "second")),
          Encode<ValueCodec>(std::tuple<bool, int8_t, std::string>(true, -1, "rest")),
          Encode<ValueCodec>(std::pair<int64_t, double>(-1, 1e300)),
          EncodeKey(std::string_view()),
          Encode<ValueCodec>(std::string_view()),
          std::string(17, '\0'),
          std::string(16, '\xff')};
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk::fuzz;
  using namespace tusk::mr;  // NOLINT(google-build-using-namespace)
  const std::string_view bytes = View(data, std::min<size_t>(size, 4096));
  CheckKey<int8_t>(bytes);
  CheckKey<int32_t>(bytes);
  CheckKey<uint64_t>(bytes);
  CheckKey<bool>(bytes);
  CheckKey<Colour>(bytes);
  CheckKey<float>(bytes);
  CheckKey<double>(bytes);
  CheckKey<Descending<int64_t>>(bytes);
  CheckKey<std::string>(bytes);
  CheckKey<std::string_view>(bytes);
  CheckKey<std::pair<std::string, int32_t>>(bytes);
  CheckKey<std::pair<std::string_view, std::string>>(bytes);
  CheckKey<std::tuple<uint16_t, std::string, std::string_view>>(bytes);
  CheckOne<ValueCodec, bool>(bytes);
  CheckOne<ValueCodec, int64_t>(bytes);
  CheckOne<ValueCodec, double>(bytes);
  CheckOne<ValueCodec, Nothing>(bytes);
  CheckOne<ValueCodec, std::string>(bytes);
  CheckOne<ValueCodec, std::pair<std::string_view, std::string>>(bytes);
  CheckOne<ValueCodec, std::tuple<bool, int8_t, std::string>>(bytes);
  CheckOne<ValueCodec, std::tuple<std::string, uint32_t, bool>>(bytes);
  CheckWords(bytes);
  return 0;
}
