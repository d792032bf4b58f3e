// The C library's own function behind one that the simulation replaces. Thread: any.
#pragma once

#include <dlfcn.h>

namespace tusk::sim {

template <class Function>
Function RealCall(const char* name, Function /*its type*/, const char* version = nullptr) {
  return reinterpret_cast<Function>(version == nullptr ? dlsym(RTLD_NEXT, name) : dlvsym(RTLD_NEXT, name, version));
}

}  // namespace tusk::sim

// The definition of a C function that runs `the real one` while no simulation is active.
#define SIM_REAL_(name) static const auto real = ::tusk::sim::RealCall(#name, &::name)
