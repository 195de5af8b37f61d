cmake_minimum_required(VERSION 3.25)
# Fails where the name of a test case does not begin with its module, by which it is found, and where a program has none.
# cmake -DPROGRAM=… -DLIST=… -DMODULE=… -P check_names.cmake: LIST is what makes the program print a name a line.
execute_process(COMMAND ${PROGRAM} ${LIST} OUTPUT_VARIABLE names)
string(REGEX REPLACE "[][;]" "_" names "${names}") # which have a meaning in a list
string(REPLACE "\n" ";" names "${names}")
foreach(name IN LISTS names)
  if(name MATCHES "^${MODULE}::")
    set(found TRUE)
  elseif(name)
    message(SEND_ERROR "the test case \"${name}\" is in the folder of ${MODULE}")
  endif()
endforeach()
if(NOT found)
  message(SEND_ERROR "no test case of ${MODULE} is listed")
endif()
