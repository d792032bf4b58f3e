// WebHDFS over a file system in memory: bodies, statuses and redirects as its documentation has them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/try.h"
#include "dfs/webhdfs/gateway.h"
#include "tests/harness/fake_file_system.h"
#include "tests/integration/http/plain_client.h"

namespace tusk::dfs::webhdfs {
namespace {

using http::Answer;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class WebHdfs : public ::testing::Test {
 protected:
  WebHdfs() {
    Gateway::Options options;
    options.connect = [this](const std::string& user) -> Result<std::shared_ptr<FileSystem>> {
      users_.push_back(user);
      return std::shared_ptr<FileSystem>(fs_);
    };
    gateway_ = std::make_unique<Gateway>(options);
    gateway_->AddRoutes(server_);
    fs_->Put("/d/file", "hello");
    CHECK(server_.Start({"127.0.0.1", 0}).ok());
    client_ = std::make_unique<http::PlainClient>(server_.port());
  }

  Answer Ask(const std::string& method, const std::string& rest) { return client_->Ask(method, "/webhdfs/v1" + rest); }
  Answer Send(const std::string& method, const std::string& target, const std::string& body) {
    client_->Send(method + " " + target + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
                  "\r\n\r\n" + body);
    return client_->Receive();
  }
  static std::string LocationOf(const Answer& answer) {
    const size_t at = answer.headers.find("Location: http://test");
    if (at == std::string::npos) return "";
    const size_t begin = at + std::string_view("Location: http://test").size();
    return answer.headers.substr(begin, answer.headers.find('\r', begin) - begin);
  }
  void ExpectException(const Answer& answer, int status, const std::string& name, const std::string& message) {
    EXPECT_EQ(answer.status, status);
    EXPECT_THAT(answer.headers, HasSubstr("Content-Type: application/json"));
    EXPECT_THAT(answer.body, StartsWith("{\"RemoteException\":{\"exception\":\"" + name + "\",\"javaClassName\":\""));
    EXPECT_THAT(answer.body, HasSubstr(message));
  }

  const std::shared_ptr<tusk::testing::FakeFileSystem> fs_ = std::make_shared<tusk::testing::FakeFileSystem>();
  std::vector<std::string> users_;
  std::unique_ptr<Gateway> gateway_;
  http::HttpServer server_{{}};
  std::unique_ptr<http::PlainClient> client_;
};

TEST_F(WebHdfs, StatusesAndListings) {
  EXPECT_EQ(Ask("GET", "/d/file?op=GETFILESTATUS").body,
            "{\"FileStatus\":{\"accessTime\":1700000000000,\"blockSize\":1048576,\"childrenNum\":0,\"fileId\":4,\"group\":"
            "\"supergroup\","
            "\"length\":5,\"modificationTime\":1700000000000,\"owner\":\"ann\",\"pathSuffix\":\"\",\"permission\":\"644\","
            "\"replication\":3,\"storagePolicy\":0,\"type\":\"FILE\"}}");
  const Answer listing = Ask("GET", "/d?op=liststatus&user.name=ann");
  EXPECT_EQ(listing.status, 200);
  EXPECT_THAT(listing.headers, HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(listing.body, StartsWith("{\"FileStatuses\":{\"FileStatus\":["));
  EXPECT_THAT(listing.body, HasSubstr("\"pathSuffix\":\"file\""));
  EXPECT_THAT(Ask("GET", "/d/file?op=LISTSTATUS").body, HasSubstr("\"pathSuffix\":\"\"")) << "a file lists itself without a name";
  EXPECT_THAT(Ask("GET", "?op=LISTSTATUS").body, HasSubstr("\"pathSuffix\":\"d\""));
  EXPECT_THAT(Ask("GET", "/d?op=LISTSTATUS_BATCH&startAfter=a").body, HasSubstr("}},\"remainingEntries\":0}}"));
  fs_->Put("/d/second", "");
  fs_->SetListLimit(1);
  const std::string page = Ask("GET", "/d?op=LISTSTATUS_BATCH").body;
  EXPECT_THAT(page, HasSubstr("\"pathSuffix\":\"file\""));
  EXPECT_THAT(page, ::testing::Not(HasSubstr("second")));
  EXPECT_THAT(page, HasSubstr("\"remainingEntries\":1}}"));
  EXPECT_THAT(Ask("GET", "/d?op=LISTSTATUS_BATCH&startAfter=file").body, HasSubstr("\"remainingEntries\":0}}"));
  EXPECT_THAT(Ask("GET", "/d?op=LISTSTATUS_BATCH&startAfter=z").body, HasSubstr("\"FileStatus\":[]"));
  EXPECT_EQ(users_, (std::vector<std::string>{"dr.who", "ann"})) << "a client for each user, made once";
}

TEST_F(WebHdfs, WhatIsKnownOfTheFileSystem) {
  EXPECT_EQ(Ask("GET", "/d?op=GETCONTENTSUMMARY").body,
            "{\"ContentSummary\":{\"directoryCount\":1,\"fileCount\":1,\"length\":5,\"quota\":-1,\"spaceConsumed\":15,"
            "\"spaceQuota\":-1,"
            "\"typeQuota\":{}}}");
  EXPECT_EQ(Ask("GET", "/?op=GETHOMEDIRECTORY").body, "{\"Path\":\"/user/ann\"}");
  EXPECT_THAT(Ask("GET", "/?op=GETSTATUS").body, HasSubstr("\"capacity\":50000000000"));
  EXPECT_THAT(Ask("GET", "/?op=GETSERVERDEFAULTS").body, HasSubstr("\"blockSize\":134217728"));
  EXPECT_THAT(Ask("GET", "/d/file?op=GETFILECHECKSUM").body, HasSubstr("\"length\":28"));
  EXPECT_THAT(Ask("GET", "/d/file?op=GETFILEBLOCKLOCATIONS").body, HasSubstr("\"offset\":0,\"length\":5,\"corrupt\":false"));
  EXPECT_EQ(Ask("GET", "/d/file?op=CHECKACCESS&fsaction=rw-").status, 200);
  ExpectException(Ask("GET", "/d/file?op=CHECKACCESS&fsaction=--x"), 403, "AccessControlException", "denied");
  ExpectException(Ask("GET", "/d/file?op=CHECKACCESS&fsaction=q"), 400, "IllegalArgumentException", "fsaction");
}

TEST_F(WebHdfs, OpenRedirectsAndThenSendsTheRange) {
  const Answer redirect = Ask("GET", "/d/file?op=OPEN&offset=1&length=3");
  EXPECT_EQ(redirect.status, 307);
  EXPECT_EQ(client_->Ask("GET", LocationOf(redirect)).body, "ell");
  EXPECT_EQ(Ask("GET", "/d/file?op=OPEN&noredirect=true").body,
            "{\"Location\":\"http://test/webhdfs/v1/d/file?op=OPEN&data=true\"}");
  EXPECT_EQ(Ask("GET", "/d/file?op=OPEN&data=true").body, "hello");
  EXPECT_EQ(Ask("GET", "/d/file?op=OPEN&data=true&offset=5").body, "");
  EXPECT_EQ(Ask("GET", "/d/file?op=OPEN&data=true&offset=2&length=100").body, "llo");
  ExpectException(Ask("GET", "/d/file?op=OPEN&data=true&offset=6"), 403, "IOException", "out of the range");
  ExpectException(Ask("GET", "/d/file?op=OPEN&offset=-1"), 400, "IllegalArgumentException", "offset");
  ExpectException(Ask("GET", "/d/file?op=OPEN&offset=99999999999999999999"), 400, "IllegalArgumentException", "offset");
  ExpectException(Ask("GET", "/d?op=OPEN"), 404, "FileNotFoundException", "not a file");
  ExpectException(Ask("GET", "/none?op=OPEN"), 404, "FileNotFoundException", "/none");
}

TEST_F(WebHdfs, CreateTakesABodyOnlyAfterTheRedirect) {
  const Answer redirect = Ask("PUT", "/new/file%20x?op=CREATE&permission=600&user.name=ann");
  EXPECT_EQ(redirect.status, 307);
  EXPECT_FALSE(fs_->Has("/new/file x"));
  const std::string body(3'000'000, 'b');
  const Answer created = Send("PUT", LocationOf(redirect), body);
  EXPECT_EQ(created.status, 201);
  EXPECT_THAT(created.headers, HasSubstr("Location: hdfs://fake:8020/new/file%20x"));
  EXPECT_EQ(fs_->Get("/new/file x"), body);
  EXPECT_EQ(fs_->Stat("/new/file x")->mode, 0600);
  ExpectException(Ask("PUT", "/new/file%20x?op=CREATE"), 403, "FileAlreadyExistsException", "exists");
  EXPECT_EQ(Send("PUT", "/webhdfs/v1/new/file%20x?op=CREATE&overwrite=true&data=true", "short").status, 201);
  EXPECT_EQ(fs_->Get("/new/file x"), "short");
  EXPECT_EQ(Send("PUT", "/webhdfs/v1/empty?op=CREATE&data=true", "").status, 201);
  EXPECT_EQ(fs_->Get("/empty"), "");
  ExpectException(Ask("PUT", "/new?op=CREATE&overwrite=true"), 403, "FileAlreadyExistsException", "directory");
}

TEST_F(WebHdfs, ABrokenUploadLeavesNothing) {
  client_->Send("PUT /webhdfs/v1/half?op=CREATE&data=true HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nonly this");
  client_->EndSending();
  EXPECT_TRUE(client_->SeesTheEnd());
  client_ = std::make_unique<http::PlainClient>(server_.port());
  EXPECT_EQ(fs_->AllPaths(), (std::vector<std::string>{"/d", "/d/file"}));
}

TEST_F(WebHdfs, AppendsOneAfterTheOtherToOneLocation) {
  const std::string location = LocationOf(Ask("POST", "/d/file?op=APPEND"));
  EXPECT_EQ(Send("POST", location, " one").status, 200);
  EXPECT_EQ(Send("POST", location, " two").status, 200);
  EXPECT_EQ(fs_->Get("/d/file"), "hello one two");
  ExpectException(Ask("POST", "/none?op=APPEND"), 404, "FileNotFoundException", "/none");
}

TEST_F(WebHdfs, ChangesOfTheNamespace) {
  EXPECT_EQ(Ask("PUT", "/a/b?op=MKDIRS&permission=700").body, "{\"boolean\":true}");
  EXPECT_EQ(fs_->Stat("/a/b")->mode, 0700);
  EXPECT_EQ(Ask("PUT", "/d/file?op=RENAME&destination=/a/moved").body, "{\"boolean\":true}");
  EXPECT_EQ(Ask("PUT", "/none?op=RENAME&destination=/a/x").body, "{\"boolean\":false}");
  ExpectException(Ask("PUT", "/none?op=RENAME&destination=/a/x&renameoptions=NONE"), 404, "FileNotFoundException", "none");
  ExpectException(Ask("PUT", "/a?op=RENAME"), 400, "IllegalArgumentException", "destination");
  EXPECT_EQ(Ask("PUT", "/a/moved?op=SETREPLICATION&replication=2").body, "{\"boolean\":true}");
  EXPECT_EQ(fs_->Stat("/a/moved")->replication, 2);
  EXPECT_EQ(Ask("PUT", "/a?op=SETREPLICATION&replication=2").body, "{\"boolean\":false}");
  const Answer owner = Ask("PUT", "/a/moved?op=SETOWNER&owner=bob&group=crew");
  EXPECT_EQ(owner.status, 200);
  EXPECT_EQ(owner.body, "");
  EXPECT_EQ(fs_->Stat("/a/moved")->owner, "bob");
  EXPECT_EQ(Ask("PUT", "/a/moved?op=SETPERMISSION&permission=1755").status, 200);
  EXPECT_EQ(fs_->Stat("/a/moved")->mode, 01755);
  EXPECT_EQ(Ask("PUT", "/a/moved?op=SETTIMES&modificationtime=5&accesstime=-1").status, 200);
  EXPECT_EQ(fs_->Stat("/a/moved")->modified_ms, 5);
  EXPECT_EQ(Ask("POST", "/a/moved?op=TRUNCATE&newlength=2").body, "{\"boolean\":true}");
  EXPECT_EQ(fs_->Get("/a/moved"), "he");
  EXPECT_EQ(Ask("DELETE", "/a?op=DELETE").status, 403) << "it is not empty";
  EXPECT_EQ(Ask("DELETE", "/a?op=DELETE&recursive=true").body, "{\"boolean\":true}");
  EXPECT_EQ(Ask("DELETE", "/a?op=DELETE&recursive=true").body, "{\"boolean\":false}");
}

TEST_F(WebHdfs, AccessControlLists) {
  EXPECT_EQ(Ask("PUT", "/d?op=MODIFYACLENTRIES&aclspec=user:bob:rwx,default:group:crew:r-x").status, 200);
  EXPECT_EQ(Ask("GET", "/d?op=GETACLSTATUS").body,
            "{\"AclStatus\":{\"entries\":[\"user:bob:rwx\",\"group::r-x\",\"default:user::rwx\",\"default:group::r-x\","
            "\"default:group:crew:r-x\",\"default:mask::r-x\",\"default:other::r-x\"],\"group\":\"supergroup\",\"owner\":\"ann\","
            "\"permission\":\"775\",\"stickyBit\":false}}");
  EXPECT_THAT(Ask("GET", "/d?op=GETFILESTATUS").body, HasSubstr("\"aclBit\":true"));
  EXPECT_EQ(Ask("PUT", "/d?op=REMOVEACLENTRIES&aclspec=user:bob").status, 200);
  EXPECT_EQ(Ask("PUT", "/d?op=REMOVEDEFAULTACL").status, 200);
  EXPECT_EQ(Ask("PUT", "/d?op=SETACL&aclspec=user::rwx,user:eve:r--,group::r--,other::---").status, 200);
  EXPECT_THAT(Ask("GET", "/d?op=GETACLSTATUS").body, HasSubstr("[\"user:eve:r--\",\"group::r--\"]"));
  const Answer removed = Ask("PUT", "/d?op=REMOVEACL");
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(removed.body, "");
  EXPECT_THAT(Ask("GET", "/d?op=GETACLSTATUS").body, HasSubstr("\"entries\":[]"));
  ExpectException(Ask("PUT", "/d?op=SETACL&aclspec=user:eve:r--"), 400, "IllegalArgumentException", "entries are required");
  ExpectException(Ask("PUT", "/d?op=SETACL"), 400, "IllegalArgumentException", "aclspec");
  ExpectException(Ask("PUT", "/d?op=MODIFYACLENTRIES&aclspec=eve"), 400, "IllegalArgumentException", "aclSpec");
  ExpectException(Ask("GET", "/none?op=GETACLSTATUS"), 404, "FileNotFoundException", "none");
}

TEST_F(WebHdfs, ExtendedAttributes) {
  EXPECT_EQ(Ask("PUT", "/d?op=SETXATTR&xattr.name=user.a&xattr.value=one&flag=CREATE").status, 200);
  EXPECT_EQ(Ask("PUT", "/d?op=SETXATTR&xattr.name=user.b&xattr.value=0x3233").status, 200);
  EXPECT_EQ(Ask("GET", "/d?op=LISTXATTRS").body, "{\"XAttrNames\":\"[\\\"user.a\\\",\\\"user.b\\\"]\"}");
  EXPECT_EQ(Ask("GET", "/d?op=GETXATTRS").body,
            "{\"XAttrs\":[{\"name\":\"user.a\",\"value\":\"\\\"one\\\"\"},{\"name\":\"user.b\",\"value\":\"\\\"23\\\"\"}]}");
  EXPECT_EQ(Ask("GET", "/d?op=GETXATTRS&xattr.name=user.b&encoding=hex").body,
            "{\"XAttrs\":[{\"name\":\"user.b\",\"value\":\"0x3233\"}]}");
  EXPECT_THAT(Ask("GET", "/d?op=GETXATTRS&xattr.name=user.a&xattr.name=user.b&encoding=base64").body, HasSubstr("0sb25l"))
      << "several names are asked for by several parameters";
  EXPECT_EQ(Ask("PUT", "/d?op=REMOVEXATTR&xattr.name=user.a").status, 200);
  ExpectException(Ask("PUT", "/d?op=REMOVEXATTR&xattr.name=user.a"), 403, "IOException", "user.a");
  ExpectException(Ask("PUT", "/d?op=SETXATTR&xattr.name=user.b&flag=CREATE"), 403, "IOException", "already exists");
  ExpectException(Ask("PUT", "/d?op=SETXATTR&xattr.name=b&xattr.value=1"), 400, "IllegalArgumentException", "prefixed");
  ExpectException(Ask("PUT", "/d?op=SETXATTR&xattr.name=user.b&xattr.value=0xz"), 400, "IllegalArgumentException", "xattr.value");
  ExpectException(Ask("PUT", "/d?op=SETXATTR&xattr.name=user.b&flag=MAYBE"), 400, "IllegalArgumentException", "flag");
  ExpectException(Ask("GET", "/d?op=GETXATTRS&encoding=octal"), 400, "IllegalArgumentException", "encoding");
}

TEST_F(WebHdfs, Quotas) {
  EXPECT_EQ(Ask("PUT", "/d?op=SETQUOTA&namespacequota=10&storagespacequota=1000").status, 200);
  EXPECT_EQ(
      Ask("GET", "/d?op=GETQUOTAUSAGE").body,
      "{\"QuotaUsage\":{\"fileAndDirectoryCount\":2,\"quota\":10,\"spaceConsumed\":15,\"spaceQuota\":1000,\"typeQuota\":{}}}");
  EXPECT_EQ(Ask("PUT", "/d?op=SETQUOTA&namespacequota=-1").status, 200);
  EXPECT_THAT(Ask("GET", "/d?op=GETCONTENTSUMMARY").body, HasSubstr("\"quota\":-1,\"spaceConsumed\":15,\"spaceQuota\":1000,"));
  ExpectException(Ask("PUT", "/d?op=SETQUOTA&namespacequota=0"), 400, "IllegalArgumentException", "namespacequota");
  ExpectException(Ask("PUT", "/d?op=SETQUOTA&storagespacequota=x"), 400, "IllegalArgumentException", "storagespacequota");
  ExpectException(Ask("PUT", "/d/file?op=SETQUOTA&namespacequota=1"), 403, "ParentNotDirectoryException", "file");
}

TEST_F(WebHdfs, BadRequestsAreToldWhatIsWrong) {
  ExpectException(Ask("GET", "/d"), 400, "IllegalArgumentException", "op");
  ExpectException(Ask("GET", "/d?op=NONSENSE"), 400, "IllegalArgumentException", "NONSENSE");
  ExpectException(Ask("PUT", "/d?op=OPEN"), 400, "IllegalArgumentException", "operation of GET");
  ExpectException(Ask("GET", "/d?op=GETSTORAGEPOLICY"), 400, "UnsupportedOperationException", "GETSTORAGEPOLICY");
  ExpectException(Ask("GET", "/d?op=LISTSTATUS&user.name=a%0Ab"), 400, "IllegalArgumentException", "user.name");
  ExpectException(Ask("GET", "/d?op=LISTSTATUS&doas=root"), 403, "AccessControlException", "impersonate root");
  ExpectException(Ask("GET", "/d/../e?op=LISTSTATUS"), 400, "IllegalArgumentException", "..");
  ExpectException(Ask("PUT", "/d?op=SETPERMISSION&permission=9"), 400, "IllegalArgumentException", "octal");
  ExpectException(Ask("DELETE", "/d?op=DELETE&recursive=maybe"), 400, "IllegalArgumentException", "recursive");
  ExpectException(Ask("POST", "/d/file?op=TRUNCATE"), 400, "IllegalArgumentException", "newlength");
}

}  // namespace
}  // namespace tusk::dfs::webhdfs
