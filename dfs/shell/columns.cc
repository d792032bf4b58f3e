#include "dfs/shell/columns.h"

#include <glog/logging.h>

#include <algorithm>

namespace tusk::dfs::shell {

void Columns::Add(std::vector<std::string> row) {
  CHECK_EQ(row.size(), alignment_.size());
  rows_.push_back(std::move(row));
}

std::string Columns::Text() const {
  std::vector<size_t> widths(alignment_.size(), 0);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      const bool last = i + 1 == row.size();
      text += alignment_[i] == Align::kRight ? padding + row[i] : row[i] + (last ? "" : padding);
      text += last ? "\n" : gap_;
    }
  }
  return text;
}

}  // namespace tusk::dfs::shell
