# SPDX-License-Identifier: Apache-2.0
# A stage is one folder of src/: one namespace, one OBJECT library meshlib_<name>.
#
#   meshlib_stage(route SOURCES route_table.cc DEPENDS base resource LINKS meshlib_dep::re2)
#   meshlib_test(route SOURCES route_table_test.cc DEPENDS route)
#
# Objects do not travel transitively: a test links the closure of its stages, computed here from
# the property MESHLIB_DEPENDS. A dependency that is not declared is a link error in the tests.
#
# OBJECT libraries of code that is not ours (ABSORBS) go into libmeshlib with the stage; a program
# made of stages links the same code as an archive, by LINKS.
#
# A stage with generated headers names them (GENERATED_INCLUDES, GENERATED_HEADERS): whoever depends
# on it finds them, and is compiled after they were made.
include_guard(GLOBAL)

add_custom_target(all_tests)

function(meshlib_stage name)
  cmake_parse_arguments(arg "" "GENERATED_INCLUDES" "SOURCES;DEPENDS;LINKS;ABSORBS;GENERATED_HEADERS"
    ${ARGN})
  set(target meshlib_${name})
  add_library(${target} OBJECT ${arg_SOURCES})
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/src"
    "${PROJECT_SOURCE_DIR}/include")
  target_link_libraries(${target} PRIVATE meshlib_toolchain ${arg_LINKS} meshlib_dep::absl)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ${meshlib_pic}
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    MESHLIB_DEPENDS "${arg_DEPENDS}" MESHLIB_LINKS "${arg_LINKS}" MESHLIB_ABSORBS "${arg_ABSORBS}")
  set_property(GLOBAL APPEND PROPERTY MESHLIB_STAGES ${name})
  if(arg_GENERATED_HEADERS)
    add_custom_target(${target}_generated DEPENDS ${arg_GENERATED_HEADERS})
    set_target_properties(${target} PROPERTIES MESHLIB_GENERATED "${arg_GENERATED_INCLUDES}")
  endif()
  meshlib_use_generated(${target} ${name} ${arg_DEPENDS})
endfunction()

# Lets <target> include the generated headers of the stages that are given. Stages are defined after
# those that they depend on.
function(meshlib_use_generated target)
  foreach(name IN LISTS ARGN)
    if(TARGET meshlib_${name}_generated)
      get_target_property(includes meshlib_${name} MESHLIB_GENERATED)
      target_include_directories(${target} SYSTEM PRIVATE "${includes}")
      add_dependencies(${target} meshlib_${name}_generated)
    endif()
  endforeach()
endfunction()

# Sets <out> to the given stages and all that they depend on.
function(meshlib_stage_closure out)
  set(open ${ARGN})
  set(closed "")
  while(open)
    list(POP_FRONT open name)
    if(NOT name IN_LIST closed)
      list(APPEND closed ${name})
      get_target_property(depends meshlib_${name} MESHLIB_DEPENDS)
      if(depends)
        list(APPEND open ${depends})
      endif()
    endif()
  endwhile()
  set(${out} ${closed} PARENT_SCOPE)
endfunction()

# Links the objects and the third parties of the closure of the stages into <target>.
function(meshlib_link_stages target)
  meshlib_stage_closure(closure ${ARGN})
  foreach(name IN LISTS closure)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:meshlib_${name}>)
    get_target_property(links meshlib_${name} MESHLIB_LINKS)
    if(links)
      target_link_libraries(${target} PRIVATE ${links})
    endif()
  endforeach()
  meshlib_use_generated(${target} ${closure})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src"
    "${PROJECT_SOURCE_DIR}/include")
  target_link_libraries(${target} PRIVATE meshlib_toolchain meshlib_dep::absl)
endfunction()

# Puts the objects of all stages, and what those absorb, into the library <target>.
function(meshlib_absorb_stages target)
  get_property(stages GLOBAL PROPERTY MESHLIB_STAGES)
  foreach(stage IN LISTS stages)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:meshlib_${stage}>)
    get_target_property(absorbed meshlib_${stage} MESHLIB_ABSORBS)
    foreach(objects IN LISTS absorbed)
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
    endforeach()
  endforeach()
  add_dependencies(${target} meshlib_bssl_checked)
  target_link_libraries(${target}
    PUBLIC meshlib_dep::absl
    PRIVATE meshlib_dep::re2 meshlib_dep::protobuf meshlib_dep::grpcpp meshlib_dep::cares
            meshlib_dep::yaml_cpp)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
endfunction()

# meshlib_executable(<name> SOURCES ... DEPENDS <stage>... LINKS ...)
function(meshlib_executable name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  meshlib_link_stages(${name} ${arg_DEPENDS})
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
endfunction()

# meshlib_test(<name> SOURCES ... DEPENDS <stage>... LINKS ...): one GoogleTest program
# <name>_test, registered with CTest as unit.<name>.
function(meshlib_test name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;DEPENDS;LINKS" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  meshlib_executable(${name}_test SOURCES ${arg_SOURCES} DEPENDS ${arg_DEPENDS}
    LINKS ${arg_LINKS} GTest::gmock_main GTest::gtest)
  target_include_directories(${name}_test PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(${name}_test PRIVATE
    MESHLIB_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/testdata")
  add_dependencies(all_tests ${name}_test)
  add_test(NAME ${arg_LABEL}.${name} COMMAND ${name}_test)
  set_tests_properties(${arg_LABEL}.${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300)
  meshlib_sanitizer_environment(${arg_LABEL}.${name})
endfunction()

# Lets a CTest test of a program that is made with a sanitizer use the distribution's libraries.
function(meshlib_sanitizer_environment test)
  if(MESHLIB_SANITIZER MATCHES "thread")
    set_tests_properties(${test} PROPERTIES ENVIRONMENT
      "TSAN_OPTIONS=ignore_noninstrumented_modules=1 suppressions=${PROJECT_SOURCE_DIR}/tests/tsan_suppressions.txt")
  endif()
endfunction()
