cmake_minimum_required(VERSION 3.25)
# Fails where a test case would be run by none of the tests, since its name does not begin with a room, and where a room has none.
# cmake -DPROGRAM=… -DLIST=… -DROOMS=… -P check_names.cmake: LIST is what makes the program print a name a line.
execute_process(COMMAND ${PROGRAM} ${LIST} OUTPUT_VARIABLE names)
string(REGEX REPLACE "[][;]" "_" names "${names}") # which have a meaning in a list
string(REPLACE "\n" ";" names "${names}")
foreach(name IN LISTS names)
  if(name MATCHES "^([a-z]+)::" AND CMAKE_MATCH_1 IN_LIST ROOMS)
    list(APPEND found ${CMAKE_MATCH_1})
  elseif(name)
    message(SEND_ERROR "no room runs the test case \"${name}\"")
  endif()
endforeach()
foreach(room IN LISTS ROOMS)
  if(NOT room IN_LIST found)
    message(SEND_ERROR "no test case of ${room} is listed")
  endif()
endforeach()
