# One name, meshlib_dep::<x>, for each dependency, whoever provides it: CMake configurations, Find
# modules or pkg-config. The build and the installed meshlibConfig.cmake use this same file.
include_guard(GLOBAL)

find_package(Threads REQUIRED)
if(NOT TARGET protobuf::libprotobuf)
  find_package(protobuf CONFIG QUIET)
endif()
if(NOT TARGET protobuf::libprotobuf)
  find_package(Protobuf REQUIRED)
endif()
find_package(gRPC CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(PkgConfig REQUIRED)

# _meshlib_dep(<x> <pkg-config module> <candidate target>...)
function(_meshlib_dep name module)
  if(TARGET meshlib_dep::${name})
    return()
  endif()
  add_library(meshlib_dep::${name} INTERFACE IMPORTED GLOBAL)
  foreach(candidate IN LISTS ARGN)
    if(TARGET ${candidate})
      set_property(TARGET meshlib_dep::${name} PROPERTY INTERFACE_LINK_LIBRARIES ${candidate})
      return()
    endif()
  endforeach()
  pkg_check_modules(meshlib_pc_${name} QUIET REQUIRED IMPORTED_TARGET GLOBAL ${module})
  set_property(TARGET meshlib_dep::${name} PROPERTY INTERFACE_LINK_LIBRARIES
               PkgConfig::meshlib_pc_${name})
endfunction()

_meshlib_dep(protobuf "protobuf" protobuf::libprotobuf)
_meshlib_dep(grpcpp "grpc++" gRPC::grpc++)
_meshlib_dep(yaml_cpp "yaml-cpp" yaml-cpp::yaml-cpp yaml-cpp)
_meshlib_dep(cares "libcares" c-ares::cares)
_meshlib_dep(re2 "re2" re2::re2)
if(NOT TARGET meshlib_dep::absl)
  add_library(meshlib_dep::absl INTERFACE IMPORTED GLOBAL)
  set_property(TARGET meshlib_dep::absl PROPERTY INTERFACE_LINK_LIBRARIES absl::status
    absl::statusor absl::strings absl::str_format absl::time absl::flat_hash_map
    absl::flat_hash_set absl::any_invocable absl::function_ref absl::core_headers Threads::Threads)
endif()
