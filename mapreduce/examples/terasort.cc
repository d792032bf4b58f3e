#include "mapreduce/examples/terasort.h"

int main(int argc, char** argv) { return tusk::mr::Main<tusk::mr::examples::TeraSort>(argc, argv); }
