#include "mapreduce/client/http_get.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "common/base/try.h"
#include "common/net/socket.h"

namespace tusk::mr {
namespace {

constexpr std::chrono::milliseconds kPatience{20'000};
constexpr size_t kMaxAnswer = (64u << 20) + (64u << 10);
constexpr std::string_view kScheme = "http://";

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

Result<std::string> JoinChunks(std::string_view rest) {
  std::string body;
  for (;;) {
    const size_t line = rest.find("\r\n");
    size_t size = 0;
    const std::string_view digits = rest.substr(0, line);
    if (line == std::string_view::npos ||
        std::from_chars(digits.data(), digits.data() + digits.size(), size, 16).ec != std::errc()) {
      return Corruption("a chunk of the answer has no size");
    }
    rest.remove_prefix(line + 2);
    if (size == 0) return body;
    if (rest.size() < size || rest.size() - size < 2) return Corruption("the answer ends in the middle of a chunk");
    body.append(rest.substr(0, size));
    rest.remove_prefix(size + 2);
  }
}

}  // namespace

Result<HttpAnswer> ParseHttpAnswer(std::string_view bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos || !bytes.starts_with("HTTP/1.") || bytes.size() < 12) {
    return Corruption("the answer is not HTTP");
  }
  HttpAnswer answer;
  std::from_chars(bytes.data() + 9, bytes.data() + 12, answer.status);
  const std::string headers = Lower(bytes.substr(0, end + 2));
  const std::string_view rest = bytes.substr(end + 4);
  if (headers.find("\r\ntransfer-encoding: chunked\r\n") != std::string::npos) {
    TUSK_ASSIGN(answer.body, JoinChunks(rest));
    return answer;
  }
  constexpr std::string_view kLength = "\r\ncontent-length: ";
  const size_t length_at = headers.find(kLength);
  if (length_at != std::string::npos) {
    size_t length = 0;
    std::from_chars(headers.data() + length_at + kLength.size(), headers.data() + headers.size(), length);
    if (rest.size() < length) return Corruption("the answer ends before its length");
    answer.body = rest.substr(0, length);
    return answer;
  }
  answer.body = rest;
  return answer;
}

Result<std::string> HttpGet(const std::string& url) {
  if (!url.starts_with(kScheme)) return InvalidArgument("\"" + url + "\" is not an http:// address");
  const size_t slash = std::min(url.find('/', kScheme.size()), url.size());
  TUSK_ASSIGN(const auto peer, net::ParseEndpoint(url.substr(kScheme.size(), slash - kScheme.size()), 80));
  TUSK_ASSIGN(auto socket, net::Socket::Connect(peer, kPatience));
  TUSK_TRY(socket.SetTimeout(kPatience));
  const std::string path = slash == url.size() ? "/" : url.substr(slash);
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + peer.ToString() + "\r\nConnection: close\r\n\r\n";
  TUSK_TRY(socket.WriteFully(std::as_bytes(std::span(request))));
  std::string bytes;
  std::array<char, 16384> piece;
  for (;;) {
    TUSK_ASSIGN(const size_t got, socket.ReadSome(std::as_writable_bytes(std::span(piece))));
    if (got == 0) break;
    bytes.append(piece.data(), got);
    if (bytes.size() > kMaxAnswer) return ResourceExhausted(url + " answers with more than 64 MiB");
  }
  TUSK_ASSIGN(auto answer, ParseHttpAnswer(bytes));
  if (answer.status == 404) return NotFound(answer.body.empty() ? url + " does not exist" : answer.body);
  if (answer.status != 200) return IoError(url + " answers with HTTP status " + std::to_string(answer.status));
  return std::move(answer.body);
}

}  // namespace tusk::mr
