#include "common/http/status_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tusk::http {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(StatusPage, ShowsFiguresAsATableAndLists) {
  const std::string page = StatusPage("NameNode namenode", OkStatus(),
                                      R"({"files": 12, "safe_mode": false, "note": null, "racks": ["a"],
                                          "datanodes": [{"name": "node1", "blocks": 5}, {"name": "node2", "dead": true}]})");
  EXPECT_THAT(page, HasSubstr("<h1>NameNode namenode</h1>"));
  EXPECT_THAT(page, HasSubstr("<p>Ready.</p>"));
  EXPECT_THAT(page, HasSubstr("<a href=/metrics>"));
  EXPECT_THAT(page, HasSubstr("<tr><th>files</th><td class=n>12</td></tr>"));
  EXPECT_THAT(page, HasSubstr("<tr><th>safe mode</th><td>false</td></tr>"));
  EXPECT_THAT(page, HasSubstr("<tr><th>racks</th><td>[&quot;a&quot;]</td></tr>"));
  EXPECT_THAT(page, HasSubstr("<h2>datanodes (2)</h2>\n<table>\n<tr><th>name</th><th>blocks</th><th>dead</th></tr>\n"
                              "<tr><td>node1</td><td class=n>5</td><td></td></tr>\n"
                              "<tr><td>node2</td><td></td><td>true</td></tr>\n"));
}

TEST(StatusPage, SaysWhyTheDaemonIsNotReady) {
  EXPECT_THAT(StatusPage("t", Unavailable("in <safe mode>"), "{}"),
              HasSubstr("<strong>Not ready:</strong> in &lt;safe mode&gt;</p>"));
}

TEST(StatusPage, EscapesAllThatItShows) {
  const std::string page = StatusPage("<t>", OkStatus(), R"({"<k>": "<v>", "<list>": [{"<c>": "<x>"}]})");
  for (const char* text : {"<t>", "<k>", "<v>", "<list>", "<c>", "<x>"}) EXPECT_THAT(page, Not(HasSubstr(text)));
  EXPECT_THAT(page, HasSubstr("&lt;v&gt;"));
}

TEST(StatusPage, ShowsTheFirstRowsOfAnEndlessList) {
  std::string json = "{\"rows\": [{\"i\": 0}";
  for (int i = 1; i < 1000; ++i) json += ", {\"i\": " + std::to_string(i) + "}";
  const std::string page = StatusPage("t", OkStatus(), json + "]}");
  EXPECT_THAT(page, HasSubstr("rows (1000)"));
  EXPECT_THAT(page, HasSubstr("<td class=n>499</td>"));
  EXPECT_THAT(page, Not(HasSubstr("<td class=n>500</td>")));
  EXPECT_THAT(page, HasSubstr("The first 500 rows"));
}

TEST(StatusPage, ShowsTextThatIsNoJsonObjectAsItIs) {
  EXPECT_THAT(StatusPage("t", OkStatus(), "broken <json"), HasSubstr("<pre>broken &lt;json</pre>"));
  EXPECT_THAT(StatusPage("t", OkStatus(), "[1]"), HasSubstr("<pre>[1]</pre>"));
}

}  // namespace
}  // namespace tusk::http
