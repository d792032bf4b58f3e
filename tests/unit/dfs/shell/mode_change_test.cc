#include "dfs/shell/mode_change.h"

#include <gtest/gtest.h>

namespace tusk::dfs::shell {
namespace {

uint16_t Changed(std::string_view text, uint16_t mode, bool is_directory = false) {
  const auto change = ModeChange::Parse(text);
  EXPECT_TRUE(change.ok()) << change.status();
  return change->Of(mode, is_directory);
}

TEST(ModeChangeTest, OctalReplacesEverything) {
  EXPECT_EQ(Changed("640", 0777), 0640);
  EXPECT_EQ(Changed("1777", 0), 01777);
  EXPECT_EQ(Changed("0755", 01777), 0755);
  EXPECT_EQ(Changed("0", 0777), 0);
}

TEST(ModeChangeTest, SymbolsChangeWhomTheyName) {
  EXPECT_EQ(Changed("u+x", 0644), 0744);
  EXPECT_EQ(Changed("go-r", 0644), 0600);
  EXPECT_EQ(Changed("g=rw", 0755), 0765);
  EXPECT_EQ(Changed("+x", 0644), 0755) << "nobody named: everybody";
  EXPECT_EQ(Changed("a-w", 0777), 0555);
  EXPECT_EQ(Changed("o=", 0777), 0770);
}

TEST(ModeChangeTest, ClausesFollowEachOther) { EXPECT_EQ(Changed("u=rwx,g=rx,o=,g-x", 0), 0740); }

TEST(ModeChangeTest, CapitalXIsForDirectoriesAndForWhatIsExecutable) {
  EXPECT_EQ(Changed("a+X", 0644), 0644);
  EXPECT_EQ(Changed("a+X", 0644, true), 0755);
  EXPECT_EQ(Changed("a+X", 0744), 0755);
}

TEST(ModeChangeTest, TheStickyBitIsEverybodys) {
  EXPECT_EQ(Changed("+t", 0777), 01777);
  EXPECT_EQ(Changed("-t", 01777), 0777);
  EXPECT_EQ(Changed("a=rx", 01777), 0555);
  EXPECT_EQ(Changed("u=rwx", 01077), 01777) << "it stays when somebody's bits are set";
}

TEST(ModeChangeTest, WhatIsNoModeIsExplained) {
  for (const char* text : {"", "8", "77777", "u", "u+q", "x+r", "u+r,", ",u+r", "-1", "rwx"}) {
    const auto change = ModeChange::Parse(text);
    ASSERT_FALSE(change.ok()) << text;
    EXPECT_NE(change.status().message().find("write octal digits"), std::string::npos) << change.status();
  }
}

}  // namespace
}  // namespace tusk::dfs::shell
