# Run by CPack between installing and packing: what Debian wants otherwise than `cmake --install` puts it in place.
set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}/share)
set(doc ${share}/doc/${CPACK_PACKAGE_NAME})
file(REMOVE ${doc}/LICENSE) # is in copyright
if(EXISTS ${share}/zsh/site-functions)
  file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
endif()
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
file(COPY ${CPACK_JIT_DEBIAN_CHANGELOG} DESTINATION ${doc})
file(GLOB_RECURSE pages ${share}/man/*.[1-9])
execute_process(COMMAND gzip -9n ${doc}/changelog ${doc}/changelog.Debian ${pages} COMMAND_ERROR_IS_FATAL ANY)
