# SPDX-License-Identifier: Apache-2.0
# What a C++ compiler must be, to build meshlib and to use it. The build and the installed
# meshlibConfig.cmake use this same file; include/meshlib/export.h says it to the compiler itself.
include_guard(GLOBAL)

# Sets <out> to what is missing, in a sentence; empty if nothing is.
function(meshlib_unmet_requirement out)
  set(needs "meshlib needs C++20: g++ 12 or newer, or clang++ 16 or newer")
  set(unmet "")
  if(NOT CMAKE_CXX_COMPILER_ID)
    set(unmet "${needs}; this project does not enable the language CXX")
  elseif((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
      OR (CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
      OR NOT "cxx_std_20" IN_LIST CMAKE_CXX_COMPILE_FEATURES)
    set(unmet "${needs}; ${CMAKE_CXX_COMPILER} is ${CMAKE_CXX_COMPILER_ID} \
${CMAKE_CXX_COMPILER_VERSION}")
  endif()
  set(${out} "${unmet}" PARENT_SCOPE)
endfunction()
