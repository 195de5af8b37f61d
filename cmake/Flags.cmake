# Compile and link flags that every target of the project shares.
add_library(jit_flags INTERFACE)
target_compile_options(jit_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wimplicit-fallthrough
  # g++ 12 warns of `"literal" + std::string` without a reason (GCC bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
if(JIT_WERROR)
  target_compile_options(jit_flags INTERFACE -Werror)
endif()
if(JIT_SANITIZE)
  target_compile_options(jit_flags INTERFACE -fsanitize=${JIT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(jit_flags INTERFACE -fsanitize=${JIT_SANITIZE})
elseif(JIT_COVERAGE)
  target_compile_options(jit_flags INTERFACE --coverage)
  target_link_options(jit_flags INTERFACE --coverage)
else()
  target_compile_options(jit_flags INTERFACE -ffunction-sections -fdata-sections -fstack-protector-strong)
  target_compile_definitions(jit_flags INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
  # The same programs from whatever directory.
  target_compile_options(jit_flags INTERFACE $<$<CONFIG:Release>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>)
  if(NOT APPLE)
    target_link_options(jit_flags INTERFACE -Wl,--gc-sections -Wl,--as-needed)
  endif()
  if(JIT_STATIC_RUNTIME)
    target_link_options(jit_flags INTERFACE -static-libstdc++ -static-libgcc)
  endif()
endif()

# jit_room(NAME LINKS... ): one room of the house: a static library of all sources in its folder, which links only rooms
# below it.
function(jit_room name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  add_library(jit_${name} STATIC ${sources})
  target_include_directories(jit_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(jit_${name} PUBLIC jit_flags ${ARGN})
endfunction()
