#include "common/storage/key_value_store.h"
#include "tests/crash/formats.h"

namespace tusk::crash {
namespace {

using storage::KeyValueStore;
using storage::WriteBatch;

// Synced batches of several keys over several write buffers, as the NameNode's flushes are: what opens holds whole batches up to
// one that is not older than the last acknowledged one.
class StateTrial final : public Trial {
 public:
  explicit StateTrial(uint64_t seed) : seed_(seed) {}

  void Work() override {
    auto store = Open();
    if (!store.ok()) return;
    for (int i = 1; i <= kBatches; ++i) {
      WriteBatch batch;
      batch.Put("index", std::to_string(i));
      batch.Put("key" + std::to_string(i), Value(i));
      if (i > 3) batch.Delete("key" + std::to_string(i - 3));
      written_ = i;
      if (!(*store)->SyncedWrite(batch).ok()) return;
      acknowledged_ = i;
    }
  }

  std::string Check() override {
    auto store = Open();
    // A batch that was on its way when the power went may leave half a record, which LevelDB refuses when it is told to be
    // strict. That is told, and the NameNode rebuilds the state from image and log: what must never be is a state that opens and
    // lacks something.
    if (!store.ok())
      return store.status().code() == Code::kCorruption ? "" : "the state does not open: " + store.status().ToString();
    const auto found = (*store)->Find("index");
    if (!found.ok()) return found.status().ToString();
    const int index = *found ? std::stoi(**found) : 0;
    if (index < acknowledged_) {
      return "batch " + std::to_string(acknowledged_) + " was synced, but the state is at " + std::to_string(index);
    }
    if (index > written_) return "a batch came from nowhere";
    for (int i = 1; i <= kBatches; ++i) {
      const auto value = (*store)->Find("key" + std::to_string(i));
      if (!value.ok()) return value.status().ToString();
      const bool expected = i <= index && i > index - 3;
      if (value->has_value() != expected) return "batch " + std::to_string(index) + " is not whole";
      if (expected && **value != Value(i)) return "the value of batch " + std::to_string(i) + " is wrong";
    }
    return {};
  }

 private:
  static constexpr int kBatches = 40;
  static Result<std::unique_ptr<KeyValueStore>> Open() {
    KeyValueStore::Options options;
    options.block_cache_bytes = 1 << 16;
    options.write_buffer_bytes = 1 << 16;
    return KeyValueStore::Open("/sim/state", options);
  }
  std::string Value(int i) const { return std::to_string(seed_) + std::string(4000, static_cast<char>('a' + i % 26)); }

  const uint64_t seed_;
  int written_ = 0;
  int acknowledged_ = 0;
};

}  // namespace

Format StateFormat() {
  return {"LevelDB state", "40 synced batches over three write buffers",
          [](uint64_t seed) { return std::make_unique<StateTrial>(seed); }};
}

}  // namespace tusk::crash
