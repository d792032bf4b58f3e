// A table of text: each column as wide as its widest cell. Thread: one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tusk::dfs::shell {

enum class Align { kLeft, kRight };

class Columns {
 public:
  Columns(std::vector<Align> alignment, std::string_view gap) : alignment_(std::move(alignment)), gap_(gap) {}
  void Add(std::vector<std::string> row);  // a cell for each column
  std::string Text() const;                // lines; nothing pads the end of a line

 private:
  const std::vector<Align> alignment_;
  const std::string gap_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tusk::dfs::shell
