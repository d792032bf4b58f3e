// The records of an Emitter's full buffer: {u32 key bytes, u32 value bytes, key, value} one after the other.
//
// Thread: one.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace tusk::mr {

class StagedRecords {
 public:
  explicit StagedRecords(std::span<const char> staged) : at_(staged.data()), end_(staged.data() + staged.size()) {}
  bool Next() {
    if (at_ == end_) return false;
    uint32_t sizes[2];
    std::memcpy(sizes, at_, 8);
    key_ = {at_ + 8, sizes[0]};
    value_ = {at_ + 8 + sizes[0], sizes[1]};
    at_ += 8 + size_t{sizes[0]} + sizes[1];
    return true;
  }
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }

 private:
  const char* at_;
  const char* end_;
  std::string_view key_, value_;
};

}  // namespace tusk::mr
