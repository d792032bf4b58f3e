// The words of a line: maximal runs of bytes that are not white space in the C locale (space, \t, \n, \v, \f, \r).
//
//   for (std::string_view word : Words(line)) ...
// Thread: a value; points into the line.
#pragma once

#include <array>
#include <iterator>
#include <string_view>

namespace tusk::mr {

namespace words_internal {
inline constexpr auto kSpace = [] {
  std::array<bool, 256> table{};
  for (const char c : {' ', '\t', '\n', '\v', '\f', '\r'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();
inline bool IsSpace(char c) { return kSpace[static_cast<unsigned char>(c)]; }
}  // namespace words_internal

class Words {
 public:
  explicit Words(std::string_view line) : line_(line) {}

  class Iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    Iterator(const char* at, const char* end) : end_(at), line_end_(end) { Find(); }
    std::string_view operator*() const { return {begin_, static_cast<size_t>(end_ - begin_)}; }
    Iterator& operator++() {
      Find();
      return *this;
    }
    void operator++(int) { Find(); }
    bool operator==(std::default_sentinel_t) const { return begin_ == line_end_; }

   private:
    void Find() {
      begin_ = end_;
      while (begin_ != line_end_ && words_internal::IsSpace(*begin_)) ++begin_;
      end_ = begin_;
      while (end_ != line_end_ && !words_internal::IsSpace(*end_)) ++end_;
    }
    const char* begin_ = nullptr;
    const char* end_;
    const char* line_end_;
  };
  Iterator begin() const { return {line_.data(), line_.data() + line_.size()}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::string_view line_;
};

}  // namespace tusk::mr
