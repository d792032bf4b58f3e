// Requests of WebHDFS with any target and body, over a file system in memory: each gets one whole answer, with a status that
// clients understand, and a refusal has a body that says why.
#include <glog/logging.h>

#include <array>

#include "common/http/url.h"
#include "dfs/webhdfs/gateway.h"
#include "tests/fuzz/seeds.h"
#include "tests/harness/fake_file_system.h"

namespace tusk::fuzz {
namespace {

class MemoryExchange final : public http::Exchange {
 public:
  MemoryExchange(http::Request request, std::string_view body) : request_(std::move(request)), body_(body) {}
  ~MemoryExchange() override {
    CHECK_EQ(answers_, 1) << request_.method << " " << request_.path;
    CHECK(head_.status == 200 || head_.status == 201 || head_.status == 307 || head_.status == 400 || head_.status == 403 ||
          head_.status == 404)
        << head_.status << " " << sent_;
    if (head_.status >= 400) CHECK(sent_.find("\"message\":\"\"") == std::string::npos) << sent_;
    if (head_.status == 307) CHECK(http::ParseTarget(head_.headers.at("Location"))) << head_.headers.at("Location");
    if (length_) CHECK_EQ(sent_.size(), *length_);
  }

  const http::Request& request() const override { return request_; }
  bool has_body() const override { return !body_.empty(); }
  Result<size_t> Read(std::span<std::byte> out) override {
    const size_t count = std::min(out.size(), body_.size());
    std::copy_n(reinterpret_cast<const std::byte*>(body_.data()), count, out.begin());
    body_.remove_prefix(count);
    return count;
  }
  Status Answer(http::Response response) override {
    sent_ = response.body;
    return Begin(std::move(response), std::nullopt);
  }
  Status Begin(http::Response head, std::optional<uint64_t> length) override {
    ++answers_;
    head_ = std::move(head);
    length_ = length;
    return OkStatus();
  }
  Status Write(std::span<const std::byte> bytes) override {
    sent_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return OkStatus();
  }

 private:
  const http::Request request_;
  std::string_view body_;
  http::Response head_;
  std::optional<uint64_t> length_;
  std::string sent_;
  int answers_ = 0;
};

constexpr std::array<std::string_view, 5> kMethods = {"GET", "PUT", "POST", "DELETE", "HEAD"};
constexpr std::array<std::string_view, 37> kOperations = {"OPEN",
                                                          "GETFILESTATUS",
                                                          "LISTSTATUS",
                                                          "LISTSTATUS_BATCH",
                                                          "GETCONTENTSUMMARY",
                                                          "GETFILECHECKSUM",
                                                          "GETHOMEDIRECTORY",
                                                          "GETSTATUS",
                                                          "CHECKACCESS",
                                                          "CREATE",
                                                          "MKDIRS",
                                                          "RENAME",
                                                          "SETREPLICATION",
                                                          "SETOWNER",
                                                          "SETPERMISSION",
                                                          "SETTIMES",
                                                          "APPEND",
                                                          "CONCAT",
                                                          "TRUNCATE",
                                                          "DELETE",
                                                          "GETSERVERDEFAULTS",
                                                          "GETTRASHROOT",
                                                          "GETFILELINKSTATUS",
                                                          "GETFILEBLOCKLOCATIONS",
                                                          "SETACL",
                                                          "MODIFYACLENTRIES",
                                                          "REMOVEACLENTRIES",
                                                          "REMOVEDEFAULTACL",
                                                          "REMOVEACL",
                                                          "GETACLSTATUS",
                                                          "SETXATTR",
                                                          "REMOVEXATTR",
                                                          "GETXATTRS",
                                                          "LISTXATTRS",
                                                          "create",
                                                          "nonsense",
                                                          ""};
constexpr std::array<std::string_view, 25> kParameters = {
    "offset",           "length",       "data",        "noredirect", "overwrite", "permission",    "replication",
    "blocksize",        "createparent", "destination", "owner",      "group",     "renameoptions", "recursive",
    "modificationtime", "accesstime",   "newlength",   "sources",    "fsaction",  "user.name",     "aclspec",
    "xattr.name",       "xattr.value",  "encoding",    "flag"};

template <size_t N>
std::string Choose(const std::array<std::string_view, N>& from, char byte) {
  return std::string(from[static_cast<uint8_t>(byte) % N]);
}

// Two bytes choose method and operation; then parameters, each a byte that names it and its value, up to a '&'; after a line's
// end the body. What is percent-encoded is the channel's matter (http_request_fuzz, web_text_fuzz).
void CheckRequest(std::string_view text) {
  if (text.size() < 2) return;
  http::Request request;
  request.method = Choose(kMethods, text[0]);
  request.path = "/webhdfs/v1/d/file";
  request.headers["host"] = "h:1";
  request.query.emplace("op", Choose(kOperations, text[1]));
  const size_t line = std::min(text.find('\n'), text.size());
  for (size_t at = 2; at < line;) {
    const size_t end = std::min(text.find('&', at), line);
    const std::string_view parameter = text.substr(at, end - at);
    at = end + 1;
    if (parameter.empty() || parameter.find('\0') != std::string_view::npos) continue;  // ParseTarget lets none through
    if (parameter[0] == '/') {
      request.path = "/webhdfs/v1" + std::string(parameter);
    } else {
      request.query.emplace(Choose(kParameters, parameter[0]), parameter.substr(1));
    }
  }
  const auto fs = std::make_shared<testing::FakeFileSystem>();
  fs->Put("/d/file", "hello");
  dfs::webhdfs::Gateway::Options options;
  options.connect = [&](const std::string&) -> Result<std::shared_ptr<dfs::FileSystem>> {
    return std::shared_ptr<dfs::FileSystem>(fs);
  };
  dfs::webhdfs::Gateway gateway(options);
  MemoryExchange exchange(std::move(request), text.substr(std::min(line + 1, text.size())));
  gateway.Serve(exchange);
}

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  // Each operation by its own method, with the values that some of them want.
  for (int operation = 0; operation < static_cast<int>(kOperations.size()); ++operation) {
    for (int method = 0; method < 4; ++method) {
      seeds.push_back(Bytes({method, operation}) + Bytes({0}) + "1&" + Bytes({1}) + "3&" + Bytes({2}) + "true&" + Bytes({4}) +
                      "true&" + Bytes({5}) + "644\nbody");
    }
  }
  seeds.push_back(Bytes({1, 11, 9}) + "/e/f&" + Bytes({12}) + "OVERWRITE");
  seeds.push_back(Bytes({1, 13, 10}) + "ann&" + Bytes({11}) + "staff&" + Bytes({19}) + "bob");
  seeds.push_back(Bytes({1, 15, 14}) + "5&" + Bytes({15}) + "-1");
  seeds.push_back(Bytes({2, 17, 17}) + "/a,/b,,");
  seeds.push_back(Bytes({2, 18, 16}) + "99999999999999999999");
  seeds.push_back(Bytes({0, 8, 18}) + "r-x");
  for (int change = 24; change < 29; ++change) {
    seeds.push_back(Bytes({1, change, 20}) + "user::rwx,user:bob:r-x,default:group:crew:r--,mask::rw-,group::r--,other::---");
    seeds.push_back(Bytes({1, change, 20}) + "user:bob,default:group:,mask");
  }
  for (int operation = 30; operation < 33; ++operation) {
    for (int method = 0; method < 2; ++method) {
      seeds.push_back(Bytes({method, operation, 21}) + "user.a&" + Bytes({22}) + "0x00ff&" + Bytes({23}) + "base64&" +
                      Bytes({24}) + "CREATE");
      seeds.push_back(Bytes({method, operation, 21}) + "user.a&" + Bytes({22}) + "0saGVsbG8=&" + Bytes({23}) + "hex");
    }
  }
  seeds.push_back(Bytes({3, 19, 13}) + "maybe&/../d//./file");
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tusk::fuzz::CheckRequest(tusk::fuzz::View(data, size));
  return 0;
}
