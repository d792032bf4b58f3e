// A job's Combine on encoded values, for the runtime.
//
// Thread: const methods from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mapreduce/api/codec.h"

namespace tusk::mr {

class Combiner {
 public:
  virtual ~Combiner() = default;
  // Bytes of every encoded value; 0: they differ, and only Fold may be called.
  virtual size_t fixed_value_bytes() const = 0;
  // *accumulators[i] = Combine(*accumulators[i], *values[i]), in order: the same accumulator may come several times.
  virtual void FoldBatch(char* const* accumulators, const char* const* values, size_t count) const = 0;
  // False: the bytes are not values.
  virtual bool Fold(std::string* accumulator, std::string_view value) const = 0;
};

template <class V, V (*kCombine)(V, V)>
class CombinerOf final : public Combiner {
 public:
  size_t fixed_value_bytes() const override { return ValueCodec<V>::kFixedBytes; }

  void FoldBatch(char* const* accumulators, const char* const* values, size_t count) const override {
    if constexpr (ValueCodec<V>::kFixedBytes != 0) {
      constexpr size_t kBytes = ValueCodec<V>::kFixedBytes;
      DecodeScratch scratch;
      for (size_t i = 0; i < count; ++i) {
        V a{}, b{};
        const char *from_a = accumulators[i], *from_b = values[i];
        static_cast<void>(ValueCodec<V>::template Get<true>(from_a, from_a + kBytes, scratch, &a));
        static_cast<void>(ValueCodec<V>::template Get<true>(from_b, from_b + kBytes, scratch, &b));
        ValueCodec<V>::template Put<true>(kCombine(a, b), accumulators[i]);
      }
    }
  }

  bool Fold(std::string* accumulator, std::string_view value) const override {
    DecodeScratch scratch_a, scratch_b;
    V a{}, b{};
    if (!Decode<ValueCodec, V>(*accumulator, scratch_a, &a) || !Decode<ValueCodec, V>(value, scratch_b, &b)) return false;
    // The result may be a view of either: it is encoded before the accumulator changes.
    std::string folded = Encode<ValueCodec, V>(kCombine(a, b));
    accumulator->swap(folded);
    return true;
  }
};

}  // namespace tusk::mr
