# One name, meshlib_dep::<x>, for each dependency, whoever provides it: Conan's or a distribution's
# CMake configurations, CMake's Find modules or pkg-config. The build and the installed
# meshlibConfig.cmake use this same file.
include_guard(GLOBAL)

# _meshlib_dep(<x> <pkg-config module> <candidate target>...): meshlib_dep::<x> is the first of the
# candidates that exists, else what pkg-config says; else <x> is appended to `missing`.
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
    if(PkgConfig_FOUND)
      pkg_check_modules(meshlib_pc_${name} QUIET IMPORTED_TARGET GLOBAL ${module})
    endif()
    if(NOT TARGET PkgConfig::meshlib_pc_${name})
      set(missing ${missing} ${name} PARENT_SCOPE)
      return()
    endif()
    set(provider PkgConfig::meshlib_pc_${name})
  endif()
  add_library(meshlib_dep::${name} INTERFACE IMPORTED GLOBAL)
  set_property(TARGET meshlib_dep::${name} PROPERTY INTERFACE_LINK_LIBRARIES ${provider})
endfunction()

# abseil is part of the public API.
macro(_meshlib_find_public_dependencies)
  find_package(Threads QUIET)
  find_package(absl CONFIG QUIET)
  set(parts status statusor strings str_format cord time flat_hash_map flat_hash_set inlined_vector
    any_invocable function_ref core_headers)
  list(TRANSFORM parts PREPEND absl::)
  if(NOT absl_FOUND)
    list(APPEND missing absl)
  elseif(NOT TARGET meshlib_dep::absl)
    add_library(meshlib_dep::absl INTERFACE IMPORTED GLOBAL)
    set_property(TARGET meshlib_dep::absl PROPERTY INTERFACE_LINK_LIBRARIES
      ${parts} Threads::Threads)
  endif()
endmacro()

macro(_meshlib_find_private_dependencies)
  # Protobuf before gRPC: its own configuration (Conan has one), else CMake's FindProtobuf, for
  # Debian has none and gRPC's configuration relies on the module.
  if(NOT TARGET protobuf::libprotobuf)
    find_package(protobuf CONFIG QUIET)
  endif()
  if(NOT TARGET protobuf::libprotobuf)
    find_package(Protobuf QUIET)
  endif()
  find_package(gRPC CONFIG QUIET)
  find_package(yaml-cpp CONFIG QUIET)
  find_package(c-ares CONFIG QUIET)
  find_package(re2 CONFIG QUIET)
  _meshlib_dep(protobuf "protobuf" protobuf::libprotobuf)
  _meshlib_dep(grpcpp "grpc++" gRPC::grpc++)
  _meshlib_dep(yaml_cpp "yaml-cpp" yaml-cpp::yaml-cpp yaml-cpp)
  _meshlib_dep(cares "libcares" c-ares::cares)
  _meshlib_dep(re2 "re2" re2::re2)
endmacro()

# Finds what whoever links meshlib must have (PUBLIC), or all that meshlib is made of (ALL: to build
# it, and to link it statically). Sets <out> to the names of those that are not there.
function(meshlib_find_dependencies which out)
  set(missing "")
  _meshlib_find_public_dependencies()
  if(which STREQUAL "ALL")
    _meshlib_find_private_dependencies()
  endif()
  set(${out} "${missing}" PARENT_SCOPE)
endfunction()
