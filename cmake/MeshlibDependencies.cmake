# SPDX-License-Identifier: Apache-2.0
# One name, meshlib_dep::<x>, for each dependency, whoever provides it: Conan's or a distribution's
# CMake configurations, CMake's Find modules or pkg-config. The build and the installed
# meshlibConfig.cmake use this same file. What find_package() sets stays set for the caller, as the
# packages rely on it when they are looked for again.
include_guard(GLOBAL)

# _meshlib_find(<package> <target> CONFIG|MODULE): unless somebody has found it before.
macro(_meshlib_find package target mode)
  if(NOT TARGET ${target})
    find_package(${package} ${mode} QUIET)
  endif()
endmacro()

# _meshlib_dep(<x> <pkg-config module> <candidate target>...): meshlib_dep::<x> is the first of the
# candidates that exists, else what pkg-config says. No target if there is neither.
function(_meshlib_dep name module)
  if(TARGET meshlib_dep::${name})
    return()
  endif()
  set(provider "")
  foreach(candidate IN LISTS ARGN)
    if(TARGET ${candidate})
      set(provider ${candidate})
      break()
    endif()
  endforeach()
  if(NOT provider)
    find_package(PkgConfig QUIET)
    if(NOT PkgConfig_FOUND)
      return()
    endif()
    pkg_check_modules(meshlib_pc_${name} QUIET IMPORTED_TARGET GLOBAL ${module})
    set(provider PkgConfig::meshlib_pc_${name})
    if(NOT TARGET ${provider})
      return()
    endif()
  endif()
  add_library(meshlib_dep::${name} INTERFACE IMPORTED GLOBAL)
  set_property(TARGET meshlib_dep::${name} PROPERTY INTERFACE_LINK_LIBRARIES ${provider})
endfunction()

function(_meshlib_absl)
  if(TARGET absl::status AND NOT TARGET meshlib_dep::absl)
    set(parts status statusor strings str_format cord time flat_hash_map flat_hash_set
      inlined_vector any_invocable function_ref core_headers)
    list(TRANSFORM parts PREPEND absl::)
    add_library(meshlib_dep::absl INTERFACE IMPORTED GLOBAL)
    set_property(TARGET meshlib_dep::absl PROPERTY INTERFACE_LINK_LIBRARIES
      ${parts} Threads::Threads)
  endif()
endfunction()

# Finds what whoever links meshlib must have (PUBLIC: abseil, of which the API is made), or all that
# meshlib consists of (ALL: to build it, and to link it statically). Sets <out> to the names of those
# that are not there.
macro(meshlib_find_dependencies which out)
  set(_meshlib_needs absl)
  _meshlib_find(Threads Threads::Threads MODULE)
  _meshlib_find(absl absl::status CONFIG)
  _meshlib_absl()
  if("${which}" STREQUAL "ALL")
    list(APPEND _meshlib_needs protobuf grpcpp yaml_cpp cares re2)
    # Protobuf before gRPC: its own configuration (Conan has one), else CMake's FindProtobuf, for
    # Debian has none and gRPC's configuration relies on the module.
    _meshlib_find(protobuf protobuf::libprotobuf CONFIG)
    _meshlib_find(Protobuf protobuf::libprotobuf MODULE)
    _meshlib_find(gRPC gRPC::grpc++ CONFIG)
    _meshlib_find(yaml-cpp yaml-cpp CONFIG)
    _meshlib_find(c-ares c-ares::cares CONFIG)
    _meshlib_find(re2 re2::re2 CONFIG)
    _meshlib_dep(protobuf "protobuf" protobuf::libprotobuf)
    _meshlib_dep(grpcpp "grpc++" gRPC::grpc++)
    _meshlib_dep(yaml_cpp "yaml-cpp" yaml-cpp::yaml-cpp yaml-cpp)
    _meshlib_dep(cares "libcares" c-ares::cares)
    _meshlib_dep(re2 "re2" re2::re2)
  endif()
  set(${out} "")
  foreach(_meshlib_need IN LISTS _meshlib_needs)
    if(NOT TARGET meshlib_dep::${_meshlib_need})
      list(APPEND ${out} ${_meshlib_need})
    endif()
  endforeach()
endmacro()
