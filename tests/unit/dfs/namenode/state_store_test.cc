// The applied state against a plain map, under random transactions, roll-backs, soft changes and flushes; and what lies in the
// key-value store at any moment is the state of one moment.
#include "dfs/namenode/namespace/state_store.h"

#include <gtest/gtest.h>

#include <map>

#include "common/base/random.h"

namespace tusk::dfs::namenode {
namespace {

using Model = std::map<std::string, std::string>;

std::unique_ptr<storage::KeyValueStore> MemoryStore() {
  storage::KeyValueStore::Options options;
  options.in_memory = true;
  options.write_buffer_bytes = 64 << 10;
  auto store = storage::KeyValueStore::Open("/state", options);
  EXPECT_TRUE(store.ok()) << store.status();
  return std::move(*store);
}

StateStore::Options Small(bool background) {
  StateStore::Options options;
  options.cache_bytes = 8 << 10;
  options.flush_bytes = 4 << 10;
  options.background = background;
  return options;
}

std::string DirectoryKey(uint64_t directory, uint64_t name) {
  std::string key = "D";
  key.append(7, '\0').push_back(static_cast<char>(directory));
  return key + "name" + std::to_string(name);
}

class StateStoreTest : public ::testing::TestWithParam<bool> {
 protected:
  static std::string RandomKey(Random& random) {
    switch (random.Below(4)) {
      case 0: return "Z" + std::to_string(random.Below(50));
      case 1: return "L" + std::to_string(random.Below(20));
      default: return DirectoryKey(random.Below(5), random.Below(40));
    }
  }
  static void CheckScan(const View& view, const Model& model, std::string_view prefix, std::string_view after, size_t limit) {
    std::vector<std::pair<std::string, std::string>> seen, expected;
    view.Scan(prefix, after, [&](std::string_view key, std::string_view value) {
      seen.emplace_back(key, value);
      return seen.size() < limit;
    });
    for (const auto& [key, value] : model) {
      if (key.starts_with(prefix) && key > after && expected.size() < limit && key != "M") expected.emplace_back(key, value);
    }
    std::erase_if(seen, [](const auto& entry) { return entry.first == "M"; });
    ASSERT_EQ(seen, expected) << "prefix " << prefix;
  }
};

TEST_P(StateStoreTest, IsAMapWithTransactions) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    StateStore store(MemoryStore(), Small(GetParam()));
    Model model;
    std::map<uint64_t, Model> history;
    uint64_t version = 0;
    history[0] = model;
    store.BeforeFlush([&] {
      store.PutLate("M", std::to_string(++version));
      history[version] = model;
    });
    for (int round = 0; round < 400; ++round) {
      {
        Changes tx(store);
        Model changed = model;
        for (uint64_t i = random.Below(8); i > 0; --i) {
          const std::string key = RandomKey(random);
          if (random.OneIn(3)) {
            tx.Delete(key);
            changed.erase(key);
          } else {
            const std::string value(random.Below(60), static_cast<char>('a' + random.Below(26)));
            if (changed.contains(key)) {
              tx.Put(key, value);
            } else {
              tx.PutNew(key, value);
            }
            changed[key] = value;
          }
          const std::string other = RandomKey(random);
          const auto found = tx.Find(other);
          ASSERT_EQ(found.has_value(), changed.contains(other)) << other;
          if (found) {
            ASSERT_EQ(*found, changed[other]);
          }
        }
        const std::string directory = DirectoryKey(random.Below(5), 0).substr(0, 9);
        CheckScan(tx, changed, directory, random.OneIn(2) ? directory + "name2" : "", 1 + random.Below(20));
        if (random.OneIn(4)) {
          tx.Clear();
          changed = model;
        }
        if (random.OneIn(4)) {
          tx.Put("J", "last");
          changed["J"] = "last";
        }
        if (!random.OneIn(5)) {
          model = changed;
          tx.Commit();
        }
      }
      if (random.OneIn(3)) {  // soft state
        const std::string key = "R" + std::string(1, '\0') + static_cast<char>(random.Below(3)) + std::to_string(random.Below(9));
        if (random.OneIn(3)) {
          model.erase(key);
          store.DeleteSoft(key);
        } else {
          model[key] = std::to_string(round);
          store.PutSoft(key, model[key]);
        }
        CheckScan(store, model, key.substr(0, 3), "", 100);
      }
      store.SoftDone();
      if (random.OneIn(40)) store.Flush();
      if (random.OneIn(20)) CheckScan(store, model, "", "", 1000);
      if (random.OneIn(20)) {
        // What a crash would leave: one whole state that was.
        Model stored;
        auto iterator = store.store().NewIterator();
        for (iterator.Seek(""); iterator.Valid(); iterator.Next()) stored.emplace(iterator.key(), iterator.value());
        const uint64_t at = stored.contains("M") ? std::stoull(stored["M"]) : 0;
        stored.erase("M");
        ASSERT_TRUE(history.contains(at));
        EXPECT_LE(at, version);
        ASSERT_EQ(stored, history[at]);
      }
    }
    store.FlushAndWait();
    EXPECT_EQ(store.unflushed_bytes(), 0u);
    CheckScan(store, model, "", "", 1000);
  }
}
INSTANTIATE_TEST_SUITE_P(Flush, StateStoreTest, ::testing::Values(false, true),
                         [](const auto& mode) { return mode.param ? "InItsThread" : "Inline"; });

TEST(StateStoreFlush, DoesNotSeeWhatCameAndWentBetweenTwo) {
  StateStore::Options options = Small(false);
  options.flush_bytes = 1 << 20;
  StateStore store(MemoryStore(), options);
  for (int i = 0; i < 100; ++i) {
    Changes tx(store);
    tx.PutNew("Z" + std::to_string(i), "answer");
    if (i > 0) tx.Delete("Z" + std::to_string(i - 1));
    tx.Commit();
  }
  const size_t one_entry = store.unflushed_bytes();
  EXPECT_LT(one_entry, 300u) << "deleted keys leave something behind";
  store.FlushAndWait();
  auto iterator = store.store().NewIterator();
  iterator.Seek("");
  ASSERT_TRUE(iterator.Valid());
  EXPECT_EQ(iterator.key(), "Z99");
  iterator.Next();
  EXPECT_FALSE(iterator.Valid());
}

TEST(StateStoreFlush, WritesTheDeletionOfAKeyThatTheStoreHas) {
  StateStore store(MemoryStore(), Small(false));
  {
    Changes tx(store);
    tx.PutNew("La", "1");
    tx.Commit();
  }
  store.FlushAndWait();
  {
    Changes tx(store);
    tx.Delete("La");
    tx.Commit();
  }
  EXPECT_FALSE(store.Find("La"));
  store.FlushAndWait();
  auto iterator = store.store().NewIterator();
  iterator.Seek("");
  EXPECT_FALSE(iterator.Valid());
  EXPECT_FALSE(store.Find("La"));
}

}  // namespace
}  // namespace tusk::dfs::namenode
