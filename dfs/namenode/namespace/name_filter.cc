#include "dfs/namenode/namespace/name_filter.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "dfs/namenode/namespace/state_entry.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kKeysPerLine = 32;  // when it is full; it is made for half as many more than there are
constexpr int kBitsPerKey = 6;

// Six positions in a line of 512 bits, nine bits of the hash each.
template <class Visit>
bool EachBit(size_t hash, Visit visit) {
  uint64_t bits = hash * 0x9E3779B97F4A7C15;
  for (int i = 0; i < kBitsPerKey; ++i, bits >>= 9) {
    if (!visit((bits >> 6) & 7, uint64_t{1} << (bits & 63))) return false;
  }
  return true;
}

}  // namespace

NameFilter::Bits::Bits(size_t keys) : room_(keys), count_(keys / kKeysPerLine + 1), lines_(count_) {}

bool NameFilter::Bits::Has(size_t hash) const {
  const Line& line = LineOf(hash);
  return EachBit(hash, [&](uint64_t word, uint64_t bit) { return (line.words[word] & bit) != 0; });
}

void NameFilter::Bits::Add(size_t hash) {
  auto& line = const_cast<Line&>(LineOf(hash));
  EachBit(hash, [&](uint64_t word, uint64_t bit) {
    line.words[word] |= bit;
    return true;
  });
}

size_t NameFilter::Bits::BytesFor(size_t keys) { return (keys / kKeysPerLine + 1) * sizeof(Line); }

NameFilter::NameFilter(const storage::KeyValueStore& store, bool background, size_t least_keys, size_t max_bytes)
    : store_(store), background_(background), least_keys_(least_keys), max_bytes_(max_bytes) {
  Fill();
}

NameFilter::~NameFilter() {
  stopping_.store(true);
  if (thread_.joinable()) thread_.join();
}

void NameFilter::Add(size_t hash) {
  if (building_) missed_.push_back(hash);
  if (bits_ == nullptr) return;
  bits_->Add(hash);
  ++added_;
}

void NameFilter::Fill() {
  building_ = true;
  done_.store(false);
  if (!background_) return Build();
  thread_ = std::thread([this] { Build(); });
}

bool NameFilter::Poll() {
  if (building_) {
    if (!done_.load(std::memory_order_acquire)) return false;
    if (thread_.joinable()) thread_.join();
    building_ = false;
    if (too_many_) {
      given_up_ = true;
      bits_.reset();
    }
    if (built_ == nullptr) {  // or the store could not be read: whoever asks it next will say so
      missed_ = {};
      return false;
    }
    bits_ = std::move(built_);
    added_ = built_keys_;
    // Those of the deltas are not counted, there is always room for them: else a large delta would have it filled again and
    // again.
    for (const size_t hash : std::exchange(missed_, {})) bits_->Add(hash);
  }
  return !given_up_ && bits_ != nullptr && added_ > bits_->room();
}

void NameFilter::Build() {
  // Twice over the keys, the first time to count them: their hashes together could be as large as the rest of the process.
  const auto each = [this](const std::function<void(std::string_view)>& visit) {
    size_t visited = 0;
    const Status status = store_.ForEach("D", [&](std::string_view key, std::string_view) {
      visit(key);
      return ++visited % 1024 != 0 || !stopping_.load();
    });
    return status.ok() && !stopping_.load();
  };
  built_keys_ = 0;
  if (each([this](std::string_view) { ++built_keys_; })) {
    const size_t keys = std::max(built_keys_ + built_keys_ / 2, least_keys_);
    too_many_ = Bits::BytesFor(keys) > max_bytes_;
    auto bits = too_many_ ? nullptr : std::make_unique<Bits>(keys);
    if (bits != nullptr && each([&](std::string_view key) { bits->Add(HashKey(key)); })) built_ = std::move(bits);
  }
  done_.store(true, std::memory_order_release);
}

}  // namespace tusk::dfs::namenode
