#include "mapreduce/examples/teravalidate.h"

int main(int argc, char** argv) { return tusk::mr::Main<tusk::mr::examples::TeraValidate>(argc, argv); }
