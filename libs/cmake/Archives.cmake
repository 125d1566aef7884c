# mostove_link_archives(NAMESPACE...): has protobuf, gRPC and Abseil linked from
# their archives instead of the shared libraries, which are all that Debian's
# packages for CMake name. A call into a shared library goes through tables, and
# a request makes thousands of them.
function(mostove_link_archives)
  get_property(targets DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTY IMPORTED_TARGETS)
  foreach(target ${targets})
    string(REGEX REPLACE "::.*" "" namespace ${target})
    if(NOT namespace IN_LIST ARGN)
      continue()
    endif()
    foreach(property IMPORTED_LOCATION IMPORTED_LOCATION_NONE IMPORTED_LOCATION_RELEASE)
      get_target_property(location ${target} ${property})
      string(REGEX REPLACE "[.]so[.0-9]*$" ".a" archive "${location}")
      if(NOT archive STREQUAL location AND EXISTS ${archive})
        set_property(TARGET ${target} PROPERTY ${property} ${archive})
      endif()
    endforeach()
  endforeach()
endfunction()
