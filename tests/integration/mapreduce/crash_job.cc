// A job whose map ends its process: with a signal, or by leaving without a word.
#include <cstdlib>

#include "mapreduce/api/job.h"

namespace {

struct CrashJob {
  void Map(std::string_view, tusk::mr::Out<std::string_view, uint64_t>&) { std::abort(); }
  void Reduce(std::string_view, tusk::mr::Values<uint64_t>, tusk::mr::Out<std::string_view, uint64_t>&) {}
};

}  // namespace

int main(int argc, char** argv) { return tusk::mr::Main<CrashJob>(argc, argv); }
