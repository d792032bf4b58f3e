# Debian 12's packages under one name each; cluster/setup installs them.
find_package(Threads REQUIRED)
find_package(CapnProto REQUIRED)
find_package(Boost 1.81 EXACT REQUIRED)
find_package(leveldb REQUIRED)
find_package(glog REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(isal REQUIRED IMPORTED_TARGET libisal)

# Asio and Boost.JSON are compiled once (common/runtime/asio.cc, common/http/json.cc), not in every file that includes them.
add_library(tusk_boost INTERFACE)
target_link_libraries(tusk_boost INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(tusk_boost INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
