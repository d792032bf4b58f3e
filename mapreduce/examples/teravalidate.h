// Looks whether the output of terasort is in order, within parts and from part to part, and sums the records' crc32.
//
// The report: `checksum<TAB>hexadecimal sum` (of the same records in any order the same), and one `error<TAB>...` for each
// misplaced record, at most ten a part. The program exits with 1 when there is an error.
#pragma once

#include "mapreduce/api/job.h"
#include "mapreduce/examples/tera_random.h"

namespace tusk::mr::examples {

std::string PrintableKey(std::string_view key);
// What the program prints and exits with, from the report.
Result<int> FinishTeraValidate(dfs::FileSystem& fs, const std::string& output);

struct TeraValidate {
  using Input = TeraInput;
  static constexpr bool kWholeFiles = true;  // one map for each part, in the order of their names
  static constexpr uint32_t kReducers = 1;
  static constexpr int kMaxErrors = 10;

  void Setup(Context& context) {
    path_ = context.input_path();
    part_ = context.task().index;
    order_ = !context.Find("checksum-only");
  }

  void Map(std::string_view key, std::string_view value, Out<std::string_view, std::string_view>& out) {
    sum_ += TeraCrc(key, value);
    if (!order_) return;
    if (record_ == 0) {
      out(PartKey("begin"), Boundary(key));
    } else if (key < last_ && ++errors_ <= kMaxErrors) {
      out("error", "misplaced record " + std::to_string(record_) + " of " + path_ + ": " + PrintableKey(key) + " after " +
                       PrintableKey(last_));
    }
    last_.assign(key);
    ++record_;
  }

  void EndMap(Out<std::string_view, std::string_view>& out) {
    if (record_ > 0) out(PartKey("end"), Boundary(last_));
    if (errors_ > kMaxErrors) out("error", std::to_string(errors_) + " misplaced records in all in " + path_);
    out("checksum", ToHex(sum_));
  }

  void Reduce(std::string_view key, Values<std::string_view> values, Out<std::string_view, std::string_view>& out) {
    if (key == "checksum") {
      Uint128 sum = 0, part = 0;
      for (const std::string_view value : values) {
        if (!ParseHex(value, &part)) return out.Fail(Internal("a checksum is no hexadecimal number"));
        sum += part;
      }
      out(key, ToHex(sum));
      summed_ = true;
      return;
    }
    for (const std::string_view value : values) {
      if (key == "error") {
        out(key, value);
        continue;
      }
      // part:0000000003:begin, then part:0000000003:end: in the order of the parts.
      const std::string_view tera_key = value.substr(0, kTeraKey), path = value.substr(kTeraKey);
      if (key.ends_with(":begin") && tera_key < last_) {
        out("error", "misplaced part " + std::string(path) + ": it begins with " + PrintableKey(tera_key) + " after " +
                         PrintableKey(last_) + " in " + path_);
      }
      last_.assign(tera_key);
      path_ = path;
    }
  }

  void EndReduce(Out<std::string_view, std::string_view>& out) {
    if (!summed_) out("checksum", ToHex(0));  // there are no records
  }

  static UsageText Usage() {
    UsageText usage;
    usage.summary =
        "Checks the order and the checksum of records of the sort benchmark; exits with 1 when they are out of order.";
    usage.positionals = {{"IN", "the sorted records"}, {"OUT", "directory of the report; must not exist"}};
    usage.options = {{"checksum-only", "no order, only the checksum: for the input of a sort", "", true}};
    usage.finish = FinishTeraValidate;
    return usage;
  }

 private:
  std::string PartKey(std::string_view which) const {
    const std::string number = std::to_string(part_);
    return "part:" + std::string(10 - std::min<size_t>(10, number.size()), '0') + number + ":" + std::string(which);
  }
  std::string Boundary(std::string_view key) const { return std::string(key) + path_; }

  std::string path_;
  uint32_t part_ = 0;
  bool order_ = true;
  uint64_t record_ = 0;
  uint64_t errors_ = 0;
  std::string last_;
  Uint128 sum_ = 0;
  bool summed_ = false;
};

}  // namespace tusk::mr::examples
