# meshlib::meshlib, static or shared by BUILD_SHARED_LIBS, assembled from the objects of all stages;
# its public headers; how it is installed and exported.
add_library(meshlib)
add_library(meshlib::meshlib ALIAS meshlib)
get_property(meshlib_stages GLOBAL PROPERTY MESHLIB_STAGES)
foreach(stage IN LISTS meshlib_stages)
  target_sources(meshlib PRIVATE $<TARGET_OBJECTS:meshlib_${stage}>)
  get_target_property(absorbed meshlib_${stage} MESHLIB_ABSORBS)
  foreach(objects IN LISTS absorbed)
    target_sources(meshlib PRIVATE $<TARGET_OBJECTS:${objects}>)
  endforeach()
endforeach()
add_dependencies(meshlib meshlib_bssl_checked)
target_link_libraries(meshlib
  PUBLIC meshlib_dep::absl
  PRIVATE meshlib_dep::re2 meshlib_dep::protobuf meshlib_dep::grpcpp meshlib_dep::cares
          meshlib_dep::yaml_cpp)
target_compile_features(meshlib PUBLIC cxx_std_20)
set_target_properties(meshlib PROPERTIES LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION} SOVERSION 0
  CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)

set(meshlib_public_headers call_error.h explain.h export.h headers.h http.h http_client.h
    http_server.h mesh.h mesh_options.h report.h version.h)
list(TRANSFORM meshlib_public_headers PREPEND "${PROJECT_SOURCE_DIR}/include/meshlib/")
target_sources(meshlib PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include"
  FILES ${meshlib_public_headers})
# Every public header compiles alone: target meshlib_verify_interface_header_sets.
set_target_properties(meshlib PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)

if(MESHLIB_INSTALL)
  include(GNUInstallDirs)
  include(CMakePackageConfigHelpers)
  set(meshlib_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/meshlib")
  install(TARGETS meshlib EXPORT meshlibTargets FILE_SET HEADERS)
  install(EXPORT meshlibTargets NAMESPACE meshlib:: DESTINATION "${meshlib_cmake_dir}")
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/meshlibConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/package/meshlibConfig.cmake" INSTALL_DESTINATION "${meshlib_cmake_dir}")
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/meshlibConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/package/meshlibConfig.cmake"
    "${PROJECT_BINARY_DIR}/package/meshlibConfigVersion.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/MeshlibDependencies.cmake" DESTINATION "${meshlib_cmake_dir}")
endif()
