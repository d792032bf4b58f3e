#include "common/net/message_stream.h"

#include <kj/exception.h>

#include <array>
#include <cstring>
#include <vector>

#include "common/base/clock.h"
#include "common/base/try.h"

namespace tusk::net {
namespace {

capnp::ReaderOptions OptionsFor(size_t words) {
  capnp::ReaderOptions options;
  // Reading a list twice counts twice; a message of loops and overlaps, made to be walked for ever, ends here.
  options.traversalLimitInWords = words * 32 + 64 * 1024;
  return options;
}

}  // namespace

ReceivedMessage::ReceivedMessage(kj::Array<capnp::word> words)
    : words_(std::move(words)),
      reader_(std::make_unique<capnp::FlatArrayMessageReader>(words_.asPtr(), OptionsFor(words_.size()))) {}

Status WriteMessage(Socket& socket, capnp::MessageBuilder& message, std::span<const std::byte> after) {
  const auto segments = message.getSegmentsForOutput();
  const uint64_t bytes = uint64_t{capnp::computeSerializedSizeInWords(segments)} * sizeof(capnp::word);
  if (bytes > kMaxMessageBytes) {
    return InvalidArgument("a message of " + std::to_string(bytes) + " bytes is larger than the limit of " +
                           std::to_string(kMaxMessageBytes));
  }
  // The byte count, then the segment table: the number of segments less one, their sizes in words, padded to 8 bytes.
  std::vector<uint32_t> table;
  table.reserve(3 + segments.size());
  table.push_back(static_cast<uint32_t>(bytes));
  table.push_back(static_cast<uint32_t>(segments.size() - 1));
  for (const auto& segment : segments) table.push_back(static_cast<uint32_t>(segment.size()));
  if (table.size() % 2 == 0) table.push_back(0);
  std::vector<iovec> parts;
  parts.reserve(2 + segments.size());
  parts.push_back({table.data(), table.size() * sizeof(uint32_t)});
  for (const auto& segment : segments) {
    parts.push_back({const_cast<capnp::word*>(segment.begin()), segment.size() * sizeof(capnp::word)});
  }
  parts.push_back({const_cast<std::byte*>(after.data()), after.size()});
  return socket.WriteFully(std::span<iovec>(parts));
}

Result<ReceivedMessage> ReadMessage(Socket& socket, size_t max_bytes, std::chrono::milliseconds patience) {
  uint32_t bytes = 0;
  const TimePoint end = Clock::System().Now() + patience;
  do {
    TUSK_TRY(socket.ReadFully(std::as_writable_bytes(std::span(&bytes, 1))));
    if (bytes != 0 || patience.count() == 0) break;
  } while (Clock::System().Now() < end);
  if (bytes == 0 && patience.count() > 0) {
    return DeadlineExceeded("the peer " + socket.PeerName() + " is alive, but did not answer within " +
                            std::to_string(patience.count()) + " ms");
  }
  if (bytes % sizeof(capnp::word) != 0 || bytes == 0 || bytes > max_bytes) {
    return Corruption("the peer " + socket.PeerName() + " announced a message of " + std::to_string(bytes) +
                      " bytes; it must be a multiple of 8 and at most " + std::to_string(max_bytes));
  }
  auto words = kj::heapArray<capnp::word>(bytes / sizeof(capnp::word));
  TUSK_TRY(socket.ReadFully(std::as_writable_bytes(std::span(words.begin(), words.size()))));
  try {
    return ReceivedMessage(std::move(words));
  } catch (const kj::Exception& error) {
    return Corruption("the peer " + socket.PeerName() + " sent a malformed message: " + error.getDescription().cStr());
  }
}

}  // namespace tusk::net
