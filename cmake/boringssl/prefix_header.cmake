# SPDX-License-Identifier: Apache-2.0
# Script: writes OUT/boringssl_prefix_symbols.h and OUT/boringssl_prefix_symbols_asm.h, which
# BoringSSL includes when BORINGSSL_PREFIX is defined, from LIST: one C name a line. When NM and
# OBJECTS are given, LIST is an output too: the names that those objects define.
cmake_minimum_required(VERSION 3.25)

if(NM)
  include("${CMAKE_CURRENT_LIST_DIR}/symbols_of.cmake")
  symbols_of(defined "${NM}" "${OBJECTS}")
  set(names "")
  foreach(symbol IN LISTS defined)
    string(REGEX REPLACE "^. " "" name "${symbol}")
    # C++ names get the prefix from an inline namespace, but for functions and members of classes
    # of the global namespace. sdallocx is tcmalloc's, called where it exists. Names with two
    # underscores are the compiler's.
    if(symbol MATCHES "^[TDBR] _ZN?K?([0-9]+)([A-Za-z_].*)$")
      string(SUBSTRING "${CMAKE_MATCH_2}" 0 ${CMAKE_MATCH_1} name)
      if(NOT name STREQUAL "bssl")
        list(APPEND names "${name}")
      endif()
    elseif(name MATCHES "^[A-Za-z_]" AND NOT name MATCHES "^(_Z|__|_ITM_|DW\\.|sdallocx$)")
      list(APPEND names "${name}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES names)
  list(SORT names)
  list(JOIN names "\n" text)
  file(WRITE "${LIST}" "${text}\n")
else()
  file(STRINGS "${LIST}" names REGEX "^[A-Za-z_]")
endif()

# What a list may lack: the classes of the global namespace, and the weak memory hooks, which another
# library of the process may define.
list(APPEND names ssl_st ssl_ctx_st ssl_session_st
  OPENSSL_memory_alloc OPENSSL_memory_free OPENSSL_memory_get_size)
list(REMOVE_DUPLICATES names)

set(header "#pragma once\n")
string(APPEND header "#define BORINGSSL_ADD_PREFIX(a, b) BORINGSSL_ADD_PREFIX_INNER(a, b)\n"
  "#define BORINGSSL_ADD_PREFIX_INNER(a, b) a ## _ ## b\n")
set(assembly "#if !defined(__APPLE__)\n#include <boringssl_prefix_symbols.h>\n#else\n")
string(APPEND assembly
  "#define BORINGSSL_ADD_PREFIX_MAC_ASM(a, b) BORINGSSL_ADD_PREFIX_INNER_MAC_ASM(a, b)\n"
  "#define BORINGSSL_ADD_PREFIX_INNER_MAC_ASM(a, b) _ ## a ## _ ## b\n")
foreach(name IN LISTS names)
  string(APPEND header "#define ${name} BORINGSSL_ADD_PREFIX(BORINGSSL_PREFIX, ${name})\n")
  string(APPEND assembly
    "#define _${name} BORINGSSL_ADD_PREFIX_MAC_ASM(BORINGSSL_PREFIX, ${name})\n")
endforeach()
string(APPEND assembly "#endif\n")
file(MAKE_DIRECTORY "${OUT}")
# Unlike file(WRITE), leaves a file with the same content alone: nothing is compiled again.
file(CONFIGURE OUTPUT "${OUT}/boringssl_prefix_symbols.h" CONTENT "${header}" @ONLY)
file(CONFIGURE OUTPUT "${OUT}/boringssl_prefix_symbols_asm.h" CONTENT "${assembly}" @ONLY)
