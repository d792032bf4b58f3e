#include "dfs/client/input_stream.h"

#include <glog/logging.h>

#include <algorithm>
#include <array>
#include <thread>

#include "common/base/try.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs {
namespace {

// Locations asked for at once: enough that a sequential reader asks rarely, bounded for files of very many blocks.
constexpr uint64_t kFirstLocations = 1ull << 30;
constexpr uint64_t kLaterBlocks = 64;
// Pauses before the locations are asked for again when no replica can be read: a node may be restarting.
constexpr std::array<std::chrono::milliseconds, 4> kPauses{std::chrono::milliseconds(50), std::chrono::milliseconds(500),
                                                           std::chrono::milliseconds(2'000), std::chrono::milliseconds(4'000)};
constexpr uint64_t kSkipInsteadOfSeek = 128 << 10;

}  // namespace

Result<LocatedFile> FetchLocations(NameNodeLink& namenode, const std::string& path, uint64_t offset, uint64_t length) {
  return namenode.Ask(
      kLocations,
      [&](auto request) {
        request.setPath(path);
        request.setOffset(offset);
        request.setLength(length);
        namenode.FillPlace(request.initCaller());
      },
      [&](auto reply) {
        LocatedFile file;
        file.status = FromWire(reply.getStatus(), PathParent(path));
        file.blocks.reserve(reply.getBlocks().size());
        for (const auto& block : reply.getBlocks()) file.blocks.push_back(FromWire(block));
        return file;
      });
}

DfsInputStream::DfsInputStream(std::shared_ptr<ClientContext> context, std::string path, uint64_t length, uint64_t block_size)
    : context_(std::move(context)), path_(std::move(path)), length_(length), block_size_(block_size) {}

DfsInputStream::~DfsInputStream() = default;

Result<std::unique_ptr<InputStream>> DfsInputStream::Open(std::shared_ptr<ClientContext> context, const std::string& path) {
  TUSK_ASSIGN(LocatedFile file, FetchLocations(context->namenode(), path, 0, kFirstLocations));
  if (file.status.is_directory) return Status(Code::kIsADirectory, path + " is a directory; name a file below it");
  std::unique_ptr<DfsInputStream> stream(
      new DfsInputStream(std::move(context), path, file.status.length, std::max<uint64_t>(file.status.block_size, 1)));
  stream->plan_.Learn(std::move(file.blocks));
  return std::unique_ptr<InputStream>(std::move(stream));
}

Result<size_t> DfsInputStream::Read(std::span<std::byte> out) { return Fill(cursor_, out, /*sequential=*/true); }

Result<size_t> DfsInputStream::ReadAt(uint64_t offset, std::span<std::byte> out) {
  Cursor cursor;
  cursor.position = offset;
  return Fill(cursor, out, /*sequential=*/false);
}

Status DfsInputStream::Seek(uint64_t offset) {
  if (offset > length_) {
    return InvalidArgument("cannot seek to " + std::to_string(offset) + " in " + path_ + ", which has " +
                           std::to_string(length_) + " bytes");
  }
  const bool near = offset >= cursor_.position && offset - cursor_.position <= kSkipInsteadOfSeek && cursor_.reader != nullptr;
  while (near && cursor_.position < offset) {
    std::array<std::byte, 8192> ignored;
    TUSK_ASSIGN(const size_t skipped,
                Fill(cursor_, std::span(ignored).first(std::min<uint64_t>(ignored.size(), offset - cursor_.position)), true));
    if (skipped == 0) break;
  }
  if (cursor_.position != offset) {
    cursor_.reader.reset();
    cursor_.position = offset;
    cursor_.streak = 0;
  }
  return OkStatus();
}

Result<size_t> DfsInputStream::Fill(Cursor& cursor, std::span<std::byte> out, bool sequential) {
  size_t done = 0;
  while (done < out.size() && cursor.position < length_) {
    const size_t left = out.size() - done;
    if (!cursor.reader) {
      const uint64_t wanted = sequential ? std::max<uint64_t>(left, ReadAhead(cursor.streak)) : left;
      if (Status opened = OpenReader(cursor, wanted); !opened.ok()) {
        if (done > 0) return done;
        return opened;
      }
    }
    BlockReader& reader = *cursor.reader;
    auto count = reader.Read(out.subspan(done));
    if (!count.ok()) {
      NoteFailure(cursor, reader.block(), reader.node(), count.status());
      cursor.reader.reset();
      continue;
    }
    done += *count;
    cursor.position += *count;
    cursor.streak += *count;
    if (*count > 0) cursor.refreshes = 0;
    if (reader.position() == reader.end()) {
      reader.Finish();
      cursor.reader.reset();
    }
  }
  return done;
}

Status DfsInputStream::OpenReader(Cursor& cursor, uint64_t wanted) {
  while (true) {
    std::optional<ReadPlan::Choice> choice;
    {
      std::lock_guard lock(plan_mutex_);
      choice = plan_.Choose(cursor.position);
    }
    if (!choice) {
      TUSK_TRY(Refresh(cursor));
      continue;
    }
    const LocatedBlock& block = choice->block;
    const uint64_t in_block = cursor.position - block.offset;
    const BlockReader::Range range{.block = block.block,
                                   .offset = in_block,
                                   .length = std::min(wanted, block.block.length - in_block),
                                   .token = block.token};
    const ClientOptions& options = context_->options();
    auto reader =
        BlockReader::Open(context_->connections(), choice->node, range, options.user + "@" + options.host, cursor.buffer);
    if (reader.ok()) {
      cursor.reader = std::move(*reader);
      return OkStatus();
    }
    NoteFailure(cursor, block.block, choice->node, reader.status());
  }
}

Status DfsInputStream::Refresh(Cursor& cursor) {
  bool known = false;
  {
    std::lock_guard lock(plan_mutex_);
    known = plan_.BlockAt(cursor.position) != nullptr;
  }
  if (known || cursor.refreshes > 0) {
    if (cursor.refreshes >= kPauses.size()) {
      const std::string why = cursor.last_error.empty() ? "no DataNode that holds it is alive" : cursor.last_error;
      return Unavailable("cannot read " + path_ + " at byte " + std::to_string(cursor.position) +
                         ": no replica of the block can be read (" + why + "); see `tusk fsck " + path_ +
                         " -files -blocks -locations`");
    }
    std::this_thread::sleep_for(kPauses[cursor.refreshes]);
    ++cursor.refreshes;
  } else {
    cursor.refreshes = 1;  // a block beyond what was fetched so far: no failure, no pause
  }
  const uint64_t count = std::min(kFirstLocations, kLaterBlocks * block_size_);
  TUSK_ASSIGN(LocatedFile file, FetchLocations(context_->namenode(), path_, cursor.position, count));
  std::lock_guard lock(plan_mutex_);
  plan_.Learn(std::move(file.blocks));
  return OkStatus();
}

void DfsInputStream::NoteFailure(Cursor& cursor, const Block& block, const DataNodeInfo& node, const Status& status) {
  const std::string where =
      (node.name.empty() ? "DataNode" : node.name) + " at " + node.host + ":" + std::to_string(node.data_port);
  cursor.last_error = where + ": " + status.message();
  const bool bad = status.code() == Code::kCorruption;
  LOG(WARNING) << path_ << ": cannot read block " << block.id << " from " << where << ": " << status
               << "; trying another replica";
  {
    std::lock_guard lock(plan_mutex_);
    if (bad) {
      plan_.MarkBad(block, node.id);
    } else {
      plan_.MarkUnreachable(node.id);
    }
  }
  if (!bad) return;
  const Status reported = context_->namenode()
                              .Ask(
                                  kReportBadReplica,
                                  [&](auto request) {
                                    ToWire(block, request.initBlock());
                                    request.setNode(node.id.value());
                                  },
                                  [](auto) { return std::monostate(); })
                              .status();
  if (!reported.ok()) LOG(WARNING) << "cannot report the bad replica of block " << block.id << ": " << reported;
}

}  // namespace tusk::dfs
