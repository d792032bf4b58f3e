#include "mapreduce/api/counter.h"

#include <vector>

#include <glog/logging.h>

namespace tusk::mr {
namespace {

// Filled while statics are initialised, read afterwards.
std::vector<std::string>& Names() {
  static std::vector<std::string> names;
  return names;
}

}  // namespace

Counter::Counter(std::string_view name) {
  auto& names = Names();
  for (index_ = 0; index_ < names.size(); ++index_) {
    if (names[index_] == name) return;
  }
  CHECK_LT(names.size(), kMax) << "too many counters: a job may have " << kMax << "; counter " << name << " is one too many";
  names.emplace_back(name);
}

void Counter::Collect(CounterValues* to) {
  const auto& names = Names();
  for (size_t i = 0; i < names.size(); ++i) {
    if (values_[i] != 0) (*to)[names[i]] += values_[i];
  }
}

void Counter::ResetAll() { values_.fill(0); }

}  // namespace tusk::mr
