#include "mapreduce/examples/teragen.h"

int main(int argc, char** argv) { return tusk::mr::Main<tusk::mr::examples::TeraGen>(argc, argv); }
