# SPDX-License-Identifier: Apache-2.0
# Script: fails when the objects listed in OBJECTS define a strong global name without PREFIX, for
# such a name could be taken for OpenSSL's by another library of the process. Writes STAMP.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/symbols_of.cmake")

symbols_of(defined "${NM}" "${OBJECTS}")
set(bad "")
foreach(symbol IN LISTS defined)
  if(symbol MATCHES "^. _?${PREFIX}_" OR symbol MATCHES "_Z.*${PREFIX}")
    continue()
  endif()
  # Weak and unique names: templates of the C++ library, helpers of the compiler and sanitizers.
  if(symbol MATCHES "^[VWuvi] " AND NOT symbol MATCHES "4bssl")
    continue()
  endif()
  if(symbol MATCHES "^. (__x86\\.|DW\\.ref|__odr_asan)")
    continue()
  endif()
  list(APPEND bad "${symbol}")
endforeach()

list(LENGTH defined count)
if(count LESS 1000)
  message(FATAL_ERROR "BoringSSL: nm named only ${count} symbols; nothing was checked")
endif()
if(bad)
  list(JOIN bad "\n  " bad)
  message(FATAL_ERROR "BoringSSL: global names without the prefix ${PREFIX}:\n  ${bad}")
endif()
file(WRITE "${STAMP}" "${count} names\n")
