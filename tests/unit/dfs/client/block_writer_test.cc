#include "dfs/client/block_writer.h"

#include <gtest/gtest.h>

namespace tusk::dfs {
namespace {

TEST(BlockWriter, RefusesToGoOnWithABlockThatNoDataNodeHolds) {
  BlockWriter writer(std::make_shared<ClientContext>(ClientOptions()), "/file", InodeId(5), {});
  LocatedBlock located;
  located.block = {BlockId(1), Generation(1001), 100};
  const Status status = writer.Continue(located, Generation(1002));
  EXPECT_EQ(status.code(), Code::kUnavailable) << status;
  EXPECT_FALSE(writer.in_block());
}

}  // namespace
}  // namespace tusk::dfs
