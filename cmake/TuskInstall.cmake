# What `cmake --install` brings, and the package that find_package(Tusk) finds: Tusk::client (the C++ client), Tusk::mapreduce (job
# binaries), Tusk::hdfs (libhdfs.so) and Tusk::hdfs_static (libhdfs.a). The target `installable` builds it, without tests.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(tusk_headers_dir ${CMAKE_INSTALL_INCLUDEDIR}/tusk)
set(tusk_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Tusk)

# The public headers, and what they include; tests/package/run compiles each alone.
set(tusk_headers
  common/base/errno_code.h common/base/result.h common/base/status.h common/base/strong_id.h common/base/try.h common/base/units.h
  common/config/config.h common/config/setting.h
  common/net/endpoint.h
  common/storage/disk.h
  dfs/client/admin.h dfs/client/atomic_file.h dfs/client/file_system.h
  dfs/protocol/acl.h dfs/protocol/settings.h dfs/protocol/types.h dfs/protocol/xattr.h
  mapreduce/api/codec.h mapreduce/api/context.h mapreduce/api/counter.h mapreduce/api/formats.h mapreduce/api/job.h
  mapreduce/api/main.h mapreduce/api/out.h mapreduce/api/text_form.h mapreduce/api/values.h mapreduce/api/words.h
  mapreduce/client/job_client.h
  mapreduce/io/fixed_record_reader.h mapreduce/io/line_reader.h mapreduce/io/row_range_reader.h
  mapreduce/protocol/settings.h
  mapreduce/shuffle/record_hash.h mapreduce/shuffle/segment.h mapreduce/shuffle/segment_reader.h mapreduce/shuffle/segment_writer.h
  mapreduce/task/combiner.h mapreduce/task/job_program.h mapreduce/task/loser_tree.h mapreduce/task/merge.h mapreduce/task/progress.h)
foreach(header ${tusk_headers})
  cmake_path(GET header PARENT_PATH folder)
  install(FILES ${header} DESTINATION ${tusk_headers_dir}/${folder})
endforeach()
# Programs include it under either name.
install(FILES dfs/capi/hdfs.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES dfs/capi/hdfs.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/hdfs)

set(tusk_libraries
  tusk_boost tusk_asio
  tusk_common_base tusk_common_cli tusk_common_config tusk_common_net tusk_common_observe tusk_common_rpc tusk_common_rpc_schema
  tusk_common_runtime tusk_common_storage
  tusk_dfs_schema tusk_dfs_protocol tusk_dfs_client tusk_dfs_capi
  tusk_mapreduce_schema tusk_mapreduce_protocol tusk_mapreduce_api tusk_mapreduce_io tusk_mapreduce_shuffle tusk_mapreduce_client
  tusk_mapreduce_task tusk_mapreduce)
foreach(library ${tusk_libraries})
  string(REPLACE tusk_ "" name ${library})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${name})
endforeach()
set_target_properties(tusk_dfs_client PROPERTIES EXPORT_NAME client)
set_target_properties(tusk_dfs_capi PROPERTIES EXPORT_NAME hdfs_static)
set_target_properties(tusk_hdfs PROPERTIES EXPORT_NAME hdfs)
target_include_directories(tusk_dfs_capi INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(tusk_common_base INTERFACE $<INSTALL_INTERFACE:cxx_std_20>)

# libhdfs.so is an export of its own: who uses it needs none of the packages that the static libraries need.
install(TARGETS tusk_hdfs EXPORT TuskSharedTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS ${tusk_libraries} EXPORT TuskTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${tusk_headers_dir})
install(TARGETS tusk RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT TuskSharedTargets NAMESPACE Tusk:: DESTINATION ${tusk_package_dir})
install(EXPORT TuskTargets NAMESPACE Tusk:: DESTINATION ${tusk_package_dir})

configure_package_config_file(cmake/TuskConfig.cmake.in ${CMAKE_BINARY_DIR}/TuskConfig.cmake INSTALL_DESTINATION ${tusk_package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/TuskConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/TuskConfig.cmake ${CMAKE_BINARY_DIR}/TuskConfigVersion.cmake DESTINATION ${tusk_package_dir})

add_custom_target(installable DEPENDS tusk tusk_hdfs tusk_dfs_capi tusk_mapreduce)
