#include "dfs/protocol/acl.h"

#include <gmock/gmock.h>

namespace tusk::dfs {
namespace {

using ::testing::HasSubstr;

std::string Shown(const AclEntries& entries) {
  std::string text;
  for (const AclEntry& entry : entries) text += (text.empty() ? "" : ",") + ToText(entry);
  return text;
}

TEST(Acl, IsReadAsItIsWritten) {
  const std::string text = "user::rwx,user:ann:r--,group::r-x,mask::rw-,other::---,default:group:crew:--x";
  const auto entries = ParseAcl(text, true);
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_EQ(Shown(*entries), text);
}

TEST(Acl, IsReadWithoutPermissionsToRemove) {
  const auto entries = ParseAcl("user:ann,default:group:,mask", false);
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_EQ(Shown(*entries), "user:ann:---,default:group::---,mask::---");
}

TEST(Acl, SaysWhatIsWrongWithAnEntry) {
  for (const auto* text :
       {"", "user", "user:ann", "user:ann:rw", "user:ann:xwr", "nobody:ann:rwx", "default:", "user:ann:rwx,", "a:b:c:d"}) {
    const auto entries = ParseAcl(text, true);
    ASSERT_FALSE(entries.ok()) << text;
    EXPECT_EQ(entries.status().code(), Code::kInvalidArgument);
    EXPECT_THAT(entries.status().message(), HasSubstr("write [default:]user|group|mask|other:[NAME]:rwx"));
  }
}

TEST(Acl, InFullShowsTheGroupBitsAsMaskWhereThereIsOne) {
  EXPECT_EQ(Shown(WholeAcl(0754, {})), "user::rwx,group::r-x,other::r--");
  const AclEntries kept = *ParseAcl("user:ann:rwx,group::r--", true);
  EXPECT_EQ(Shown(WholeAcl(0754, kept)), "user::rwx,user:ann:rwx,group::r--,mask::r-x,other::r--");
  const AclEntries defaults = *ParseAcl("default:user::rwx", true);
  EXPECT_EQ(Shown(WholeAcl(0754, defaults)), "user::rwx,group::r-x,other::r--,default:user::rwx");
}

TEST(Acl, TheMaskBoundsAllButOwnerAndOthers) {
  const AclEntries whole = *ParseAcl("user::rwx,user:ann:rwx,group::rwx,mask::-w-,other::rwx", true);
  std::string effective;
  for (const AclEntry& entry : whole) effective += AccessText(EffectivePermission(entry, whole)) + " ";
  EXPECT_EQ(effective, "rwx -w- -w- -w- rwx ");
}

}  // namespace
}  // namespace tusk::dfs
