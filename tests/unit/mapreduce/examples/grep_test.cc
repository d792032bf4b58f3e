#include "mapreduce/examples/grep.h"

#include "tests/unit/mapreduce/local_job.h"

namespace tusk::mr::examples {
namespace {

std::string Grep(const std::string& text, const std::string& regex, const std::string& group = "0") {
  LocalJob search;
  search.fs->Put("/in", text);
  search.job.output = "/between";
  search.job.arguments = {{"REGEX", regex}, {"GROUP", group}};
  const auto first = search.Run<GrepSearch>();
  if (!first.ok()) return first.status().message();
  LocalJob sort;
  for (const std::string& path : search.fs->Paths()) {
    if (path.starts_with("/between/part-")) sort.fs->Put(path, search.fs->Get(path));
  }
  const auto second = sort.Run<GrepSort>("/between");
  if (!second.ok()) return second.status().message();
  return sort.fs->Parts("/out");
}

TEST(Grep, CountsMatchesMostFrequentFirst) {
  EXPECT_EQ(Grep("abc abd abc\nxabcx\nnothing\nabd\nzz ab\n", "ab[cd]"), "3\tabc\n2\tabd\n");
}

TEST(Grep, OrdersEqualCountsByMatch) { EXPECT_EQ(Grep("b a c a b c", "[a-z]"), "2\ta\n2\tb\n2\tc\n"); }

TEST(Grep, CountsAGroup) { EXPECT_EQ(Grep("k=1 k=2\nk=1", "k=(\\d)", "1"), "2\t1\n1\t2\n"); }

TEST(Grep, KeepsTabsAndOddBytesOfMatches) { EXPECT_EQ(Grep("a\tb a\tb \xff\xfe", "a\tb|\\xff\\xfe"), "2\ta\tb\n1\t\xff\xfe\n"); }

TEST(Grep, EndsOnEmptyMatches) { EXPECT_EQ(Grep("aab", "a*"), "2\t\n1\taa\n"); }

TEST(Grep, RefusesAWrongExpression) {
  const std::string message = Grep("a", "(");
  EXPECT_NE(message.find("the regular expression ( is wrong"), std::string::npos) << message;
}

}  // namespace
}  // namespace tusk::mr::examples
