// Numbers that must not be mixed up: BlockId and InodeId are both 64 bits, and passing one for the other does not compile.
//
//   struct BlockIdTag;
//   using BlockId = StrongId<BlockIdTag, uint64_t>;
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <ostream>

namespace tusk {

template <class Tag, class Value>
class StrongId {
 public:
  constexpr StrongId() = default;
  constexpr explicit StrongId(Value value) : value_(value) {}
  constexpr Value value() const { return value_; }
  constexpr auto operator<=>(const StrongId&) const = default;
  friend std::ostream& operator<<(std::ostream& out, StrongId id) { return out << id.value_; }

 private:
  Value value_{};
};

}  // namespace tusk

template <class Tag, class Value>
struct std::hash<tusk::StrongId<Tag, Value>> {
  size_t operator()(tusk::StrongId<Tag, Value> id) const noexcept {
    // Ids are handed out in sequence; the multiplication spreads them over the buckets of a power-of-two table.
    return static_cast<size_t>(id.value()) * size_t{0x9E3779B97F4A7C15};
  }
};
