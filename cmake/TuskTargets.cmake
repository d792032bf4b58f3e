# tusk_library(NAME SOURCES ... DEPS ...): the library of one folder, alias tusk::NAME.
# tusk_schema(NAME a.capnp ...): generated C++ of Cap'n Proto schemas, included as "<folder>/a.capnp.h".
# tusk_binary(NAME SOURCES ... DEPS ...): an executable in build/<preset>/bin.
# tusk_test(NAME SOURCES ... DEPS ... [LABELS unit|integration|chaos]): a GoogleTest program; `ctest -L unit` selects by label.

# One precompiled header for all: the standard library, Asio's coroutines and Cap'n Proto cost most of a compile.
file(WRITE ${CMAKE_BINARY_DIR}/gen/tusk_pch.cc "")
add_library(tusk_pch STATIC ${CMAKE_BINARY_DIR}/gen/tusk_pch.cc)
# The same for position-independent code (dfs/capi/CMakeLists.txt).
add_library(tusk_pch_pic STATIC ${CMAKE_BINARY_DIR}/gen/tusk_pch.cc)
foreach(pch tusk_pch tusk_pch_pic)
  target_link_libraries(${pch} PUBLIC tusk::flags tusk_boost CapnProto::capnp glog::glog)
  target_precompile_headers(${pch} PRIVATE
    <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <cstring> <deque> <functional> <map> <memory> <mutex>
    <optional> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp> <boost/asio/steady_timer.hpp>
    <boost/asio/this_coro.hpp> <boost/asio/use_awaitable.hpp> <boost/asio/detached.hpp> <boost/asio/post.hpp>
    <capnp/message.h> <capnp/serialize.h> <glog/logging.h>)
endforeach()

# The precompiled header makes every object refer to Asio's error categories, so every program needs Asio's compiled part.
add_library(tusk_asio STATIC ${CMAKE_SOURCE_DIR}/common/runtime/asio.cc)
target_link_libraries(tusk_asio PUBLIC $<BUILD_INTERFACE:tusk::flags> tusk_boost)

function(tusk_apply_common target)
  # Our warnings, linker and folders are for our own build; what is installed brings its own (TuskInstall).
  target_link_libraries(${target} PUBLIC $<BUILD_INTERFACE:tusk::flags> tusk_boost tusk_asio CapnProto::capnp glog::glog)
  target_precompile_headers(${target} REUSE_FROM tusk_pch)
endfunction()

function(tusk_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(tusk_${name} STATIC ${ARG_SOURCES})
  add_library(tusk::${name} ALIAS tusk_${name})
  tusk_apply_common(tusk_${name})
  target_link_libraries(tusk_${name} PUBLIC ${ARG_DEPS})
endfunction()

function(tusk_schema name)
  set(generated "")
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(schema ${ARGN})
    set(out ${CMAKE_BINARY_DIR}/gen/${folder}/${schema})
    add_custom_command(
      OUTPUT ${out}.c++ ${out}.h
      COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/gen/${folder}
      COMMAND capnp compile -I${CMAKE_SOURCE_DIR} --src-prefix=${CMAKE_SOURCE_DIR}
              -oc++:${CMAKE_BINARY_DIR}/gen ${CMAKE_CURRENT_SOURCE_DIR}/${schema}
      DEPENDS ${schema} COMMENT "capnp ${folder}/${schema}")
    list(APPEND generated ${out}.c++)
  endforeach()
  add_library(tusk_${name} STATIC ${generated})
  add_library(tusk::${name} ALIAS tusk_${name})
  target_link_libraries(tusk_${name} PUBLIC $<BUILD_INTERFACE:tusk::flags> CapnProto::capnp)
endfunction()

function(tusk_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  tusk_apply_common(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
endfunction()

function(tusk_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  tusk_apply_common(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest GTest::gmock GTest::gtest_main)
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  list(APPEND ARG_LABELS googletest)  # run_tests.py then asks for a report of single cases
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  if(TUSK_SANITIZE MATCHES "thread")
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
  endif()
endfunction()
