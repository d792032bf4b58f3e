#include "mapreduce/examples/grep.h"

int main(int argc, char** argv) {
  return tusk::mr::Main<tusk::mr::examples::GrepSearch, tusk::mr::examples::GrepSort>(argc, argv);
}
