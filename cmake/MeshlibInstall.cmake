# SPDX-License-Identifier: Apache-2.0
# How meshlib is installed: library, headers, a CMake package and a pkg-config file. All are
# relocatable: the prefix may move after the installation.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(meshlib_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/meshlib")
set(meshlib_package "${PROJECT_BINARY_DIR}/package")

install(TARGETS meshlib EXPORT meshlibTargets FILE_SET HEADERS)
install(EXPORT meshlibTargets NAMESPACE meshlib:: DESTINATION "${meshlib_cmake_dir}")

set(meshlib_shared FALSE)
set(meshlib_needs ALL)
if(meshlib_type STREQUAL "SHARED_LIBRARY")
  set(meshlib_shared TRUE)
  set(meshlib_needs PUBLIC)
endif()
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/meshlibConfig.cmake.in"
  "${meshlib_package}/meshlibConfig.cmake" INSTALL_DESTINATION "${meshlib_cmake_dir}"
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file("${meshlib_package}/meshlibConfigVersion.cmake"
  COMPATIBILITY ${meshlib_compatibility})
foreach(file MeshlibDependencies MeshlibRequirements)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/${file}.cmake" "${meshlib_package}/${file}.cmake"
    COPYONLY)
endforeach()
# These files make the build tree a package as well, for meshlib_DIR=<build>/package.
export(EXPORT meshlibTargets NAMESPACE meshlib:: FILE "${meshlib_package}/meshlibTargets.cmake")
install(FILES "${meshlib_package}/meshlibConfig.cmake"
  "${meshlib_package}/meshlibConfigVersion.cmake" "${meshlib_package}/MeshlibDependencies.cmake"
  "${meshlib_package}/MeshlibRequirements.cmake" DESTINATION "${meshlib_cmake_dir}")

# In the installed .pc file, the prefix is where the file itself is.
set(meshlib_pc_prefix "${CMAKE_INSTALL_PREFIX}")
if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  file(RELATIVE_PATH meshlib_pc_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  string(REGEX REPLACE "^(.*)/$" "\${pcfiledir}/\\1" meshlib_pc_prefix "${meshlib_pc_prefix}")
endif()
# A static library's users link all that it needs, with and without pkg-config --static.
set(meshlib_pc_requires
  "absl_status absl_statusor absl_strings absl_time absl_any_invocable")
set(meshlib_pc_requires_private "absl_str_format absl_cord absl_flat_hash_map absl_flat_hash_set \
absl_inlined_vector absl_function_ref grpc++ protobuf yaml-cpp libcares re2")
if(NOT meshlib_shared)
  string(APPEND meshlib_pc_requires " ${meshlib_pc_requires_private}")
  set(meshlib_pc_requires_private "")
endif()
configure_file("${PROJECT_SOURCE_DIR}/cmake/meshlib.pc.in" "${meshlib_package}/meshlib.pc" @ONLY)
install(FILES "${meshlib_package}/meshlib.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
