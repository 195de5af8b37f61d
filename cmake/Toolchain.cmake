# What makes the developers' builds faster where it is installed: ccache, and a fast linker. Releases use neither the
# fast linker nor anything else that a distribution's compiler would not choose by itself.
find_program(JIT_CCACHE ccache)
if(JIT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${JIT_CCACHE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug" AND UNIX AND NOT APPLE)
  find_program(JIT_FAST_LINKER NAMES mold ld.lld)
  if(JIT_FAST_LINKER MATCHES "mold$")
    add_link_options(-fuse-ld=mold)
  elseif(JIT_FAST_LINKER)
    add_link_options(-fuse-ld=lld)
  endif()
endif()
