// How keys and values look in text output: strings as they are, numbers as std::to_chars writes them (the shortest form that
// reads back equal), parts of pairs and tuples with a tab between, Nothing as nothing. Thread: pure functions.
#pragma once

#include <charconv>
#include <cstring>

#include "mapreduce/api/codec.h"

namespace tusk::mr {

template <class T>
struct TextForm {
  static_assert(std::integral<T> || std::is_enum_v<T> || std::floating_point<T>,
                "This type has no text form. Give Out strings, numbers, Nothing, or pairs and tuples of these, or specialise "
                "tusk::mr::TextForm<T>.");
  static size_t MaxBytes(const T&) { return 32; }
  static char* Put(T value, char* to) {
    if constexpr (std::is_same_v<T, bool>) {
      *to = value ? '1' : '0';
      return to + 1;
    } else if constexpr (std::is_enum_v<T>) {
      return std::to_chars(to, to + 32, static_cast<std::underlying_type_t<T>>(value)).ptr;
    } else {
      return std::to_chars(to, to + 32, value).ptr;
    }
  }
};

template <>
struct TextForm<std::string_view> {
  static size_t MaxBytes(std::string_view value) { return value.size(); }
  static char* Put(std::string_view value, char* to) { return codec_internal::PutBytes(value, to); }
};
template <>
struct TextForm<std::string> : TextForm<std::string_view> {};

template <>
struct TextForm<Nothing> {
  static size_t MaxBytes(Nothing) { return 0; }
  static char* Put(Nothing, char* to) { return to; }
};

template <class T>
struct TextForm<Descending<T>> {
  static size_t MaxBytes(const Descending<T>& value) { return TextForm<T>::MaxBytes(value.value); }
  static char* Put(const Descending<T>& value, char* to) { return TextForm<T>::Put(value.value, to); }
};

namespace codec_internal {
template <class Tuple, class Indices>
struct TupleText;
template <class Tuple, size_t... kIndex>
struct TupleText<Tuple, std::index_sequence<kIndex...>> {
  template <size_t i>
  using Part = TextForm<std::remove_cvref_t<std::tuple_element_t<i, Tuple>>>;
  static size_t MaxBytes(const Tuple& value) {
    return (sizeof...(kIndex) + ... + Part<kIndex>::MaxBytes(std::get<kIndex>(value)));
  }
  static char* Put(const Tuple& value, char* to) {
    auto put = [&to]<class P, class V>(P*, bool first, const V& part) {
      if (!first) *to++ = '\t';
      to = P::Put(part, to);
    };
    (put(static_cast<Part<kIndex>*>(nullptr), kIndex == 0, std::get<kIndex>(value)), ...);
    return to;
  }
};
}  // namespace codec_internal

template <class A, class B>
struct TextForm<std::pair<A, B>> : codec_internal::TupleText<std::pair<A, B>, std::make_index_sequence<2>> {};
template <class... T>
struct TextForm<std::tuple<T...>> : codec_internal::TupleText<std::tuple<T...>, std::make_index_sequence<sizeof...(T)>> {};

}  // namespace tusk::mr
