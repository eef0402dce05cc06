# SPDX-License-Identifier: Apache-2.0
# A BoringSSL of our own inside libmeshlib. Its C names carry a prefix, its C++ names an inline
# namespace, and all of them are hidden, so that a process may use OpenSSL as well (gRPC does).
#
#   meshlib_bssl_crypto, meshlib_bssl_ssl  OBJECT libraries, for libmeshlib to absorb
#   meshlib_bssl                           the same as an archive, for programs made of stages
#   meshlib_bssl_checked                   proof that no global name lacks the prefix
#   meshlib_use_boringssl(<target>)        lets <target> include BoringSSL's headers
#
# Three layouts of source are understood: Debian's of Android (android-sources.cmake), and
# BoringSSL's releases (gen/sources.cmake) with or without prefix headers of their own.
include_guard(GLOBAL)

set(MESHLIB_BORINGSSL_SOURCE_DIR "" CACHE PATH
  "BoringSSL's source; empty: Debian's is fetched when the build is configured")
set(MESHLIB_BORINGSSL_PREFIX "meshlib_bssl" CACHE STRING "Prefix of BoringSSL's names")
set(MESHLIB_BORINGSSL_SYMBOLS "" CACHE FILEPATH
  "C names to prefix, one a line; empty: as recorded for the revision, else found by compiling twice")
mark_as_advanced(MESHLIB_BORINGSSL_PREFIX MESHLIB_BORINGSSL_SYMBOLS)

set(meshlib_bssl_here "${CMAKE_CURRENT_LIST_DIR}")
set(meshlib_bssl_out "${MESHLIB_GENERATED_DIR}/src/tls/boringssl")

# ---- where the source is -----------------------------------------------------------------------

# Sets <out> to the directory of the source, fetched if it must be: one for all the build trees of a
# checkout of ours, or one inside the build tree of a project that includes us.
function(meshlib_bssl_source out)
  if(MESHLIB_BORINGSSL_SOURCE_DIR)
    get_filename_component(dir "${MESHLIB_BORINGSSL_SOURCE_DIR}" ABSOLUTE
      BASE_DIR "${CMAKE_SOURCE_DIR}")
  elseif(PROJECT_IS_TOP_LEVEL OR EXISTS "${PROJECT_SOURCE_DIR}/build/boringssl-source/.complete")
    set(dir "${PROJECT_SOURCE_DIR}/build/boringssl-source")
  else()
    set(dir "${meshlib_bssl_out}/source")
  endif()
  if(NOT MESHLIB_BORINGSSL_SOURCE_DIR AND NOT EXISTS "${dir}/.complete")
    message(STATUS "BoringSSL: fetching Debian's source package")
    file(LOCK "${dir}.lock" GUARD FUNCTION TIMEOUT 600)
    execute_process(COMMAND sh "${meshlib_bssl_here}/fetch_boringssl.sh" "${dir}"
      RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
      message(FATAL_ERROR "BoringSSL: no source. Where a Debian archive can be reached, run\n"
        "  ${meshlib_bssl_here}/fetch_boringssl.sh DIR\n"
        "and configure with -DMESHLIB_BORINGSSL_SOURCE_DIR=DIR; or give the directory of an "
        "unpacked BoringSSL release.")
    endif()
  endif()
  set(${out} "${dir}" PARENT_SCOPE)
endfunction()

# ---- which files -------------------------------------------------------------------------------

# Both set, in the caller: crypto, ssl, assembly (lists of files), include (a directory).
macro(meshlib_bssl_files_of_android source)
  set(BORINGSSL_ROOT "${source}/")
  include("${source}/android-sources.cmake")
  set(include "${source}/src/include")
  set(crypto ${crypto_sources})
  set(ssl ${ssl_sources})
  set(assembly "")
  string(TOLOWER "${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" platform)
  if(platform MATCHES "^linux-(x86_64|amd64)$")
    set(assembly ${crypto_sources_linux_x86_64})
  elseif(platform MATCHES "^linux-(aarch64|arm64)$")
    set(assembly ${crypto_sources_linux_aarch64})
  elseif(platform MATCHES "^darwin-(aarch64|arm64)$")
    set(assembly ${crypto_sources_apple_aarch64})
  elseif(platform STREQUAL "darwin-x86_64")
    set(assembly ${crypto_sources_apple_x86_64})
  endif()
endmacro()

macro(meshlib_bssl_files_of_release source)
  include("${source}/gen/sources.cmake")
  set(include "${source}/include")
  set(crypto ${BCM_SOURCES} ${CRYPTO_SOURCES})
  set(ssl ${SSL_SOURCES})
  set(assembly ${BCM_SOURCES_ASM} ${CRYPTO_SOURCES_ASM})  # each for itself knows its platform
  foreach(files crypto ssl assembly)
    list(TRANSFORM ${files} PREPEND "${source}/")
  endforeach()
endmacro()

meshlib_bssl_source(source)
if(EXISTS "${source}/android-sources.cmake")
  meshlib_bssl_files_of_android("${source}")
elseif(EXISTS "${source}/gen/sources.cmake")
  meshlib_bssl_files_of_release("${source}")
else()
  message(FATAL_ERROR "BoringSSL: ${source} has neither android-sources.cmake nor "
    "gen/sources.cmake; it is no source of BoringSSL that this build understands")
endif()
set(revision "unknown")
if(EXISTS "${source}/BORINGSSL_REVISION")
  file(STRINGS "${source}/BORINGSSL_REVISION" revision LIMIT_COUNT 1)
elseif(EXISTS "${source}/MODULE.bazel")
  file(STRINGS "${source}/MODULE.bazel" lines REGEX "^ *version = \"[^\"]*\"" LIMIT_COUNT 1)
  string(REGEX MATCH "[0-9][0-9.]*" revision "${lines}")
endif()

# ---- how they are compiled ---------------------------------------------------------------------

if(MESHLIB_SANITIZER AND NOT CMAKE_C_COMPILER_ID STREQUAL CMAKE_CXX_COMPILER_ID)
  message(FATAL_ERROR "BoringSSL: a sanitizer needs C and C++ compilers of one kind; these are "
    "${CMAKE_C_COMPILER} and ${CMAKE_CXX_COMPILER}. Set CMAKE_C_COMPILER as well.")
endif()

# An OBJECT library of the files. Optimized in every configuration: what is debugged is not this.
function(meshlib_bssl_objects name)
  add_library(${name} OBJECT ${ARGN})
  set_target_properties(${name} PROPERTIES C_STANDARD 11 CXX_STANDARD 17
    POSITION_INDEPENDENT_CODE ${meshlib_pic}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    C_CLANG_TIDY "" CXX_CLANG_TIDY "" UNITY_BUILD OFF EXPORT_COMPILE_COMMANDS OFF)
  target_include_directories(${name} BEFORE PRIVATE "${include}")
  target_compile_definitions(${name} PRIVATE BORINGSSL_IMPLEMENTATION
    $<$<NOT:$<CONFIG:Debug>>:NDEBUG> $<$<PLATFORM_ID:Linux>:_XOPEN_SOURCE=700>)
  if(NOT assembly)
    target_compile_definitions(${name} PRIVATE OPENSSL_NO_ASM)
  endif()
  set(code "$<NOT:$<COMPILE_LANGUAGE:ASM>>")
  target_compile_options(${name} PRIVATE -w "-ffile-prefix-map=${source}=boringssl"
    $<${code}:-fno-common> $<${code}:-fno-strict-aliasing>
    $<$<NOT:$<CONFIG:Release>>:-O2> $<$<NOT:$<CONFIG:RelWithDebInfo>>:-g0>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions> $<$<COMPILE_LANGUAGE:ASM>:-Wa,--noexecstack>)
  # Its accesses to memory that is ours are checked; its own arithmetic is not, which would make
  # the compiler twice as slow.
  string(REGEX MATCH "address|thread|memory" sanitizer "${MESHLIB_SANITIZER}")
  if(sanitizer)
    target_compile_options(${name} PRIVATE
      $<${code}:-fsanitize=${sanitizer}> $<${code}:-fno-omit-frame-pointer>)
  endif()
endfunction()

meshlib_bssl_objects(meshlib_bssl_crypto ${crypto} ${assembly})
meshlib_bssl_objects(meshlib_bssl_ssl ${ssl})

add_library(meshlib_bssl_headers INTERFACE)
target_include_directories(meshlib_bssl_headers SYSTEM BEFORE INTERFACE
  "${include}" "${meshlib_bssl_out}/prefix")
target_compile_definitions(meshlib_bssl_headers INTERFACE
  BORINGSSL_PREFIX=${MESHLIB_BORINGSSL_PREFIX})

# What includes BoringSSL's headers is compiled after the prefix header was made.
function(meshlib_use_boringssl target)
  target_link_libraries(${target} PRIVATE meshlib_bssl_headers)
  if(TARGET meshlib_bssl_prefix)
    add_dependencies(${target} meshlib_bssl_prefix)
  endif()
endfunction()

# ---- the prefix header -------------------------------------------------------------------------

function(meshlib_bssl_prefix_from_list list)
  message(STATUS "BoringSSL: ${revision}, names to prefix from ${list}")
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DLIST=${list}" "-DOUT=${meshlib_bssl_out}/prefix"
    -P "${meshlib_bssl_here}/prefix_header.cmake" COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    "${list}" "${meshlib_bssl_here}/prefix_header.cmake")
endfunction()

function(meshlib_bssl_prefix_from_first_pass)
  message(STATUS "BoringSSL: ${revision}, no list of names to prefix: compiles twice")
  meshlib_bssl_objects(meshlib_bssl_plain EXCLUDE_FROM_ALL ${crypto} ${assembly} ${ssl})
  set(objects "${meshlib_bssl_out}/plain_objects.txt")
  file(GENERATE OUTPUT "${objects}" CONTENT "$<JOIN:$<TARGET_OBJECTS:meshlib_bssl_plain>,\n>")
  set(headers "${meshlib_bssl_out}/prefix/boringssl_prefix_symbols.h"
    "${meshlib_bssl_out}/prefix/boringssl_prefix_symbols_asm.h")
  add_custom_command(OUTPUT "${meshlib_bssl_out}/symbols.txt" BYPRODUCTS ${headers}
    COMMAND "${CMAKE_COMMAND}" "-DNM=${CMAKE_NM}" "-DOBJECTS=${objects}"
      "-DLIST=${meshlib_bssl_out}/symbols.txt" "-DOUT=${meshlib_bssl_out}/prefix"
      -P "${meshlib_bssl_here}/prefix_header.cmake"
    DEPENDS meshlib_bssl_plain $<TARGET_OBJECTS:meshlib_bssl_plain>
      "${meshlib_bssl_here}/prefix_header.cmake" "${meshlib_bssl_here}/symbols_of.cmake"
    COMMENT "BoringSSL: listing names" VERBATIM)
  add_custom_target(meshlib_bssl_prefix DEPENDS "${meshlib_bssl_out}/symbols.txt")
  add_dependencies(meshlib_bssl_prefix meshlib_bssl_plain)  # Makefiles order targets only
endfunction()

# A release's own header has no names of classes, which have constructors with external linkage
# when they are in the global namespace.
function(meshlib_bssl_complete_own_prefixes)
  message(STATUS "BoringSSL: ${revision}, with prefix headers of its own")
  file(READ "${include}/openssl/prefix_symbols.h" header)
  foreach(class ssl_st ssl_ctx_st ssl_session_st)
    if(NOT header MATCHES "define ${class} ")
      target_compile_definitions(meshlib_bssl_headers INTERFACE
        ${class}=${MESHLIB_BORINGSSL_PREFIX}_${class})
    endif()
  endforeach()
endfunction()

if(EXISTS "${include}/openssl/prefix_symbols.h")
  meshlib_bssl_complete_own_prefixes()
elseif(MESHLIB_BORINGSSL_SYMBOLS)
  meshlib_bssl_prefix_from_list("${MESHLIB_BORINGSSL_SYMBOLS}")
elseif(EXISTS "${meshlib_bssl_here}/symbols-${revision}.txt")
  meshlib_bssl_prefix_from_list("${meshlib_bssl_here}/symbols-${revision}.txt")
else()
  meshlib_bssl_prefix_from_first_pass()
endif()
meshlib_use_boringssl(meshlib_bssl_crypto)
meshlib_use_boringssl(meshlib_bssl_ssl)

# ---- the proof, and the archive ----------------------------------------------------------------

set(checked "${meshlib_bssl_out}/prefix_checked.stamp")
file(GENERATE OUTPUT "${meshlib_bssl_out}/objects.txt" CONTENT
  "$<JOIN:$<TARGET_OBJECTS:meshlib_bssl_crypto>,\n>\n$<JOIN:$<TARGET_OBJECTS:meshlib_bssl_ssl>,\n>")
add_custom_command(OUTPUT "${checked}"
  COMMAND "${CMAKE_COMMAND}" "-DNM=${CMAKE_NM}" "-DOBJECTS=${meshlib_bssl_out}/objects.txt"
    "-DPREFIX=${MESHLIB_BORINGSSL_PREFIX}" "-DSTAMP=${checked}"
    -P "${meshlib_bssl_here}/prefix_check.cmake"
  DEPENDS $<TARGET_OBJECTS:meshlib_bssl_crypto> $<TARGET_OBJECTS:meshlib_bssl_ssl>
    "${meshlib_bssl_here}/prefix_check.cmake" "${meshlib_bssl_here}/symbols_of.cmake"
  COMMENT "BoringSSL: checking prefixes" VERBATIM)
add_custom_target(meshlib_bssl_checked DEPENDS "${checked}")
add_dependencies(meshlib_bssl_checked meshlib_bssl_crypto meshlib_bssl_ssl)

add_library(meshlib_bssl STATIC EXCLUDE_FROM_ALL
  $<TARGET_OBJECTS:meshlib_bssl_crypto> $<TARGET_OBJECTS:meshlib_bssl_ssl>)
set_target_properties(meshlib_bssl PROPERTIES LINKER_LANGUAGE CXX EXPORT_COMPILE_COMMANDS OFF)
target_link_libraries(meshlib_bssl INTERFACE Threads::Threads)
add_dependencies(meshlib_bssl meshlib_bssl_checked)
