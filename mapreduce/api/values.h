// The values of one key, for Reduce: a range to be walked once, for (uint64_t v : values).
//
// Values are decoded one by one out of the merge; a std::string_view lives until the iterator moves on. What is not read is
// skipped. Thread: the task's.
#pragma once

#include <iterator>

#include "mapreduce/api/codec.h"
#include "mapreduce/task/merge.h"

namespace tusk::mr {

template <class V>
class Values {
 public:
  explicit Values(GroupReader& group) : group_(&group) {}

  class Iterator {
   public:
    using value_type = V;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(Values* values) : values_(values) {}
    const V& operator*() const { return values_->value_; }
    Iterator& operator++() {
      values_->Advance();
      return *this;
    }
    void operator++(int) { values_->Advance(); }
    bool operator==(std::default_sentinel_t) const { return values_->ended_; }

   private:
    Values* values_;
  };
  Iterator begin() {
    Advance();
    return Iterator(this);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  friend class Iterator;
  void Advance() {
    ended_ = !group_->NextValue();
    if (!ended_ && !Decode<ValueCodec, V>(group_->value(), scratch_, &value_)) {
      group_->Fail(Corruption("a value of map output cannot be decoded: do Map and Reduce agree about its type?"));
      ended_ = true;
    }
  }

  GroupReader* group_;
  V value_{};
  bool ended_ = false;
  DecodeScratch scratch_;
};

// Sum(values), Count(values): what most reducers do.
template <class V>
V Sum(Values<V>& values) {
  V sum{};
  for (const V& value : values) sum += value;
  return sum;
}
template <class V>
V Sum(Values<V>&& values) {
  return Sum(values);
}
template <class V>
uint64_t Count(Values<V>& values) {
  uint64_t count = 0;
  for (auto it = values.begin(); it != values.end(); ++it) ++count;
  return count;
}

}  // namespace tusk::mr
