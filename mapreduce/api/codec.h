// Keys and values as bytes.
//
// KeyCodec keeps order: a < b exactly when the bytes of a come before the bytes of b (compared as unsigned bytes, a prefix
// first), so that sort, merge and range partitioning work on bytes alone. ValueCodec only has to come back equal.
//   integers    big-endian, the sign bit flipped (values: little-endian)
//   float, double  the bits, negative ones inverted, others with the sign bit flipped; -0 becomes 0, every NaN sorts last
//   strings     as they are; before another part of a pair: NUL as 00 FF, the end as 00 00 (values: varint length, then bytes)
//   pair, tuple part after part
//   Descending<T>  the bytes of T inverted: largest first
// Decoded std::string_view point into the record, or into the scratch if they had NULs before another part; they live until the
// next record.
// Errors: Get answers false for bytes that are not an encoding of T.
// Thread: pure functions.
#pragma once

#include <bit>
#include <cmath>
#include <compare>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tusk::mr {

// No value: a key without one. Written as nothing, and no tab before it.
struct Nothing {
  auto operator<=>(const Nothing&) const = default;
};

// A key part that sorts from the largest to the smallest.
template <class T>
struct Descending {
  T value{};
  auto operator<=>(const Descending& other) const { return other.value <=> value; }
  bool operator==(const Descending&) const = default;
};

// Where strings with escaped bytes are put when a key is decoded.
class DecodeScratch {
 public:
  std::string& Take() {
    if (used_ == pieces_.size()) pieces_.emplace_back();
    std::string& piece = pieces_[used_++];
    piece.clear();
    return piece;
  }
  void Reset() { used_ = 0; }

 private:
  std::deque<std::string> pieces_;
  size_t used_ = 0;
};

namespace codec_internal {
template <class T>
inline constexpr bool kNoCodec = false;

template <class T>
concept Integer = std::integral<T> || std::is_enum_v<T>;

// An empty view may point nowhere, which memcpy does not take.
inline char* PutBytes(std::string_view bytes, char* to) {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

template <class T>
constexpr auto ToUnsigned(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    return static_cast<uint8_t>(value);
  } else if constexpr (std::is_enum_v<T>) {
    return ToUnsigned(static_cast<std::underlying_type_t<T>>(value));
  } else {
    return static_cast<std::make_unsigned_t<T>>(value);
  }
}

template <class U>
U SwapBytes(U v) {
  if constexpr (sizeof(U) == 8) return __builtin_bswap64(v);
  if constexpr (sizeof(U) == 4) return __builtin_bswap32(v);
  if constexpr (sizeof(U) == 2) return __builtin_bswap16(v);
  return v;
}

inline char* PutVarint(uint64_t v, char* to) {
  for (; v >= 0x80; v >>= 7) *to++ = static_cast<char>(v | 0x80);
  *to++ = static_cast<char>(v);
  return to;
}
inline bool GetVarint(const char*& from, const char* end, uint64_t* v) {
  *v = 0;
  for (int shift = 0; shift < 64 && from < end; shift += 7) {
    const auto byte = static_cast<unsigned char>(*from++);
    *v |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}
}  // namespace codec_internal

// Put writes at most MaxBytes(value) bytes and returns the end. kLast: no other part follows.
template <class T>
struct KeyCodec {
  static_assert(
      codec_internal::kNoCodec<T>,
      "This type cannot be a key. Keys are std::string_view, std::string, integers, enums, float, double, "
      "Descending<T>, std::pair and std::tuple of these; or specialise tusk::mr::KeyCodec<T> with an order-preserving encoding.");
};
template <class T>
struct ValueCodec {
  static_assert(codec_internal::kNoCodec<T>,
                "This type cannot be a value. Values are std::string_view, std::string, integers, enums, float, double, Nothing, "
                "std::pair and std::tuple of these; or specialise tusk::mr::ValueCodec<T>.");
};

template <codec_internal::Integer T>
struct KeyCodec<T> {
  using U = decltype(codec_internal::ToUnsigned(T{}));
  static constexpr size_t kFixedBytes = sizeof(U);
  static size_t MaxBytes(T) { return sizeof(U); }
  static constexpr U Flip() {
    if constexpr (std::is_enum_v<T>) {
      return KeyCodec<std::underlying_type_t<T>>::Flip();
    } else {
      return std::is_signed_v<T> ? static_cast<U>(U{1} << (sizeof(U) * 8 - 1)) : U{0};
    }
  }
  template <bool kLast>
  static char* Put(T value, char* to) {
    const U bits = codec_internal::SwapBytes(static_cast<U>(codec_internal::ToUnsigned(value) ^ Flip()));
    std::memcpy(to, &bits, sizeof(U));
    return to + sizeof(U);
  }
  template <bool kLast>
  static bool Get(const char*& from, const char* end, DecodeScratch&, T* out) {
    if (static_cast<size_t>(end - from) < sizeof(U)) return false;
    U bits;
    std::memcpy(&bits, from, sizeof(U));
    from += sizeof(U);
    *out = static_cast<T>(static_cast<U>(codec_internal::SwapBytes(bits) ^ Flip()));
    return true;
  }
};

template <std::floating_point T>
struct KeyCodec<T> {
  static_assert(sizeof(T) <= 8, "long double cannot be a key; use double");
  using U = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  static constexpr U kSign = U{1} << (sizeof(U) * 8 - 1);
  static constexpr size_t kFixedBytes = sizeof(U);
  static size_t MaxBytes(T) { return sizeof(U); }
  template <bool kLast>
  static char* Put(T value, char* to) {
    if (value == 0) value = 0;
    if (std::isnan(value)) value = std::numeric_limits<T>::quiet_NaN();
    U bits = std::bit_cast<U>(value);
    bits = (bits & kSign) ? static_cast<U>(~bits) : static_cast<U>(bits ^ kSign);
    bits = codec_internal::SwapBytes(bits);
    std::memcpy(to, &bits, sizeof(U));
    return to + sizeof(U);
  }
  template <bool kLast>
  static bool Get(const char*& from, const char* end, DecodeScratch&, T* out) {
    if (static_cast<size_t>(end - from) < sizeof(U)) return false;
    U bits;
    std::memcpy(&bits, from, sizeof(U));
    from += sizeof(U);
    bits = codec_internal::SwapBytes(bits);
    *out = std::bit_cast<T>((bits & kSign) ? static_cast<U>(bits ^ kSign) : static_cast<U>(~bits));
    return true;
  }
};

template <>
struct KeyCodec<std::string_view> {
  static constexpr size_t kFixedBytes = 0;
  static size_t MaxBytes(std::string_view value) { return 2 * value.size() + 2; }
  template <bool kLast>
  static char* Put(std::string_view value, char* to) {
    if constexpr (kLast) return codec_internal::PutBytes(value, to);
    for (const char c : value) {
      *to++ = c;
      if (c == '\0') *to++ = '\xff';
    }
    *to++ = '\0';
    *to++ = '\0';
    return to;
  }
  template <bool kLast>
  static bool Get(const char*& from, const char* end, DecodeScratch& scratch, std::string_view* out) {
    if constexpr (kLast) {
      *out = std::string_view(from, static_cast<size_t>(end - from));
      from = end;
      return true;
    }
    const char* begin = from;
    std::string* copy = nullptr;
    for (;;) {
      const char* nul = static_cast<const char*>(std::memchr(from, 0, static_cast<size_t>(end - from)));
      if (nul == nullptr || end - nul < 2) return false;
      if (copy != nullptr) copy->append(from, static_cast<size_t>(nul - from));
      from = nul + 2;
      if (nul[1] == '\0') {
        *out = copy != nullptr ? std::string_view(*copy) : std::string_view(begin, static_cast<size_t>(nul - begin));
        return true;
      }
      if (nul[1] != '\xff') return false;
      if (copy == nullptr) {
        copy = &scratch.Take();
        copy->assign(begin, static_cast<size_t>(nul - begin));
      }
      copy->push_back('\0');
    }
  }
};

template <>
struct KeyCodec<std::string> {
  static constexpr size_t kFixedBytes = 0;
  static size_t MaxBytes(const std::string& value) { return KeyCodec<std::string_view>::MaxBytes(value); }
  template <bool kLast>
  static char* Put(const std::string& value, char* to) {
    return KeyCodec<std::string_view>::Put<kLast>(value, to);
  }
  template <bool kLast>
  static bool Get(const char*& from, const char* end, DecodeScratch& scratch, std::string* out) {
    std::string_view view;
    if (!KeyCodec<std::string_view>::Get<kLast>(from, end, scratch, &view)) return false;
    out->assign(view);
    return true;
  }
};

template <class T>
struct KeyCodec<Descending<T>> {
  static constexpr size_t kFixedBytes = KeyCodec<T>::kFixedBytes;
  static_assert(kFixedBytes != 0, "Descending<T> needs a T of fixed size: an integer, float or double.");
  static size_t MaxBytes(const Descending<T>& value) { return KeyCodec<T>::MaxBytes(value.value); }
  template <bool kLast>
  static char* Put(const Descending<T>& value, char* to) {
    char* end = KeyCodec<T>::template Put<kLast>(value.value, to);
    for (char* p = to; p < end; ++p) *p = static_cast<char>(~*p);
    return end;
  }
  template <bool kLast>
  static bool Get(const char*& from, const char* end, DecodeScratch& scratch, Descending<T>* out) {
    if (static_cast<size_t>(end - from) < kFixedBytes) return false;
    char bytes[kFixedBytes];
    for (size_t i = 0; i < kFixedBytes; ++i) bytes[i] = static_cast<char>(~from[i]);
    from += kFixedBytes;
    const char* begin = bytes;
    return KeyCodec<T>::template Get<kLast>(begin, bytes + kFixedBytes, scratch, &out->value);
  }
};

// Values of fixed size are kept as they are, so that a combine table can fold them in place.
template <class T>
  requires codec_internal::Integer<T> || std::floating_point<T>
struct ValueCodec<T> {
  static constexpr size_t kFixedBytes = sizeof(T);
  static size_t MaxBytes(T) { return sizeof(T); }
  template <bool kLast>
  static char* Put(T value, char* to) {
    std::memcpy(to, &value, sizeof(T));
    return to + sizeof(T);
  }
  template <bool kLast>
  static bool Get(const char*& from, const char* end, DecodeScratch&, T* out) {
    if (static_cast<size_t>(end - from) < sizeof(T)) return false;
    if constexpr (std::is_same_v<T, bool>) {
      if (static_cast<unsigned char>(*from) > 1) return false;
    }
    std::memcpy(out, from, sizeof(T));
    from += sizeof(T);
    return true;
  }
};

template <>
struct ValueCodec<Nothing> {
  static constexpr size_t kFixedBytes = 0;
  static size_t MaxBytes(Nothing) { return 0; }
  template <bool kLast>
  static char* Put(Nothing, char* to) {
    return to;
  }
  template <bool kLast>
  static bool Get(const char*&, const char*, DecodeScratch&, Nothing*) {
    return true;
  }
};

template <>
struct ValueCodec<std::string_view> {
  static constexpr size_t kFixedBytes = 0;
  static size_t MaxBytes(std::string_view value) { return value.size() + 10; }
  template <bool kLast>
  static char* Put(std::string_view value, char* to) {
    if constexpr (!kLast) to = codec_internal::PutVarint(value.size(), to);
    return codec_internal::PutBytes(value, to);
  }
  template <bool kLast>
  static bool Get(const char*& from, const char* end, DecodeScratch&, std::string_view* out) {
    uint64_t size = static_cast<uint64_t>(end - from);
    if constexpr (!kLast) {
      if (!codec_internal::GetVarint(from, end, &size) || size > static_cast<uint64_t>(end - from)) return false;
    }
    *out = std::string_view(from, size);
    from += size;
    return true;
  }
};

template <>
struct ValueCodec<std::string> {
  static constexpr size_t kFixedBytes = 0;
  static size_t MaxBytes(const std::string& value) { return value.size() + 10; }
  template <bool kLast>
  static char* Put(const std::string& value, char* to) {
    return ValueCodec<std::string_view>::Put<kLast>(value, to);
  }
  template <bool kLast>
  static bool Get(const char*& from, const char* end, DecodeScratch& scratch, std::string* out) {
    std::string_view view;
    if (!ValueCodec<std::string_view>::Get<kLast>(from, end, scratch, &view)) return false;
    out->assign(view);
    return true;
  }
};

namespace codec_internal {
// Pairs and tuples for both codecs: each part but the last is written with kLast = false.
template <template <class> class Codec, class Tuple, class Indices>
struct TupleCodec;

template <template <class> class Codec, class Tuple, size_t... kIndex>
struct TupleCodec<Codec, Tuple, std::index_sequence<kIndex...>> {
  static constexpr size_t kCount = sizeof...(kIndex);
  template <size_t i>
  using Part = Codec<std::remove_cvref_t<std::tuple_element_t<i, Tuple>>>;
  static constexpr size_t kFixedBytes =
      ((Part<kIndex>::kFixedBytes != 0) && ...) ? (size_t{0} + ... + Part<kIndex>::kFixedBytes) : size_t{0};

  static size_t MaxBytes(const Tuple& value) { return (size_t{0} + ... + Part<kIndex>::MaxBytes(std::get<kIndex>(value))); }
  template <bool kLast>
  static char* Put(const Tuple& value, char* to) {
    ((to = Part<kIndex>::template Put < kLast && kIndex + 1 == kCount > (std::get<kIndex>(value), to)), ...);
    return to;
  }
  template <bool kLast>
  static bool Get(const char*& from, const char* end, DecodeScratch& scratch, Tuple* out) {
    return (Part<kIndex>::template Get < kLast && kIndex + 1 == kCount > (from, end, scratch, &std::get<kIndex>(*out)) && ...);
  }
};
}  // namespace codec_internal

template <class A, class B>
struct KeyCodec<std::pair<A, B>> : codec_internal::TupleCodec<KeyCodec, std::pair<A, B>, std::make_index_sequence<2>> {};
template <class... T>
struct KeyCodec<std::tuple<T...>>
    : codec_internal::TupleCodec<KeyCodec, std::tuple<T...>, std::make_index_sequence<sizeof...(T)>> {};
template <class A, class B>
struct ValueCodec<std::pair<A, B>> : codec_internal::TupleCodec<ValueCodec, std::pair<A, B>, std::make_index_sequence<2>> {};
template <class... T>
struct ValueCodec<std::tuple<T...>>
    : codec_internal::TupleCodec<ValueCodec, std::tuple<T...>, std::make_index_sequence<sizeof...(T)>> {};

template <template <class> class Codec, class T>
std::string Encode(const T& value) {
  std::string bytes(Codec<T>::MaxBytes(value), '\0');
  bytes.resize(static_cast<size_t>(Codec<T>::template Put<true>(value, bytes.data()) - bytes.data()));
  return bytes;
}

// False unless `bytes` is exactly one T.
template <template <class> class Codec, class T>
bool Decode(std::string_view bytes, DecodeScratch& scratch, T* out) {
  scratch.Reset();
  const char* from = bytes.data();
  const char* end = from + bytes.size();
  return Codec<T>::template Get<true>(from, end, scratch, out) && from == end;
}

template <class T>
std::string EncodeKey(const T& value) {
  return Encode<KeyCodec, T>(value);
}

}  // namespace tusk::mr
