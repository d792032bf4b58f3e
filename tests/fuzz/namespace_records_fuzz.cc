// The records of the NameNode's applied state: for any bytes a value that encodes to itself, or none.
#include <glog/logging.h>

#include "dfs/namenode/namespace/records.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace dfs;            // NOLINT(google-build-using-namespace)
using namespace dfs::namenode;  // NOLINT(google-build-using-namespace)

template <class T>
void Check(std::string_view bytes, std::optional<T> (*decode)(std::string_view)) {
  const std::optional<T> value = decode(bytes);
  if (!value) return;
  const std::string encoded = Encode(*value);
  CHECK_LE(encoded.size(), bytes.size()) << "a record is longer than the bytes it was read from";
  const std::optional<T> again = decode(encoded);
  CHECK(again && Encode(*again) == encoded) << "a record does not survive encoding";
  if constexpr (requires { *value == *again; }) CHECK(*value == *again);
}

}  // namespace

std::vector<std::string> Seeds() {
  Inode directory;
  directory.is_directory = true;
  directory.name = "logs";
  directory.parent = InodeId(1);
  directory.children = 300;
  Inode file;
  file.parent = InodeId(2);
  file.name = "caf\xC3\xA9";
  file.modified_ms = -5;
  file.owner = "ann";
  file.mode = 0644;
  file.block_size = 128 << 20;
  file.length = 123'456'789;
  file.block_count = 2;
  RetryRecord retry{.index = 77, .time_ms = 1'764'000'000'000, .acked = 3, .answer = {}};
  retry.answer.status = Status(Code::kAlreadyExists, "the file exists");
  retry.answer.nodes = {DataNodeId(1), DataNodeId(UINT64_MAX)};
  RetryRecord created = retry;
  created.answer.record = file;
  created.answer.deleted = true;
  Meta meta;
  meta.applied = 1000;
  meta.quotas = 2;
  directory.acl = "rights";
  directory.has_xattrs = directory.has_quota = true;
  return {Encode(Dirent{InodeId(5), true}),
          Encode(directory),
          Encode(file),
          Encode(BlockRecord{BlockId(1 << 30), Generation(1001), Generation(0), 1 << 20, 3, true}),
          Encode(Lease{{1, UINT64_MAX}, "writer", "127.0.0.1"}),
          Encode(Garbage{"name"}),
          Encode(Garbage{"name", {{InodeId(7), 1000}}}),
          Encode(QuotaRecord{100, kNoQuota, 3, 1 << 30, 77}),
          Encode(retry),
          Encode(created),
          Encode(meta)};
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk::fuzz;
  using namespace tusk::dfs::namenode;  // NOLINT(google-build-using-namespace)
  const std::string_view bytes = View(data, size);
  Check<Dirent>(bytes, DecodeDirent);
  Check<Inode>(bytes, DecodeInode);
  Check<BlockRecord>(bytes, DecodeBlock);
  Check<Lease>(bytes, DecodeLease);
  Check<Garbage>(bytes, DecodeGarbage);
  Check<RetryRecord>(bytes, DecodeRetry);
  Check<QuotaRecord>(bytes, DecodeQuota);
  Check<Meta>(bytes, DecodeMeta);
  return 0;
}
