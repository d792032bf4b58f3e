// What the applied state keeps in memory beside its rows: pieces for entries, words of messages, names that are not in the store.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>

#include "common/base/random.h"
#include "dfs/namenode/journal/word_queue.h"
#include "dfs/namenode/namespace/state_store.h"

namespace tusk::dfs::namenode {
namespace {

std::unique_ptr<storage::KeyValueStore> MemoryStore() {
  storage::KeyValueStore::Options options;
  options.in_memory = true;
  auto store = storage::KeyValueStore::Open("/state", options);
  EXPECT_TRUE(store.ok()) << store.status();
  return std::move(*store);
}

std::string NameKey(uint64_t number) { return "D" + std::string(8, '\1') + "name" + std::to_string(number); }

TEST(EntryArena, GivesPiecesThatDoNotOverlapAndTakesThemBack) {
  EntryArena arena;
  Random random(11);
  std::map<char*, size_t> pieces;
  std::vector<std::pair<char*, size_t>> order;
  for (int i = 0; i < 20'000; ++i) {
    if (!order.empty() && random.Below(3) == 0) {
      std::swap(order[random.Below(order.size())], order.back());
      const auto [piece, bytes] = order.back();
      order.pop_back();
      for (size_t at = 0; at < bytes; ++at) ASSERT_EQ(piece[at], static_cast<char>(bytes));
      pieces.erase(piece);
      arena.Free(piece, bytes);
      continue;
    }
    const size_t bytes = 16 + random.Below(1500);
    auto* const piece = static_cast<char*>(arena.Allocate(bytes));
    const auto next = pieces.lower_bound(piece);
    if (next != pieces.end()) {
      ASSERT_LE(piece + bytes, next->first);
    }
    if (next != pieces.begin()) {
      ASSERT_LE(std::prev(next)->first + std::prev(next)->second, piece);
    }
    std::memset(piece, static_cast<char>(bytes), bytes);
    pieces.emplace(piece, bytes);
    order.emplace_back(piece, bytes);
  }
  for (const auto& [piece, bytes] : order) arena.Free(piece, bytes);
}

TEST(WordQueue, KeepsWhatWasPushedUntilItIsPopped) {
  WordQueue queue;
  Random random(5);
  std::deque<std::pair<kj::ArrayPtr<capnp::word>, uint8_t>> waiting;
  uint8_t next = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (!waiting.empty() && random.Below(100) < 49) {
      const auto [words, mark] = waiting.front();
      for (const kj::byte byte : words.asBytes()) {
        ASSERT_EQ(byte, mark);
      }
      waiting.pop_front();
      queue.Pop(words.size());
      continue;
    }
    const size_t size = 1 + (random.Below(500) == 0 ? 20'000 : random.Below(60));
    auto words = queue.Push(size);
    ASSERT_EQ(words.size(), size);
    if (random.Below(10) == 0) {
      queue.TakeBack(size);
      continue;
    }
    ++next;
    for (kj::byte& byte : words.asBytes()) byte = next;
    waiting.emplace_back(words, next);
  }
}

TEST(NameFilter, FindsEachNameOfTheStoreAndFewOthers) {
  const auto store = MemoryStore();
  storage::WriteBatch batch;
  for (uint64_t i = 0; i < 1000; ++i) batch.Put(NameKey(i), "x");
  ASSERT_TRUE(store->Write(batch).ok());
  NameFilter names(*store, false, 1 << 20, 64 << 20);
  EXPECT_TRUE(names.MayHave(HashKey(NameKey(5000)))) << "nothing is known before the first Poll";
  EXPECT_FALSE(names.Poll());
  size_t in_vain = 0;
  for (uint64_t i = 0; i < 1000; ++i) ASSERT_TRUE(names.MayHave(HashKey(NameKey(i))));
  for (uint64_t i = 1000; i < 11'000; ++i) in_vain += names.MayHave(HashKey(NameKey(i))) ? 1 : 0;
  EXPECT_LT(in_vain, 50u);
  names.Add(HashKey(NameKey(5000)));
  EXPECT_TRUE(names.MayHave(HashKey(NameKey(5000))));
}

TEST(NameFilter, AsksToBeFilledAgainWhenItIsFullAndForgetsWhatWentMeanwhile) {
  const auto store = MemoryStore();
  NameFilter names(*store, false, 1 << 20, 64 << 20);
  ASSERT_FALSE(names.Poll());
  uint64_t added = 0;
  while (!names.Poll()) names.Add(HashKey(NameKey(added++)));
  EXPECT_GT(added, 100'000u);
  names.Fill();
  names.Add(HashKey(NameKey(7)));
  EXPECT_FALSE(names.Poll());
  EXPECT_TRUE(names.MayHave(HashKey(NameKey(7))));
  EXPECT_FALSE(names.MayHave(HashKey(NameKey(8)))) << "it was in no store";
}

TEST(NameFilter, IsGivenUpWhenTheNamesAreTooManyForItsShareOfTheCache) {
  const auto store = MemoryStore();
  NameFilter names(*store, false, 1 << 20, 1 << 20);
  EXPECT_FALSE(names.Poll());
  names.Add(HashKey(NameKey(1)));
  EXPECT_TRUE(names.MayHave(HashKey(NameKey(2)))) << "nothing is known for ever";
  EXPECT_FALSE(names.Poll());
}

TEST(StateStore, FindsItsNamesAfterFlushesEvictionsAndReopening) {
  for (const bool background : {false, true}) {
    StateStore::Options options;
    options.cache_bytes = 1 << 10;
    options.flush_bytes = 8 << 10;
    options.background = background;
    const auto write = [&](StateStore& store) {
      for (uint64_t i = 0; i < 2000; ++i) {
        Changes tx(store);
        EXPECT_FALSE(tx.Look(NameKey(i)));
        tx.PutNew(NameKey(i), std::to_string(i));
        if (i % 3 == 0) tx.Delete(NameKey(i));
        if (i % 5 == 0) tx.Clear();
        tx.Commit();
      }
    };
    StateStore store(MemoryStore(), options);
    write(store);
    for (const bool flushed : {false, true}) {
      for (uint64_t i = 0; i < 2000; ++i) {
        const auto value = store.Look(NameKey(i));
        ASSERT_EQ(value.has_value(), i % 3 != 0 && i % 5 != 0) << i << (flushed ? " after" : " before") << " the flush";
        if (value) {
          ASSERT_EQ(*value, std::to_string(i));
        }
      }
      store.FlushAndWait();
    }
  }
}

TEST(HashKey, DependsOnEveryByte) {
  for (size_t length = 0; length <= 40; ++length) {
    const std::string zeroes(length, '\0');
    std::set<size_t> seen{HashKey(zeroes)};
    for (size_t at = 0; at < length; ++at) {
      std::string key = zeroes;
      for (const char byte : {'\1', '\x80'}) {
        key[at] = byte;
        seen.insert(HashKey(key));
      }
    }
    EXPECT_EQ(seen.size(), 1 + 2 * length);
  }
}

}  // namespace
}  // namespace tusk::dfs::namenode
