// Little building blocks of the records in the applied state: LEB128 numbers, counted strings, big-endian key parts.
//
// Reading is bounded: past the end, ok() turns false and zeroes are returned. Thread: values.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::dfs::namenode {

// Writes into itself first: a record of usual size costs no allocation.
class ByteWriter {
 public:
  ByteWriter() = default;
  ByteWriter(const ByteWriter&) = delete;
  ByteWriter& operator=(const ByteWriter&) = delete;

  void Number(uint64_t value) {
    char* out = Room(kLongestNumber);
    for (; value >= 0x80; value >>= 7) *out++ = static_cast<char>(value | 0x80);
    *out++ = static_cast<char>(value);
    size_ = static_cast<size_t>(out - data_);
  }
  // Zigzag: small magnitudes of either sign are short.
  void Signed(int64_t value) { Number((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63)); }
  void Text(std::string_view text) {
    Number(text.size());
    Bytes(text);
  }
  void Bytes(std::string_view bytes) {  // as they are
    std::memcpy(Room(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  // Room for so many bytes, to be filled by the caller.
  char* Extend(size_t bytes) {
    char* const room = Room(bytes);
    size_ += bytes;
    return room;
  }
  std::string_view view() const { return {data_, size_}; }  // until the next write
  std::string Take() const { return std::string(view()); }

 private:
  static constexpr size_t kLongestNumber = 10;
  static constexpr size_t kInlineBytes = 320;

  char* Room(size_t bytes) {
    if (capacity_ - size_ < bytes) Grow(bytes);
    return data_ + size_;
  }
  void Grow(size_t bytes) {
    capacity_ = 2 * capacity_ + bytes;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    std::memcpy(larger.get(), data_, size_);
    large_ = std::move(larger);
    data_ = large_.get();
  }

  std::unique_ptr<char[]> large_;
  char* data_ = inline_;
  size_t size_ = 0;
  size_t capacity_ = kInlineBytes;
  char inline_[kInlineBytes];
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}
  uint64_t Number() {
    if (at_ != end_ && static_cast<uint8_t>(*at_) < 0x80) return static_cast<uint8_t>(*at_++);  // most are small
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*at_++);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  int64_t Signed() {
    const uint64_t value = Number();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  std::string_view Text() {
    const uint64_t size = Number();
    if (size > left()) {
      ok_ = false;
      return {};
    }
    const std::string_view text(at_, size);
    at_ += size;
    return text;
  }
  std::string_view Rest() const { return {at_, left()}; }
  bool Skip(size_t bytes) {  // false: there are not so many
    if (bytes > left()) ok_ = false;
    if (ok_) at_ += bytes;
    return ok_;
  }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && at_ == end_; }

 private:
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

inline void PutBigEndian(uint64_t value, char* out) {
  for (int i = 7; i >= 0; --i, value >>= 8) out[i] = static_cast<char>(value);
}
inline void AppendBigEndian(uint64_t value, std::string* out) {
  char bytes[8];
  PutBigEndian(value, bytes);
  out->append(bytes, sizeof bytes);
}
inline void AppendBigEndian32(uint32_t value, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}
// `bytes` must have 8 (4) bytes.
inline uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}
inline uint32_t BigEndian32(std::string_view bytes) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

}  // namespace tusk::dfs::namenode
