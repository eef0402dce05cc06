# SPDX-License-Identifier: Apache-2.0
# meshlib::meshlib, static or shared by BUILD_SHARED_LIBS, assembled from the objects of all stages,
# and its public headers.
add_library(meshlib)
add_library(meshlib::meshlib ALIAS meshlib)
meshlib_absorb_stages(meshlib)
target_compile_features(meshlib PUBLIC cxx_std_20)

# The one version is project()'s. Before 1.0 every minor version may break; from then on, majors do.
file(STRINGS "${PROJECT_SOURCE_DIR}/include/meshlib/version.h" meshlib_version_lines
  REGEX "#define MESHLIB_VERSION_[A-Z]+ ")
set(meshlib_expected_lines
  "#define MESHLIB_VERSION_MAJOR ${PROJECT_VERSION_MAJOR}"
  "#define MESHLIB_VERSION_MINOR ${PROJECT_VERSION_MINOR}"
  "#define MESHLIB_VERSION_PATCH ${PROJECT_VERSION_PATCH}"
  "#define MESHLIB_VERSION_STRING \"${PROJECT_VERSION}\"")
if(NOT meshlib_version_lines STREQUAL meshlib_expected_lines)
  message(FATAL_ERROR "include/meshlib/version.h says ${meshlib_version_lines}; "
    "project() says ${PROJECT_VERSION}")
endif()
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(meshlib_soversion ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  set(meshlib_compatibility SameMinorVersion)
else()
  set(meshlib_soversion ${PROJECT_VERSION_MAJOR})
  set(meshlib_compatibility SameMajorVersion)
endif()
set_target_properties(meshlib PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${meshlib_soversion})

get_target_property(meshlib_type meshlib TYPE)
if(meshlib_type STREQUAL "SHARED_LIBRARY")
  if(MESHLIB_SANITIZER)
    target_link_options(meshlib PRIVATE -fsanitize=${MESHLIB_SANITIZER})
  else()
    target_link_options(meshlib PRIVATE $<$<PLATFORM_ID:Linux>:LINKER:-z,defs>)
  endif()
  set(meshlib_exports "${PROJECT_SOURCE_DIR}/cmake/meshlib_exports.map")
  target_link_options(meshlib PRIVATE
    $<$<PLATFORM_ID:Linux,FreeBSD>:LINKER:--version-script,${meshlib_exports}>)
  set_target_properties(meshlib PROPERTIES LINK_DEPENDS "${meshlib_exports}")
endif()

set(meshlib_public_headers call_error.h explain.h export.h headers.h http.h http_client.h
    http_server.h mesh.h mesh_options.h peer_identity.h report.h version.h)
list(TRANSFORM meshlib_public_headers PREPEND "${PROJECT_SOURCE_DIR}/include/meshlib/")
target_sources(meshlib PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include"
  FILES ${meshlib_public_headers})
# Every public header compiles alone: target meshlib_verify_interface_header_sets.
set_target_properties(meshlib PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)

if(MESHLIB_INSTALL)
  include(MeshlibInstall)
endif()
