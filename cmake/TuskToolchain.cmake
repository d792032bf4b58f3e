# Compiler flags, sanitizers, linker and compiler cache; every target gets them through tusk_flags.
set(TUSK_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, empty for none")
option(TUSK_COVERAGE "Instrument for gcov" OFF)

add_library(tusk_flags INTERFACE)
add_library(tusk::flags ALIAS tusk_flags)
target_include_directories(tusk_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/gen)
target_compile_options(tusk_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  # crc32c and the radix sort use SSE4.2 and popcount; every x86-64 server since 2009 has them.
  -msse4.2 -mpopcnt)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports both inside libstdc++ and Asio for code that is right (gcc bugs 105329, 105562).
  target_compile_options(tusk_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
  # With optimisation, or sanitizers, it also takes inlined coroutine frames and string_view::find for errors; clang 15 builds the same code
  # with all its warnings.
  if(TUSK_SANITIZE OR NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    target_compile_options(tusk_flags INTERFACE
      -Wno-mismatched-new-delete -Wno-array-bounds -Wno-stringop-overread -Wno-stringop-overflow -Wno-free-nonheap-object)
  endif()
endif()

if(TUSK_SANITIZE)
  target_compile_options(tusk_flags INTERFACE -fsanitize=${TUSK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
  target_link_options(tusk_flags INTERFACE -fsanitize=${TUSK_SANITIZE})
  if(TUSK_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(tusk_flags INTERFACE -Wno-tsan)  # Asio's fences; they guard nothing that tsan must see
  endif()
endif()
if(TUSK_COVERAGE)
  target_compile_options(tusk_flags INTERFACE --coverage -O0)
  target_link_options(tusk_flags INTERFACE --coverage)
endif()
# Line tables are enough for sanitizer reports and stack traces, and cost a third of full debug information.
set(CMAKE_CXX_FLAGS_DEBUG "-g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

find_program(TUSK_MOLD mold)
if(TUSK_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_link_options(tusk_flags INTERFACE -fuse-ld=mold)
endif()

find_program(TUSK_CCACHE ccache)
if(TUSK_CCACHE)
  # Paths relative to the checkout and no working directory in the hash: a second clone hits the same cache.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${TUSK_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

# Fault points exist in every build but release.
target_compile_definitions(tusk_flags INTERFACE $<$<NOT:$<CONFIG:Release>>:TUSK_FAULTS>)
