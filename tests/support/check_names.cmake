# Fails where a test case would be run by none of the tests, since its name does not begin with a room.
execute_process(COMMAND ${PROGRAM} --list-test-names-only OUTPUT_VARIABLE names)
string(REPLACE "\n" ";" names "${names}")
foreach(name IN LISTS names)
  if(NOT name MATCHES "^(base|io|http|config|auth|sailpoint|app|commands|cli|docs|sandbox)::|^$")
    message(SEND_ERROR "no room runs the test case \"${name}\"")
  endif()
endforeach()
