# Third-party libraries as one target each. Headers come in as system headers; C++ libraries are linked statically
# where a static archive is there, because loading them at every start costs more than the work they do.

# jit_library(TARGET HEADER NAME): an imported library found by header and (static first) archive.
function(jit_library target header name)
  find_path(${target}_include ${header} REQUIRED)
  find_library(${target}_archive NAMES lib${name}.a ${name} REQUIRED)
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} SYSTEM INTERFACE ${${target}_include})
  target_link_libraries(${target} INTERFACE ${${target}_archive})
endfunction()

jit_library(jit_yaml yaml-cpp/yaml.h yaml-cpp)
jit_library(jit_utf8proc utf8proc.h utf8proc)
target_compile_definitions(jit_utf8proc INTERFACE UTF8PROC_STATIC)

find_path(jit_rapidjson_include rapidjson/rapidjson.h REQUIRED)
add_library(jit_rapidjson INTERFACE)
target_include_directories(jit_rapidjson SYSTEM INTERFACE ${jit_rapidjson_include})

find_path(jit_cli11_include CLI/CLI.hpp REQUIRED)
add_library(jit_cli11 INTERFACE)
target_include_directories(jit_cli11 SYSTEM INTERFACE ${jit_cli11_include})

add_library(jit_spdlog INTERFACE)
target_link_libraries(jit_spdlog INTERFACE spdlog::spdlog_header_only)
get_target_property(jit_spdlog_include spdlog::spdlog_header_only INTERFACE_INCLUDE_DIRECTORIES)
if(jit_spdlog_include)
  target_include_directories(jit_spdlog SYSTEM INTERFACE ${jit_spdlog_include})
endif()
find_package(fmt QUIET)
if(fmt_FOUND)
  target_compile_definitions(jit_spdlog INTERFACE FMT_HEADER_ONLY=1)
endif()

add_library(jit_beast INTERFACE)
target_include_directories(jit_beast SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
target_link_libraries(jit_beast INTERFACE OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
