cmake_minimum_required(VERSION 3.25)
# Fails where a test case would be run by none of the tests, since its name does not begin with a module, and where a module has none.
# cmake -DPROGRAM=… -DLIST=… -DMODULES=… -P check_names.cmake: LIST is what makes the program print a name a line.
execute_process(COMMAND ${PROGRAM} ${LIST} OUTPUT_VARIABLE names)
string(REGEX REPLACE "[][;]" "_" names "${names}") # which have a meaning in a list
string(REPLACE "\n" ";" names "${names}")
foreach(name IN LISTS names)
  if(name MATCHES "^([a-z]+)::" AND CMAKE_MATCH_1 IN_LIST MODULES)
    list(APPEND found ${CMAKE_MATCH_1})
  elseif(name)
    message(SEND_ERROR "no module runs the test case \"${name}\"")
  endif()
endforeach()
foreach(module IN LISTS MODULES)
  if(NOT module IN_LIST found)
    message(SEND_ERROR "no test case of ${module} is listed")
  endif()
endforeach()
