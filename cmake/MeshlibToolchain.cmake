# SPDX-License-Identifier: Apache-2.0
# How this project is compiled: standard, warnings, sanitizers, ccache and mold where present.
# Nothing here reaches a consumer.
include_guard(GLOBAL)

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()
  find_program(MESHLIB_CCACHE ccache)
  set(meshlib_ccache ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1)
  cmake_path(IS_PREFIX PROJECT_SOURCE_DIR "${PROJECT_BINARY_DIR}" NORMALIZE meshlib_build_is_inside)
  if(meshlib_build_is_inside)
    # Build trees at the same place below their sources share objects, wherever the sources are.
    list(APPEND meshlib_ccache "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}")
  endif()
  foreach(language C CXX)
    if(MESHLIB_CCACHE AND NOT CMAKE_${language}_COMPILER_LAUNCHER)
      set(CMAKE_${language}_COMPILER_LAUNCHER ${meshlib_ccache} ${MESHLIB_CCACHE})
    endif()
  endforeach()
endif()

# A static library that no shared one will take in may go without position-independent code, when it
# is asked to. (Tests make the shared one of the same objects.)
set(meshlib_pic ON)
if(DEFINED CMAKE_POSITION_INDEPENDENT_CODE AND NOT CMAKE_POSITION_INDEPENDENT_CODE
   AND NOT BUILD_SHARED_LIBS AND NOT MESHLIB_BUILD_TESTS)
  set(meshlib_pic OFF)
endif()

# Private compile settings of every target of ours.
add_library(meshlib_toolchain INTERFACE)
target_compile_features(meshlib_toolchain INTERFACE cxx_std_20)
target_compile_options(meshlib_toolchain INTERFACE -Wall -Wextra -Wshadow -Wconversion
  -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Designated initializers leave members to their defaults on purpose.
  target_compile_options(meshlib_toolchain INTERFACE -Wno-missing-field-initializers)
else()
  target_compile_options(meshlib_toolchain INTERFACE -Wthread-safety
    -Wno-missing-field-initializers -Wno-missing-designated-field-initializers
    -Wno-unknown-warning-option)
endif()
if(MESHLIB_SANITIZER)
  target_compile_options(meshlib_toolchain INTERFACE -fsanitize=${MESHLIB_SANITIZER}
    -fno-omit-frame-pointer)
  target_link_options(meshlib_toolchain INTERFACE -fsanitize=${MESHLIB_SANITIZER})
  if(MESHLIB_SANITIZER MATCHES "thread")
    # Where protobuf's headers see this macro, messages have other layouts than in the library that
    # the distribution has built without it.
    target_compile_options(meshlib_toolchain INTERFACE -U__SANITIZE_THREAD__)
  endif()
endif()
find_program(MESHLIB_MOLD mold)
if(MESHLIB_MOLD AND PROJECT_IS_TOP_LEVEL)
  target_link_options(meshlib_toolchain INTERFACE -fuse-ld=mold)
endif()
