#include "dfs/client/request_ids.h"

#include <gtest/gtest.h>

namespace tusk::dfs {
namespace {

TEST(RequestIds, NeverUsesASequenceTwice) {
  RequestIds ids(1, 2);
  EXPECT_EQ(ids.Begin().sequence, 1u);
  ids.End(1);
  EXPECT_EQ(ids.Begin().sequence, 2u);
}

TEST(RequestIds, AcknowledgesOnlyWhatHasEndedWithoutGaps) {
  RequestIds ids(1, 2);
  for (int i = 0; i < 4; ++i) (void)ids.Begin();
  ids.End(2);
  ids.End(3);
  EXPECT_EQ(ids.Begin().acked_up_to, 0u) << "request 1 is still open: its answer must be kept";
  ids.End(1);
  EXPECT_EQ(ids.Begin().acked_up_to, 3u);
  ids.End(5);
  EXPECT_EQ(ids.Begin().acked_up_to, 3u);
  ids.End(4);
  EXPECT_EQ(ids.Begin().acked_up_to, 5u);
}

}  // namespace
}  // namespace tusk::dfs
