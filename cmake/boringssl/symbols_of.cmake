# SPDX-License-Identifier: Apache-2.0
# symbols_of(<out> <nm> <list file>): the global names that the objects named in the file define,
# each as "TYPE NAME" with nm's letter for the type, sorted.
function(symbols_of out nm list_file)
  file(STRINGS "${list_file}" objects)
  list(LENGTH objects count)
  set(text "")
  set(first 0)
  while(first LESS count)  # in slices: a command line has a longest length
    list(SUBLIST objects ${first} 100 slice)
    execute_process(COMMAND "${nm}" -g -P ${slice}
      OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE status)
    if(NOT status EQUAL 0)  # an object without symbols is no failure to nm
      message(FATAL_ERROR "${nm} failed: ${errors}")
    endif()
    string(APPEND text "${output}")
    math(EXPR first "${first} + 100")
  endwhile()
  # POSIX form, "NAME TYPE [VALUE [SIZE]]". U, and w without a value, are not definitions.
  string(REGEX MATCHALL "[^\n]+ [A-TV-ZVuvi] [^\n]*" lines "${text}")
  set(result "")
  foreach(line IN LISTS lines)
    if(line MATCHES "^([^ ]+) ([A-Zuvi]) ")
      list(APPEND result "${CMAKE_MATCH_2} ${CMAKE_MATCH_1}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES result)
  list(SORT result)
  set(${out} "${result}" PARENT_SCOPE)
endfunction()
