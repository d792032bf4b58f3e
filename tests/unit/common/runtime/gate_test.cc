#include "common/runtime/gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

namespace tusk {
namespace {

enum class Why : uint32_t { kFirst = 1, kSecond };

TEST(Gate, LetsPassAtOnceWhenItWasOpenedBefore) {
  Gate<Why> gate;
  EXPECT_TRUE(gate.Open(Why::kSecond));
  EXPECT_EQ(gate.Await(), Why::kSecond);
}

TEST(Gate, TheFirstWordCounts) {
  Gate<Why> gate;
  EXPECT_TRUE(gate.Open(Why::kFirst));
  EXPECT_FALSE(gate.Open(Why::kSecond));
  EXPECT_EQ(gate.Await(), Why::kFirst);
}

// The waiter may destroy the gate as soon as it is through: sanitizers would tell of a touch behind that.
TEST(Gate, IsGoneAsSoonAsItsWaiterIsThrough) {
  std::atomic<Gate<Why>*> handed{nullptr};
  constexpr int kRounds = 20'000;
  std::thread opener([&handed] {
    for (int i = 0; i < kRounds; ++i) {
      Gate<Why>* gate = nullptr;
      while ((gate = handed.exchange(nullptr)) == nullptr) std::this_thread::yield();
      gate->Open(i % 2 == 0 ? Why::kFirst : Why::kSecond);
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    const auto gate = std::make_unique<Gate<Why>>();
    handed = gate.get();
    ASSERT_EQ(gate->Await(), i % 2 == 0 ? Why::kFirst : Why::kSecond);
  }
  opener.join();
}

}  // namespace
}  // namespace tusk
