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
  target_compile_definitions(jit_flags INTERFACE JIT_SANITIZED)
endif()
if(JIT_SANITIZE AND JIT_TESTS AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # As a library, which g++ has anyway: the one in the program waits for itself where faketime is loaded before it.
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libclang_rt.asan-${CMAKE_SYSTEM_PROCESSOR}.so
    OUTPUT_VARIABLE runtime OUTPUT_STRIP_TRAILING_WHITESPACE)
  cmake_path(GET runtime PARENT_PATH runtime)
  target_link_options(jit_flags INTERFACE -shared-libasan)
  target_compile_options(jit_flags INTERFACE -fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/tests/fuzz/ignorelist.txt)
  set(CMAKE_BUILD_RPATH ${runtime})
  set(CMAKE_INSTALL_RPATH ${runtime})
endif()
if(JIT_COVERAGE)
  target_compile_options(jit_flags INTERFACE --coverage)
  target_link_options(jit_flags INTERFACE --coverage)
endif()
if(NOT JIT_SANITIZE AND NOT JIT_COVERAGE)
  target_compile_options(jit_flags INTERFACE -ffunction-sections -fdata-sections -fstack-protector-strong)
  # What is released is hardened. The programs are the same from whatever directory.
  set(hardened -fPIE -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
  if(NOT APPLE)
    list(APPEND hardened -fstack-clash-protection)
  endif()
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i.86)$")
    list(APPEND hardened -fcf-protection=full)
  endif()
  set(released $<NOT:$<CONFIG:Debug>>)
  target_compile_options(jit_flags INTERFACE "$<${released}:${hardened}>")
  target_compile_definitions(jit_flags INTERFACE $<${released}:_FORTIFY_SOURCE=2> $<${released}:_GLIBCXX_ASSERTIONS>)
  if(NOT APPLE)
    # Relocations are done, and their table is closed, before main.
    target_link_options(jit_flags INTERFACE "$<${released}:-pie>" -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
      -Wl,--gc-sections -Wl,--as-needed)
  endif()
  if(JIT_STATIC_RUNTIME)
    target_link_options(jit_flags INTERFACE -static-libstdc++ -static-libgcc)
  endif()
endif()

# jit_add_module(NAME LINKS... ): one module: a static library of all sources in its folder, which links only modules
# below it.
function(jit_add_module name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  add_library(jit_${name} STATIC ${sources})
  target_include_directories(jit_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(jit_${name} PUBLIC jit_flags ${ARGN})
endfunction()
