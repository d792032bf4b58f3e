#include "common/base/strong_id.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <sstream>
#include <type_traits>
#include <unordered_set>

namespace tusk {
namespace {

struct BlockTag;
struct InodeTag;
using Block = StrongId<BlockTag, uint64_t>;
using Inode = StrongId<InodeTag, uint64_t>;

static_assert(!std::is_convertible_v<Block, Inode>);
static_assert(!std::is_convertible_v<uint64_t, Block>);
static_assert(!std::is_constructible_v<Block, Inode>);

TEST(StrongId, ComparesAndPrintsAsItsNumber) {
  EXPECT_LT(Block(3), Block(4));
  EXPECT_EQ(Block(3), Block(3));
  EXPECT_EQ(Block().value(), 0U);
  std::ostringstream out;
  out << Block(17);
  EXPECT_EQ(out.str(), "17");
}

TEST(StrongId, HashesConsecutiveIdsApart) {
  std::unordered_set<size_t> buckets;
  for (uint64_t id = 0; id < 1000; ++id) buckets.insert(std::hash<Block>()(Block(id)) >> 54);
  EXPECT_GT(buckets.size(), 500U);  // the upper bits take part: 1,000 ids in 1,024 buckets
}

}  // namespace
}  // namespace tusk
