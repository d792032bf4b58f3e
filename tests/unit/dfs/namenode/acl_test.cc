// Access control lists: how they change, what new files have of them, and whom they let pass.
#include "dfs/namenode/namespace/acl.h"

#include <gmock/gmock.h>

namespace tusk::dfs::namenode {
namespace {

using ::testing::HasSubstr;

AclEntries Entries(std::string_view text, bool with_permissions = true) { return *ParseAcl(text, with_permissions); }

class Acl : public ::testing::Test {
 protected:
  Acl() {
    inode_.is_directory = true;
    inode_.mode = 01750;
    inode_.owner = "ann";
    inode_.group = "staff";
  }
  Status Change(AclChange change, std::string_view text) {
    return ChangeAcl(change, Entries(text, change != AclChange::kRemoveEntries), "/d", inode_);
  }
  Status Modify(std::string_view text) { return Change(AclChange::kModify, text); }
  static std::string Shown(const Inode& inode) {
    std::string text;
    for (const AclEntry& entry : WholeAcl(inode.mode, DecodeAcl(inode.acl))) text += (text.empty() ? "" : ",") + ToText(entry);
    return text;
  }
  std::string Shown() const { return Shown(inode_); }
  Inode inode_;
};

TEST_F(Acl, AnEntryByNameBringsAMaskOfWhatTheOthersNeed) {
  ASSERT_TRUE(Modify("user:bob:rw-").ok());
  EXPECT_EQ(Shown(), "user::rwx,user:bob:rw-,group::r-x,mask::rwx,other::---");
  EXPECT_EQ(inode_.mode, 01770) << "the group bits show the mask, the sticky bit stays";
}

TEST_F(Acl, TheMaskStaysAsGivenUntilAnotherEntryChanges) {
  ASSERT_TRUE(Modify("user:bob:rw-,mask::r--").ok());
  EXPECT_EQ(Shown(), "user::rwx,user:bob:rw-,group::r-x,mask::r--,other::---");
  ASSERT_TRUE(Modify("default:user:bob:rwx").ok());
  EXPECT_THAT(Shown(), HasSubstr("mask::r--,other")) << "a change of the default entries leaves it alone";
  ASSERT_TRUE(Modify("user:eve:--x").ok());
  EXPECT_THAT(Shown(), HasSubstr("mask::rwx,other"));
}

TEST_F(Acl, DefaultEntriesAreCompletedFromTheOthers) {
  ASSERT_TRUE(Modify("default:user:bob:rwx").ok());
  EXPECT_EQ(Shown(),
            "user::rwx,group::r-x,other::---,default:user::rwx,default:user:bob:rwx,default:group::r-x,default:mask::rwx,"
            "default:other::---");
  EXPECT_EQ(inode_.mode, 01750);
}

TEST_F(Acl, EntriesGoOneByOneOrAllAtOnce) {
  ASSERT_TRUE(Modify("user:bob:rwx,group:crew:r--,default:user:bob:rwx").ok());
  ASSERT_TRUE(Change(AclChange::kRemoveEntries, "user:bob").ok());
  EXPECT_THAT(Shown(), HasSubstr("user::rwx,group::r-x,group:crew:r--,mask::r-x,other::---,default:"));
  ASSERT_TRUE(Change(AclChange::kRemoveEntries, "mask,group:crew").ok());
  EXPECT_THAT(Shown(), HasSubstr("user::rwx,group::r-x,other::---,default:"));
  ASSERT_TRUE(ChangeAcl(AclChange::kRemoveDefault, {}, "/d", inode_).ok());
  EXPECT_EQ(Shown(), "user::rwx,group::r-x,other::---");
  EXPECT_TRUE(inode_.acl.empty());
  ASSERT_TRUE(Modify("user:bob:rwx,default:user:bob:rwx").ok());
  ASSERT_TRUE(ChangeAcl(AclChange::kRemoveAll, {}, "/d", inode_).ok());
  EXPECT_EQ(Shown(), "user::rwx,group::r-x,other::---") << "the group has its own bits back, not the mask's";
  EXPECT_EQ(inode_.mode, 01750);
}

TEST_F(Acl, ReplacesOneScopeAndLeavesTheOther) {
  ASSERT_TRUE(Modify("user:bob:rwx,default:user:bob:r--").ok());
  ASSERT_TRUE(Change(AclChange::kReplace, "user::rw-,group::r--,other::--x,user:eve:r--").ok());
  EXPECT_EQ(Shown(),
            "user::rw-,user:eve:r--,group::r--,mask::r--,other::--x,default:user::rwx,default:user:bob:r--,"
            "default:group::r-x,default:mask::r-x,default:other::---");
}

TEST_F(Acl, RefusesWhatWouldBeNoList) {
  EXPECT_THAT(Change(AclChange::kReplace, "user::rwx,group::rwx").message(),
              HasSubstr("the user, group and other entries are required"));
  EXPECT_THAT(Change(AclChange::kRemoveEntries, "user:").message(), HasSubstr("the user, group and other entries are required"));
  EXPECT_THAT(Modify("user:bob:rwx,user:bob:r--").message(), HasSubstr("multiple entries with same scope, type and name"));
  EXPECT_THAT(Modify("mask::rwx,mask::r--").message(), HasSubstr("multiple entries with same scope, type and name"));
  EXPECT_THAT(Modify("mask:bob:rwx").message(), HasSubstr("this entry type must not have a name"));
  EXPECT_THAT(Modify("user:a/b:rwx").message(), HasSubstr("cannot be a name"));
  ASSERT_TRUE(Modify("user:bob:rwx").ok());
  EXPECT_THAT(Change(AclChange::kRemoveEntries, "mask").message(), HasSubstr("mask is required and cannot be deleted"));
  std::string many = "user:u0:r--";
  for (int i = 1; i < 29; ++i) many += ",user:u" + std::to_string(i) + ":r--";
  EXPECT_THAT(Modify(many).message(), HasSubstr("ACL has 34 access entries, which exceeds maximum of 32"));
  inode_.is_directory = false;
  EXPECT_THAT(Modify("default:user:bob:rwx").message(), HasSubstr("only directories may have a default ACL. Path: /d"));
  EXPECT_EQ(Shown(), "user::rwx,user:bob:rwx,group::r-x,mask::rwx,other::---") << "nothing of it was done";
}

TEST_F(Acl, NewFilesHaveTheDefaultEntriesInsteadOfAUmask) {
  ASSERT_TRUE(Modify("default:user:bob:rwx,default:group::rw-,default:other::r--").ok());
  Inode file;
  file.mode = 0640;
  InheritAcl(inode_.acl, 0666, file);
  EXPECT_EQ(Shown(file), "user::rw-,user:bob:rwx,group::rw-,mask::rw-,other::r--");
  Inode directory;
  directory.is_directory = true;
  InheritAcl(inode_.acl, 0777, directory);
  EXPECT_EQ(Shown(directory),
            "user::rwx,user:bob:rwx,group::rw-,mask::rwx,other::r--,default:user::rwx,default:user:bob:rwx,"
            "default:group::rw-,default:mask::rwx,default:other::r--");
}

TEST_F(Acl, WithoutEntriesByNameNewFilesHaveBitsOnly) {
  ASSERT_TRUE(Modify("default:user::rwx,default:group::rwx,default:other::---").ok());
  Inode file;
  file.mode = 0644;
  InheritAcl(inode_.acl, 0664, file);
  EXPECT_EQ(file.mode, 0660);
  EXPECT_TRUE(file.acl.empty());
}

TEST_F(Acl, WithoutDefaultEntriesNewFilesKeepTheirMode) {
  ASSERT_TRUE(Modify("user:bob:rwx").ok());
  Inode file;
  file.mode = 0644;
  InheritAcl(inode_.acl, 0666, file);
  EXPECT_EQ(file.mode, 0644);
  EXPECT_TRUE(file.acl.empty());
}

TEST_F(Acl, DecidesInTheOrderOfPosix) {
  inode_.mode = 0005;  // the owner nothing, others r-x
  ASSERT_TRUE(Modify("user:bob:r--,group::-wx,group:crew:rw-,mask::rw-").ok());
  const auto allows = [&](std::string_view user, std::vector<std::string_view> groups, uint8_t wanted) {
    return Allows({.user = user, .superuser = false, .groups = std::move(groups)}, inode_, wanted);
  };
  EXPECT_FALSE(allows("ann", {"crew"}, kRead)) << "the owner goes by the owner's bits only";
  EXPECT_TRUE(allows("bob", {}, kRead));
  EXPECT_FALSE(allows("bob", {"crew"}, kWrite)) << "an entry of one's own comes before those of groups";
  EXPECT_TRUE(allows("eve", {"staff"}, kWrite));
  EXPECT_FALSE(allows("eve", {"staff"}, kExecute)) << "the mask takes it";
  EXPECT_TRUE(allows("eve", {"staff", "crew"}, kRead)) << "one group of several is enough";
  EXPECT_TRUE(allows("eve", {"staff", "crew"}, kRead | kWrite));
  EXPECT_FALSE(allows("eve", {"staff"}, kRead)) << "who is in a group that is named is not one of the others";
  EXPECT_TRUE(allows("zoe", {}, kRead | kExecute));
  EXPECT_FALSE(allows("zoe", {}, kWrite));
}

TEST_F(Acl, IsReadAsItLies) {
  ASSERT_TRUE(Modify("user:bob:r--,default:group:crew:rwx").ok());
  EXPECT_EQ(EncodeAcl(DecodeAcl(inode_.acl)), inode_.acl);
  // user:bob:r--, group::r-x; the default entries
  EXPECT_EQ(inode_.acl.substr(0, 7), std::string("\x04\x03"
                                                 "bob"
                                                 "\x0d\x00",
                                                 7));
}

}  // namespace
}  // namespace tusk::dfs::namenode
