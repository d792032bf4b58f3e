#include "mapreduce/examples/wordcount.h"

int main(int argc, char** argv) { return tusk::mr::Main<tusk::mr::examples::WordCount>(argc, argv); }
